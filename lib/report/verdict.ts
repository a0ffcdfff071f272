/** What a workbook concludes, and how the report reads it. The contract is described in README.md beside this file. */

/** The MIME type of the output that carries a workbook's verdict. */
export const VERDICT_MIME = 'application/vnd.l2-dynamics.verdict+json';

/** `not tested here`: the data in this checkout cannot decide the claim (said in `summary`). */
export const VERDICTS = ['shown', 'shown in part', 'not shown', 'not tested here'] as const;

export type VerdictWord = (typeof VERDICTS)[number];

/** Of one part of a claim. `undecided`: the logs allow both readings, or there are too few of them. */
export const PART_VERDICTS = ['shown', 'not shown', 'undecided'] as const;

/** One part of a figure's claim, as the paper's panels have it. */
export interface VerdictPart {
  /** The paper's panel: '2b'. */
  panel: string;
  /** What the paper says there, in our words, one sentence without a full stop. */
  claim: string;
  verdict: (typeof PART_VERDICTS)[number];
  /** What `effect` is a number of. */
  measure: string;
  effect: number | null;
  interval: readonly [number, number] | null;
  /** How many stand behind it, and of what: 24, 'pairs of eta and lambda'. */
  n: number;
  of: string;
  /** The numbers in words. */
  words: string;
  /** What would decide it and at what cost, where it is open. */
  decides?: string;
}

export interface Verdict {
  /** The paper's number of the figure: '2', '2a-c', 'S7'. */
  figure: string;
  /** The claim in our words, one sentence. */
  claim: string;
  verdict: VerdictWord;
  /** What was measured here that decides it, with numbers: one or two sentences. */
  summary: string;
  /** Where the data differ from the paper's experiment, one sentence; absent when they do not. */
  standIn?: string;
  /** The claim's parts in the order of the paper's panels. */
  parts?: readonly VerdictPart[];
  /** One plain sentence for a reader from another field: what was trained, how often, what came out, how sure that is. */
  sentence?: string;
  /** Files or folders, relative to the repository, of the raw logs the workbook read. The report writes their checksums. */
  data?: string[];
}

/** A value that Jupyter front ends show through its MIME bundle. */
export interface Displayable {
  [key: symbol]: () => Record<string, unknown>;
}

const strings = ['figure', 'claim', 'summary'] as const;

/** The verdict in `value`. Throws a TypeError that names the first field that is missing or of the wrong kind. */
export function parseVerdict(value: unknown): Verdict {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`a verdict must be an object, not ${JSON.stringify(value)}`);
  }
  const fields = value as Record<string, unknown>;
  for (const name of strings) {
    const text = fields[name];
    if (typeof text !== 'string' || text.trim() === '') {
      throw new TypeError(`verdict.${name} must be a text that is not empty, not ${JSON.stringify(text)}`);
    }
  }
  if (!VERDICTS.includes(fields['verdict'] as VerdictWord)) {
    throw new TypeError(
      `verdict.verdict must be one of '${VERDICTS.join("', '")}', not ${JSON.stringify(fields['verdict'])}`,
    );
  }
  if (fields['standIn'] !== undefined && typeof fields['standIn'] !== 'string') {
    throw new TypeError(`verdict.standIn must be a text, not ${JSON.stringify(fields['standIn'])}`);
  }
  const { parts, sentence } = fields;
  if (sentence !== undefined && typeof sentence !== 'string') {
    throw new TypeError(`verdict.sentence must be a text, not ${JSON.stringify(sentence)}`);
  }
  if (parts !== undefined && !Array.isArray(parts)) {
    throw new TypeError(`verdict.parts must be a list, not ${JSON.stringify(parts)}`);
  }
  for (const part of (parts ?? []) as Record<string, unknown>[]) {
    if (typeof part !== 'object' || part === null) {
      throw new TypeError(`verdict.parts must be a list of objects, not of ${JSON.stringify(part)}`);
    }
    for (const name of ['panel', 'claim', 'words', ...(part['decides'] === undefined ? [] : ['decides'])]) {
      if (typeof part[name] !== 'string') {
        throw new TypeError(`verdict.parts: ${name} must be a text, not ${JSON.stringify(part[name])}`);
      }
    }
    if (!PART_VERDICTS.includes(part['verdict'] as VerdictPart['verdict'])) {
      throw new TypeError(
        `verdict.parts: verdict must be one of '${PART_VERDICTS.join("', '")}', not ${JSON.stringify(part['verdict'])}`,
      );
    }
  }
  const data = fields['data'];
  if (data !== undefined && !(Array.isArray(data) && data.every((path) => typeof path === 'string'))) {
    throw new TypeError(`verdict.data must be a list of paths, not ${JSON.stringify(data)}`);
  }
  return value as Verdict;
}

/** One part as a line of a front end's text. */
function partLine({ panel, claim, verdict, words, decides }: VerdictPart): string {
  const open = decides === undefined ? '' : ` What would decide it: ${decides}.`;
  return `- **${panel}, ${claim}: ${verdict}.** ${words}.${open}`;
}

/**
 * The verdict of a workbook as its last cell's value: front ends show it as text, `npm run figures` puts it on the report's
 * first page. Throws a TypeError when a field is missing or of the wrong kind.
 */
export function verdict(fields: Verdict): Displayable {
  const checked = parseVerdict(fields);
  const lines = [`**Figure ${checked.figure}: ${checked.verdict}.** ${checked.claim}`, checked.summary];
  if (checked.sentence !== undefined) lines.push(checked.sentence);
  for (const part of checked.parts ?? []) lines.push(partLine(part));
  if (checked.standIn !== undefined) lines.push(`_Stand-in: ${checked.standIn}_`);
  return {
    [Symbol.for('Jupyter.display')]: () => ({
      [VERDICT_MIME]: checked,
      'text/markdown': lines.join('\n\n'),
      'text/plain': lines.join('\n').replaceAll(/\*\*|_/g, ''),
    }),
  };
}
