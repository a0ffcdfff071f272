/** Figure 1a, T ~ 1/lambda: what its curve does towards small lambda. Rule of 2026-11-29. */

import type { BudgetPoint, BudgetSweep } from './budget.ts';
import { bestWithin, meanOf } from './curve.ts';
import type { PartVerdict } from './part.ts';
import { regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import { runOf, SEED_RULES, sharedSeeds } from './seeds.ts';

/** Set on 2026-11-29, after the 81 runs of wrn-budget at T = 1/lambda had been seen. */
export const LEVEL_RULES = {
  /** From the smallest lambda over at least so many decades ... */
  decades: 0.6,
  /** ... the mean accuracies lie within this: as little as what counts as a drop of the fixed budget. */
  level: 0.01,
} as const;

export interface LevelPace {
  verdict: PartVerdict;
  /** Points from the smallest lambda on that are looked at, over how many decades. */
  lambdas: number[];
  decades: number;
  /** Highest less lowest mean accuracy of them. */
  range: number;
  /** Change of the accuracy a decade of lambda, seed by seed: below 0 where smaller lambda is better. */
  perDecade: Estimate;
  seeds: number;
}

/** Shown where the curve is level; not shown where it is not and surely rises or falls; else undecided. */
export function levelPace({ points }: BudgetSweep, sigmaW: number): LevelPace {
  const paced = points.filter((point) => point.sigmaW === sigmaW && point.budget === '1/lambda');
  const first = paced[0];
  const decadesOf = ({ lambda }: BudgetPoint) => Math.log10(lambda / first!.lambda);
  const last = paced.findIndex((point) => decadesOf(point) >= LEVEL_RULES.decades - 1e-9);
  const used = last === -1 ? [] : paced.slice(0, last + 1);
  const seeds = sharedSeeds(used);
  const slopes = seeds.map((seed) => {
    const values = used.map((point) => bestWithin(runOf(point, seed)!));
    return regress(values, { lambda: used.map(({ lambda }) => Math.log10(lambda)) }).slopes['lambda']!.value;
  });
  const means = used.map(({ accuracy }) => accuracy.value);
  const range = Math.max(...means) - Math.min(...means);
  const perDecade = meanOf(slopes);
  const moves = perDecade.low > 0 || perDecade.high < 0;
  const enough = used.length >= 3 && seeds.length >= SEED_RULES.seeds;
  return {
    verdict: !enough ? 'undecided' : range <= LEVEL_RULES.level ? 'shown' : moves ? 'not shown' : 'undecided',
    lambdas: used.map(({ lambda }) => lambda),
    decades: used.length === 0 ? 0 : decadesOf(used.at(-1)!),
    range: used.length === 0 ? NaN : range,
    perDecade,
    seeds: seeds.length,
  };
}
