/** Figures S3, S4: whether a predicted lambda is right within an order of magnitude. Rule of 2026-11-29. */

import { bestWithin, meanOf } from './curve.ts';
import { isRight } from './part.ts';
import type { PartVerdict } from './part.ts';
import { familyOf } from './prediction.ts';
import type { Predictions } from './prediction.ts';
import { SEED_RULES, runOf, seedOf, sharedSeeds } from './seeds.ts';

/** Set on 2026-11-29, after the logs of wrn-momentum-lambda as committed then had been seen. */
export const TIED_RULES = {
  /** Right: a lambda tied with the best lies within this factor of the prediction. */
  factor: 10,
  /** Tied: at most this below the best, or not surely below it over the seeds. */
  tied: 0.005,
  /** Fewer budgets, or fewer lambdas, decide nothing. */
  budgets: 3,
  lambdas: 4,
} as const;

/** One budget: the lambdas that cannot be told from the best there, and how far the prediction is from the nearest of them. */
export interface TiedBudget {
  steps: number;
  predicted: number;
  best: number;
  tied: number[];
  /** Constants in all: where all are tied, no prediction could be wrong. */
  lambdas: number;
  /** Predicted over the nearest tied lambda. */
  factor: number;
  right: boolean;
  /** The best is an edge of the grid, and a better one beyond it could make a prediction right that is wrong on the grid. */
  open: boolean;
}

export interface TiedClaim {
  verdict: PartVerdict;
  budgets: TiedBudget[];
  right: number;
  /** Largest factor, to either side, from the nearest tied lambda. */
  farthest: number;
  seeds: number;
}

export function tiedClaim(all: Predictions, multiple: 1 | 2): TiedClaim {
  const { constants } = all;
  const limit = Math.log10(TIED_RULES.factor) + 1e-9;
  const budgets = familyOf(all, multiple).map(({ steps, predicted, tuned }): TiedBudget => {
    const best = constants.find(({ lambda }) => lambda === tuned.lambda)!;
    const tied = constants
      .filter((each) => {
        const seeds = sharedSeeds([best, each]);
        const below = meanOf(
          seeds.map((seed) => bestWithin(runOf(best, seed)!, steps) - bestWithin(runOf(each, seed)!, steps)),
        );
        return below.value <= TIED_RULES.tied + 1e-9 || (seeds.length >= SEED_RULES.seeds && below.low <= 0);
      })
      .map(({ lambda }) => lambda);
    const logs = tied.map((lambda) => Math.log10(predicted.lambda / lambda));
    const nearest = logs.reduce((near, next) => (Math.abs(next) < Math.abs(near) ? next : near), Infinity);
    const right = Math.abs(nearest) <= limit;
    const open = !right && ((tuned.edge === 'low' && nearest < 0) || (tuned.edge === 'high' && nearest > 0));
    return {
      steps,
      predicted: predicted.lambda,
      best: tuned.lambda,
      tied,
      lambdas: constants.length,
      factor: 10 ** nearest,
      right,
      open,
    };
  });
  const seeds = Math.min(
    ...familyOf(all, multiple).map(({ predicted }) => new Set(predicted.runs.map(seedOf)).size),
    Infinity,
  );
  const decided = budgets.filter(({ open }) => !open);
  const toldApart = budgets.some(({ tied, lambdas }) => tied.length < lambdas);
  const enough = decided.length >= TIED_RULES.budgets && constants.length >= TIED_RULES.lambdas && toldApart;
  return {
    verdict: enough
      ? isRight(
          decided.every(({ right }) => right),
          seeds,
        )
      : 'undecided',
    budgets,
    right: budgets.filter(({ right }) => right).length,
    farthest: 10 ** Math.max(...budgets.map(({ factor }) => Math.abs(Math.log10(factor))), 0),
    seeds: Number.isFinite(seeds) ? seeds : 0,
  };
}
