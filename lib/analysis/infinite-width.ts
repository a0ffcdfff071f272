/** Figure 5c: whether trained networks follow the theory for k = 2, and where that ends. */

import type { TrainedCurve } from '../theory/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';

/** Set with the logs at hand. */
export const FIGURE_5_RULES = {
  /** Largest root mean square distance to k = 2 in steps of eta, smallest to k = 1. */
  follows: 0.05,
  departs: 0.5,
  /** The mean of y f at the end is 0 within this. */
  end: 0.01,
  /** The paper's; a narrower network shows it in part. */
  width: 100_000,
} as const;

export interface FollowingClaim {
  agreement: Agreement;
  /** The widest network with the largest lambda, which decides. */
  decisive: TrainedCurve | undefined;
}

export function followingClaim(curves: readonly TrainedCurve[]): FollowingClaim {
  const decisive = [...curves].sort((a, b) => b.width - a.width || b.lambda - a.lambda)[0];
  if (!decisive) return { agreement: 'not tested here', decisive };
  const { largestInSteps, largest1, final, width } = decisive;
  const { follows, departs, end } = FIGURE_5_RULES;
  const so = largestInSteps < follows && largest1 > departs && Math.abs(final.trained) < end;
  return { agreement: grade(so && width >= FIGURE_5_RULES.width, so), decisive };
}

/** The least strength lambda^2 n from which on every function has decayed, and the largest at which one has not. */
export function crossover(curves: readonly TrainedCurve[]): { left: number; decayed: number } {
  const has = ({ final }: TrainedCurve): boolean => Math.abs(final.trained) < FIGURE_5_RULES.end;
  const left = Math.max(0, ...curves.filter((curve) => !has(curve)).map(({ strength }) => strength));
  const beyond = curves.filter((curve) => has(curve) && curve.strength > left).map(({ strength }) => strength);
  return { left, decayed: Math.min(...beyond) };
}
