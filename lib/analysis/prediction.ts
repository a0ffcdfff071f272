/** Figures 1b, S3, S4: lambda predicted from one short run, against the best of many tuned lambdas, at every budget. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, groupBy, hasFinished, meanOf, measured, stepsAnEpoch } from './curve.ts';
import { measureC } from './predict-l2.ts';
import type { Estimate } from './regress.ts';

/** Fixed before any run that they can judge was made. */
export const PREDICTION_RULES = {
  /** Fewer budgets, or fewer tuned lambdas, decide nothing. */
  budgets: 3,
  lambdas: 4,
  /** The predicted lambda performs like the tuned one when it is at most this much worse at every budget; in part when at most twice. */
  shortfall: 0.02,
  /** S3, S4: a prediction is right when its lambda lies within this factor of the best one. */
  factor: 10,
} as const;

/** The paper's c = t* lambda, in epochs of 48 steps, from 2 epochs at lambda = 0.01. */
export const PAPER_C = { epochs: 0.0066, stepsAnEpoch: 48 } as const;

/** One budget: the best constant lambda at that step of the long runs, and what the predicted lambda reached in a run of that length. */
export interface Budget {
  steps: number;
  epochs: number;
  tuned: { lambda: number; accuracy: Estimate };
  predicted: { lambda: number; accuracy: Estimate };
  /** Predicted less tuned. */
  difference: number;
}

export interface Predictions {
  /** t* lambda of the short run, or why there is none. */
  c: { run: Run; epochs: number; steps: number } | { fault: string };
  /** The long runs at constant lambda, one list a lambda (seeds), smallest first. */
  constants: { lambda: number; runs: Run[] }[];
  /** lambda x steps that predicted runs were made with, ascending; each with its budgets. S3 is the first, S4 the one near twice that. */
  families: { pace: number; budgets: Budget[] }[];
}

/** Products lambda x steps of one family differ by the rounding of the predicted lambda to three digits. */
const SAME_PACE = 0.01;

/**
 * Sorts the runs of a sweep. The shortest gives c; runs of at least two lengths at one lambda x steps are predictions; of the others, the
 * longest are the constants.
 */
export function predictions(runs: readonly Run[]): Predictions {
  const finished = runs.filter((run) => hasFinished(run) && run.header.config.lambda > 0);
  const lengths = finished.map(stepsOf);
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  const short = shortest < longest ? finished.find((run) => stepsOf(run) === shortest) : undefined;
  const rest = finished.filter((run) => stepsOf(run) > shortest);
  const families = byPace(rest).filter((family) => new Set(family.map(stepsOf)).size > 1);
  const predicted = new Set(families.flat());
  const constants = [
    ...groupBy(
      rest.filter((run) => stepsOf(run) === longest && !predicted.has(run)),
      lambdaOf,
    ),
  ]
    .map(([lambda, same]) => ({ lambda, runs: same }))
    .sort((a, b) => a.lambda - b.lambda);
  return {
    c: measuredC(short),
    constants,
    families: families.map((family) => ({
      pace: meanOf(family.map(paceOf)).value,
      budgets: constants.length === 0 ? [] : budgetsOf(family, constants),
    })),
  };
}

const stepsOf = (run: Run): number => run.header.config.steps;
const lambdaOf = (run: Run): number => run.header.config.lambda;
const paceOf = (run: Run): number => lambdaOf(run) * stepsOf(run);

/** Groups of equal lambda x steps, ascending. */
function byPace(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (const run of [...runs].sort((a, b) => paceOf(a) - paceOf(b))) {
    const last = groups.at(-1);
    if (last && paceOf(run) <= paceOf(last[0]!) * (1 + SAME_PACE)) last.push(run);
    else groups.push([run]);
  }
  return groups;
}

function measuredC(short: Run | undefined): Predictions['c'] {
  if (!short) return { fault: 'the short run at a large λ is not there' };
  try {
    const epochs = measureC(short);
    return { run: short, epochs, steps: epochs * stepsAnEpoch(short) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { fault: error.message.replace(short.file, `the run at λ = ${lambdaOf(short)}`) };
  }
}

/** The best constant within `steps` steps, as running maximum of its long run, averaged over seeds. */
export function tunedAt(constants: Predictions['constants'], steps: number): Budget['tuned'] {
  const reached = constants.map(({ lambda, runs }) => ({
    lambda,
    accuracy: meanOf(runs.map((run) => bestWithin(run, steps))),
  }));
  return reached.reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
}

function budgetsOf(family: readonly Run[], constants: Predictions['constants']): Budget[] {
  return [...groupBy(family, stepsOf)]
    .map(([steps, same]) => {
      const tuned = tunedAt(constants, steps);
      const predicted = { lambda: lambdaOf(same[0]!), accuracy: meanOf(same.map((run) => bestWithin(run))) };
      return {
        steps,
        epochs: measured(same[0]!).at(-1)?.epoch ?? NaN,
        tuned,
        predicted,
        difference: predicted.accuracy.value - tuned.accuracy.value,
      };
    })
    .sort((a, b) => a.steps - b.steps);
}

/** The family whose predictions were made with `multiple` times the first one's c: 1 for figures 1b and S3, 2 for S4. */
export function familyOf({ families }: Predictions, multiple: 1 | 2): Budget[] {
  const first = families[0]?.pace ?? NaN;
  return families.find(({ pace }) => Math.abs(pace / (multiple * first) - 1) < 5 * SAME_PACE)?.budgets ?? [];
}

/** Figure 1b: the predicted lambda is at most a little worse than the tuned one, at every budget. */
export interface PredictionClaim {
  agreement: Agreement;
  budgets: number;
  /** Least and mean of predicted less tuned accuracy. */
  worst: number;
  difference: Estimate;
}

export function predictionClaim(all: Predictions, multiple: 1 | 2 = 1): PredictionClaim {
  const budgets = familyOf(all, multiple);
  const differences = budgets.map(({ difference }) => difference);
  const worst = Math.min(...differences);
  const { shortfall } = PREDICTION_RULES;
  return {
    agreement: enough(all, budgets) ? grade(worst >= -shortfall, worst >= -2 * shortfall) : 'not tested here',
    budgets: budgets.length,
    worst,
    difference: meanOf(differences),
  };
}

/** Figures S3 and S4: the predicted lambda lies within a factor of the best one at every budget. */
export interface FactorClaim {
  agreement: Agreement;
  /** Predicted over best lambda, one a budget. */
  factors: { steps: number; factor: number }[];
  within: number;
}

export function factorClaim(all: Predictions, multiple: 1 | 2): FactorClaim {
  const budgets = familyOf(all, multiple);
  const factors = budgets.map(({ steps, predicted, tuned }) => ({ steps, factor: predicted.lambda / tuned.lambda }));
  const limit = PREDICTION_RULES.factor * (1 + 1e-9);
  const within = factors.filter(({ factor }) => factor <= limit && factor >= 1 / limit).length;
  return {
    agreement: enough(all, budgets)
      ? grade(within === factors.length, within >= factors.length / 2)
      : 'not tested here',
    factors,
    within,
  };
}

function enough({ constants }: Predictions, budgets: readonly Budget[]): boolean {
  return budgets.length >= PREDICTION_RULES.budgets && constants.length >= PREDICTION_RULES.lambdas;
}
