/** From what each preset of a sweep says to what a workbook concludes. */

import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { combined, decisive } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { groupBy } from './curve.ts';
import type { OpenSweep, PresetName, SweepPlan } from './open.ts';
import { standIn } from './settings.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is judged of one preset: by a rule, with a sentence of numbers. */
export interface Judgement {
  agreement: Agreement;
  /** Numbers, without a full stop. */
  summary: string;
}

/** One part of a figure (a network, a panel): every preset's judgement, and the one that counts. */
export interface Judged<T extends Judgement = Judgement> {
  name: string;
  plans: readonly SweepPlan[];
  presets: (T & { sweep: OpenSweep; preset: string })[];
  main: T & { sweep: OpenSweep; preset: string };
}

/** Judges every preset of a part; the largest that decides anything counts. `plans` are the sweeps it rests on, the judged one first. */
export function judge<T extends Judgement>(
  name: string,
  plans: SweepPlan | readonly SweepPlan[],
  sweeps: readonly OpenSweep[],
  of: (sweep: OpenSweep) => T,
): Judged<T> {
  const presets = sweeps.map((sweep) => ({ ...of(sweep), sweep, preset: sweep.preset }));
  return { name, plans: [plans].flat() as SweepPlan[], presets, main: decisive(presets) };
}

/** The fields of a workbook's verdict that its parts decide. */
export function conclude(parts: readonly Judged[]): {
  verdict: Agreement;
  summary: string;
  standIn?: string;
  data: string[];
} {
  const several = parts.length > 1;
  const summary = parts.map(({ name, main: { agreement, summary, preset, sweep } }) => {
    const who = several ? `${name}${preset === 'desk' ? '' : ` (${preset})`}: ${agreement}: ` : '';
    // More logs are to be had only where runs of the plan are not there.
    const absent = sweep.missing.length + sweep.coverage.unfinished + sweep.problems.length > 0;
    const further = absent ? `more logs: ${sweep.make}` : 'these logs cannot decide it';
    const make = agreement === 'not tested here' ? `; ${further}` : '';
    return `${who}${summary}${make}.`;
  });
  // Parts that differ from the paper alike are named together.
  const differing = groupBy(
    parts.flatMap(({ name, plans, main }) => {
      const text = plans[0] && standIn(plans[0], main.preset as PresetName);
      return text === undefined ? [] : [{ name, text }];
    }),
    ({ text }) => text,
  );
  const standIns = [...differing].map(([text, alike]) =>
    several ? `${alike.map(({ name }) => name).join(', ')}: ${text}` : text,
  );
  return {
    verdict: combined(parts.map(({ main }) => main.agreement)),
    summary: summary.join(' '),
    ...(standIns.length > 0 && { standIn: standIns.join('. ') }),
    data: logFolders(parts.flatMap(({ presets }) => presets.map(({ sweep }) => sweep))),
  };
}

/** The folders of the run files that were read, relative to the repository: for a verdict's `data`. */
export function logFolders(sweeps: readonly OpenSweep[]): string[] {
  return [...new Set(sweeps.flatMap(({ runs }) => runs.map(({ file }) => relative(ROOT, dirname(file)))))].sort();
}
