/** Figures 1b, S3, S4: lambda predicted from one short run, against the best of many tuned lambdas, at every budget. */

import type { Run, RunRole } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, groupBy, hasFinished, meanOf, measured, median, stepsAnEpoch } from './curve.ts';
import { measureC } from './predict-l2.ts';
import { mean } from './regress.ts';
import type { Estimate } from './regress.ts';
import { bestElsewhere, runOf, seedOf, sharedSeeds, surelyAbove } from './seeds.ts';
import { INCLUSION, summarizeRun } from './summary.ts';

/** Fixed before any run that they can judge was made, but for what says otherwise. */
export const PREDICTION_RULES = {
  /** Fewer budgets, or fewer tuned lambdas, decide nothing. */
  budgets: 3,
  lambdas: 4,
  /**
   * The predicted lambda performs like the tuned one when it is at most this much worse at every budget; in part when at most twice.
   * Changed after the first seed's logs were seen: shown only where c/T also beats the best single lambda for all budgets, beyond the
   * seeds' interval. A level of test accuracy over lambda passes this bound with any small lambda.
   */
  shortfall: 0.02,
  /**
   * S3, S4: a prediction is right when its lambda lies within this factor of the best one. Changed after the first seed's logs were seen:
   * shown only where c/T also lies nearer to the best than a single lambda for all budgets, beyond the seeds' interval.
   */
  factor: 10,
} as const;

/** The paper's c = t* lambda, in epochs of 48 steps, from 2 epochs at lambda = 0.01. */
export const PAPER_C = { epochs: 0.0066, stepsAnEpoch: 48 } as const;

/** One budget: the best constant lambda at that step of the long runs, and what the predicted lambda reached in a run of that length. */
export interface Budget {
  steps: number;
  epochs: number;
  /** `edge`: the best is the smallest or the largest lambda of the grid, so that a better one may lie outside. */
  tuned: { lambda: number; accuracy: Estimate; edge: 'low' | 'high' | undefined };
  predicted: { lambda: number; accuracy: Estimate; runs: Run[] };
  /** Predicted less tuned, seed by seed; the tuned lambda is chosen on the other seeds, with one seed on that one. */
  difference: Estimate;
}

/** c = t* lambda of the short runs, over their seeds. */
export interface ShortRuns {
  runs: Run[];
  epochs: Estimate;
  steps: Estimate;
}

export interface Predictions {
  /** Or why there is none. */
  c: ShortRuns | { fault: string };
  /** The long runs at constant lambda, one list a lambda (seeds), smallest first. */
  constants: { lambda: number; runs: Run[] }[];
  /** Runs predicted with c (`multiple` 1: figures 1b and S3) and with 2c (S4): their lambda x steps, and their budgets. None where no such run is there. */
  families: { multiple: 1 | 2; pace: number; budgets: Budget[] }[];
}

/** Sorts the runs of a sweep by what they were made for: the short ones give c, the long ones are the constants. */
export function predictions(runs: readonly Run[]): Predictions {
  const finished = runs.filter((run) => hasFinished(run) && lambdaOf(run) > 0);
  const of = (role: RunRole) => finished.filter((run) => run.role === role);
  const constants = [...groupBy(of('constant'), lambdaOf)]
    .map(([lambda, same]) => ({ lambda, runs: same }))
    .sort((a, b) => a.lambda - b.lambda);
  const families = ([1, 2] as const)
    .map((multiple) => ({ multiple, family: of(multiple === 1 ? 'predicted' : 'predicted, 2c') }))
    .filter(({ family }) => family.length > 0);
  return {
    c: measuredC(of('short')),
    constants,
    families: families.map(({ multiple, family }) => ({
      multiple,
      pace: meanOf(family.map((run) => lambdaOf(run) * stepsOf(run))).value,
      budgets: constants.length === 0 ? [] : budgetsOf(family, constants),
    })),
  };
}

const stepsOf = (run: Run): number => run.header.config.steps;
const lambdaOf = (run: Run): number => run.header.config.lambda;

