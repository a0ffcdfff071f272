/** Comparisons of settings seed by seed, and a choice of the best one that its own noise does not flatter. */

import type { Run } from '../runs/index.ts';
import { meanOf } from './curve.ts';
import type { Estimate } from './regress.ts';

/** Changed after the first seed's logs were seen: a maximum of one run moves by about 0.007 from seed to seed, more than what the rules ask. */
export const SEED_RULES = {
  /** With fewer seeds a comparison is "shown in part" at most. */
  seeds: 3,
} as const;

/** A setting with its runs, one a seed. */
export interface Seeded {
  runs: readonly Run[];
}

export const seedOf = (run: Run): number => run.header.config.seed;

/** The run of a seed. */
export const runOf = ({ runs }: Seeded, seed: number): Run | undefined => runs.find((run) => seedOf(run) === seed);

/** The seeds that every setting has, ascending. */
export function sharedSeeds(settings: readonly Seeded[]): number[] {
  const [first, ...rest] = settings;
  const seeds = new Set(first?.runs.map(seedOf));
  return [...seeds].filter((seed) => rest.every((each) => runOf(each, seed))).sort((a, b) => a - b);
}

/** Of the settings that have this seed, the one that `value` makes best on the OTHER seeds; where there is no other seed, on this one. */
export function bestElsewhere<T extends Seeded>(
  settings: readonly T[],
  seed: number,
  value: (run: Run) => number,
): T | undefined {
  const mine = settings.filter((each) => runOf(each, seed));
  const others = mine.filter(({ runs }) => runs.length > 1);
  const among = others.length > 0 ? others : mine;
  const score = ({ runs }: T) =>
    meanOf(runs.filter((run) => others.length === 0 || seedOf(run) !== seed).map((run) => value(run))).value;
  return among.reduce<T | undefined>((top, next) => (top && !(score(next) > score(top)) ? top : next), undefined);
}

/** Above `bound` with its whole interval, over enough seeds. */
export function surelyAbove({ low }: Estimate, seeds: number, bound = 0): boolean {
  return seeds >= SEED_RULES.seeds && low > bound;
}

/** "one seed": what a sentence says of the number of seeds that it rests on. */
export function seedsSaid(seeds: number): string {
  return seeds === 1 ? 'one seed' : `${seeds} seeds`;
}
