/** What a claim can be said to be, and how several sayings make one. */

export type Agreement = 'shown' | 'shown in part' | 'not shown' | 'not tested here';

export function grade(shown: boolean, inPart: boolean): Agreement {
  return shown ? 'shown' : inPart ? 'shown in part' : 'not shown';
}

/** Several demands on ONE experiment: undecided while one is; in part when some are shown and some are not. */
export function together(agreements: readonly Agreement[]): Agreement {
  if (agreements.includes('not tested here')) return 'not tested here';
  if (agreements.every((agreement) => agreement === 'shown')) return 'shown';
  return agreements.every((agreement) => agreement === 'not shown') ? 'not shown' : 'shown in part';
}

/** One claim over several experiments (networks, panels): those not tested take the rest down to "in part", not to nothing. */
export function combined(agreements: readonly Agreement[]): Agreement {
  const tested = agreements.filter((agreement) => agreement !== 'not tested here');
  if (tested.length === 0) return 'not tested here';
  const all = together(tested);
  return all === 'shown' && tested.length < agreements.length ? 'shown in part' : all;
}

/** What a workbook concludes from: the largest preset (the last) that decides anything, else the first. */
export function decisive<T extends { agreement: Agreement }>(judged: readonly T[]): T {
  const last = judged.findLast(({ agreement }) => agreement !== 'not tested here') ?? judged[0];
  if (!last) throw new RangeError('nothing was judged: a workbook judges at least one preset');
  return last;
}