function measuredC(short: readonly Run[]): Predictions['c'] {
  if (short.length === 0) return { fault: 'the short run at a large λ is not there' };
  try {
    const epochs = short.map(measureC);
    const steps = short.map((run, i) => epochs[i]! * stepsAnEpoch(run));
    return { runs: [...short], epochs: meanOf(epochs), steps: meanOf(steps) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const file = short.find((run) => error.message.includes(run.file));
    return {
      fault: file
        ? error.message.replace(file.file, `the run at λ = ${lambdaOf(file)}, seed ${seedOf(file)}`)
        : error.message,
    };
  }
}

/** t* lambda in steps at every constant lambda: the same number everywhere, if t* ~ 1/lambda. */
export interface LambdaC {
  lambda: number;
  steps: Estimate;
  /** t* lies in the second half of a run, whose accuracy may still rise: c is this at least. */
  atLeast: boolean;
  seeds: number;
}

export function cOverLambda({ constants }: Predictions): LambdaC[] {
  return constants.map(({ lambda, runs }) => {
    const stars = runs.map(summarizeRun);
    return {
      lambda,
      steps: meanOf(stars.map(({ tStar }) => tStar * lambda)),
      atLeast: stars.some(({ tStar, lastStep }) => tStar > INCLUSION.insideFraction * lastStep),
      seeds: runs.length,
    };
  });
}

/** The best constant within `steps` steps, as running maximum of its long run, averaged over seeds. */
export function tunedAt(constants: Predictions['constants'], steps: number): Budget['tuned'] {
  const reached = constants.map(({ lambda, runs }) => ({
    lambda,
    accuracy: meanOf(runs.map((run) => bestWithin(run, steps))),
  }));
  const best = reached.reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
  return { ...best, edge: best === reached[0] ? 'low' : best === reached.at(-1) ? 'high' : undefined };
}

function budgetsOf(family: readonly Run[], constants: Predictions['constants']): Budget[] {
  return [...groupBy(family, stepsOf)]
    .map(([steps, same]) => {
      const within = (run: Run) => bestWithin(run, steps);
      const differences = same.flatMap((run) => {
        const tuned = bestElsewhere(constants, seedOf(run), within);
        return tuned ? [within(run) - within(runOf(tuned, seedOf(run))!)] : [];
      });
      return {
        steps,
        epochs: measured(same[0]!).at(-1)?.epoch ?? NaN,
        tuned: tunedAt(constants, steps),
        predicted: { lambda: lambdaOf(same[0]!), accuracy: meanOf(same.map(within)), runs: same },
        difference: meanOf(differences),
      };
    })
    .sort((a, b) => a.steps - b.steps);
}

/** The budgets whose predictions were made with `multiple` times c: 1 for figures 1b and S3, 2 for S4. */
export function familyOf({ families }: Predictions, multiple: 1 | 2): Budget[] {
  return families.find((family) => family.multiple === multiple)?.budgets ?? [];
}

/** Seeds of every predicted run that have enough constants to be compared with. */
function seedsOf({ constants }: Predictions, budgets: readonly Budget[]): number[] {
  return sharedSeeds(budgets.map(({ predicted }) => predicted)).filter(
    (seed) => constants.filter((each) => runOf(each, seed)).length >= PREDICTION_RULES.lambdas,
  );
}

/** Figure 1b: the predicted lambda is at most a little worse than the tuned one, at every budget, and better than one lambda for all. */
export interface PredictionClaim {
  agreement: Agreement;
  budgets: number;
  /** Steps of the budgets whose best lambda is an edge of the grid, without a prediction that is worse already. */
  undecided: number[];
  /** Least of predicted less tuned accuracy over the decided budgets, and the mean over budgets, seed by seed. */
  worst: number;
  difference: Estimate;
  /** The best single lambda for all budgets, and the mean over budgets of predicted less its accuracy, seed by seed. */
  single: { lambda: number; advantage: Estimate };
  seeds: number;
}

export function predictionClaim(all: Predictions, multiple: 1 | 2 = 1): PredictionClaim {
  const { constants } = all;
  const budgets = familyOf(all, multiple);
  const { shortfall } = PREDICTION_RULES;
  const open = budgets.filter(({ tuned, difference }) => tuned.edge && difference.value >= -shortfall);
  const decided = budgets.filter((budget) => !open.includes(budget));
  const worst = Math.min(...decided.map(({ difference }) => difference.value));
  const seeds = seedsOf(all, budgets);
  const predicted = (seed: number) => mean(budgets.map((budget) => bestWithin(runOf(budget.predicted, seed)!)));
  const constant = (run: Run) => mean(budgets.map(({ steps }) => bestWithin(run, steps)));
  const tuned = (seed: number) =>
    mean(
      budgets.map(({ steps }) => {
        const within = (run: Run) => bestWithin(run, steps);
        return within(runOf(bestElsewhere(constants, seed, within)!, seed)!);
      }),
    );
  const single = (seed: number) => constant(runOf(bestElsewhere(constants, seed, constant)!, seed)!);
  const advantage = meanOf(seeds.map((seed) => predicted(seed) - single(seed)));
  const level = ({ runs }: { runs: readonly Run[] }) => mean(runs.map(constant));
  return {
    agreement:
      enough(all, decided) && seeds.length > 0
        ? grade(worst >= -shortfall && surelyAbove(advantage, seeds.length), worst >= -2 * shortfall)
        : 'not tested here',
    budgets: budgets.length,
    undecided: open.map(({ steps }) => steps),
    worst,
    difference: meanOf(seeds.map((seed) => predicted(seed) - tuned(seed))),
    single: {
      lambda:
        constants.reduce<{ lambda: number; runs: Run[] } | undefined>(
          (top, next) => (top && level(top) >= level(next) ? top : next),
          undefined,
        )?.lambda ?? NaN,
      advantage,
    },
    seeds: seeds.length,
  };
}

/** Figures S3 and S4: the predicted lambda lies within a factor of the best one at every budget, and nearer than one lambda for all. */
export interface FactorClaim {
  agreement: Agreement;
  /** Predicted over best lambda, one a budget; undecided where the best is an edge of the grid and a best beyond it could be within the factor. */
  factors: { steps: number; factor: number; undecided: boolean }[];
  /** Decided budgets, and how many of them are within the factor. */
  decided: number;
  within: number;
  /** The single lambda in the middle of the best ones (in log lambda), its largest factor from one of them, and the prediction's. */
  single: { lambda: number; farthest: number; predictedFarthest: number };
  /** Mean distance from the best lambda in decades: of the single lambda less that of the prediction, seed by seed. */
  advantage: Estimate;
  seeds: number;
}

export function factorClaim(all: Predictions, multiple: 1 | 2): FactorClaim {
  const budgets = familyOf(all, multiple);
  const limit = PREDICTION_RULES.factor * (1 + 1e-9);
  const factors = budgets.map(({ steps, predicted, tuned }) => {
    const factor = predicted.lambda / tuned.lambda;
    // A best lambda beyond the edge is farther from a prediction on the other side of it.
    const failed = (tuned.edge === 'low' && factor > limit) || (tuned.edge === 'high' && factor < 1 / limit);
    return { steps, factor, undecided: tuned.edge !== undefined && !failed };
  });
  const decided = factors.filter(({ undecided }) => !undecided);
  const within = decided.filter(({ factor }) => factor <= limit && factor >= 1 / limit).length;
  const seeds = seedsOf(all, budgets);
  const advantages = seeds.map((seed) => {
    const best = logBest(all, budgets, (each) => each === seed);
    // The single lambda is chosen on the other seeds, with one seed on that one.
    const middle = median(seeds.length > 1 ? logBest(all, budgets, (each) => each !== seed) : best);
    return mean(
      best.map((log, i) => Math.abs(log - middle) - Math.abs(log - Math.log10(budgets[i]!.predicted.lambda))),
    );
  });
  const advantage = meanOf(advantages);
  const best = budgets.map(({ tuned }) => Math.log10(tuned.lambda));
  const middle = (Math.min(...best) + Math.max(...best)) / 2;
  const farthest = (distances: readonly number[]) => 10 ** Math.max(...distances.map(Math.abs));
  return {
    agreement:
      enough(all, decided) && seeds.length > 0
        ? grade(within === decided.length && surelyAbove(advantage, seeds.length), within >= decided.length / 2)
        : 'not tested here',
    factors,
    decided: decided.length,
    within,
    single: {
      lambda: 10 ** middle,
      farthest: farthest(best.map((log) => log - middle)),
      predictedFarthest: farthest(factors.map(({ factor }) => Math.log10(factor))),
    },
    advantage,
    seeds: seeds.length,
  };
}

/** log10 of the best constant of every budget, over some of the seeds. */
function logBest({ constants }: Predictions, budgets: readonly Budget[], of: (seed: number) => boolean): number[] {
  const some = constants
    .map(({ lambda, runs }) => ({ lambda, runs: runs.filter((run) => of(seedOf(run))) }))
    .filter(({ runs }) => runs.length > 0);
  return budgets.map(({ steps }) => Math.log10(tunedAt(some, steps).lambda));
}

function enough({ constants }: Predictions, budgets: readonly unknown[]): boolean {
  return budgets.length >= PREDICTION_RULES.budgets && constants.length >= PREDICTION_RULES.lambdas;
}
