/** Seeds of one setting as one run: averaged look by look, before anything is read from the curve. */

import type { Measure, Run } from '../runs/index.ts';
import { hashConfig } from '../runs/index.ts';
import { groupBy } from './curve.ts';
import { mean } from './regress.ts';

/** A setting's mean curve; `seeds` are the runs behind it, by seed. */
export interface AveragedRun extends Run {
  seeds: readonly Run[];
}

const FIELDS = ['epoch', 'seconds', 'trainLoss', 'trainError', 'testLoss', 'testError', 'l2Norm'] as const;

/**
 * One run a setting (a configuration but for its seed), in order of first appearance: the mean over seeds at every look that all of them have.
 * A maximum over noisy looks is the luckiest look; noise that seeds do not share shrinks in the mean, and only what the setting does stays.
 * It has finished where every seed has; its header is that of the first seed.
 */
export function averaged(runs: readonly Run[]): AveragedRun[] {
  const settings = groupBy(runs, ({ header }) => hashConfig({ ...header.config, seed: 0 }));
  return [...settings.values()].map((same) => averageOf(same));
}

function averageOf(same: readonly Run[]): AveragedRun {
  const seeds = [...same].sort((a, b) => a.header.config.seed - b.header.config.seed);
  const [first, ...rest] = seeds as [Run, ...Run[]];
  const elsewhere = rest.map(({ measures }) => new Map(measures.map((measure) => [measure.step, measure])));
  const measures = first.measures.flatMap((measure): Measure[] => {
    const others = elsewhere.map((looks) => looks.get(measure.step));
    if (!others.every((each) => each !== undefined)) return [];
    const all = [measure, ...others];
    return [
      { ...measure, ...Object.fromEntries(FIELDS.map((field) => [field, mean(all.map((each) => each[field]))])) },
    ];
  });
  const ends = seeds.map(({ end }) => end);
  const end = ends.find((each) => each?.reason !== 'finished');
  const { end: _ofFirst, ...run } = first;
  const whole = ends.every((each) => each !== undefined);
  return { ...run, measures, ...(whole && { end: end ?? first.end! }), seeds };
}
