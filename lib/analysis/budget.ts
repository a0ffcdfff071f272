/** Figures 1a and S12: a fixed training budget against one proportional to 1/lambda, for several initial scales. */

import type { Run } from '../runs/index.ts';
import { combined, grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { accuracyAt, bestWithin, groupBy, hasFinished, meanOf, measured, median, mostCommon, range } from './curve.ts';
import type { Estimate } from './regress.ts';

/** Fixed before any run that they can judge was made. */
export const BUDGET_RULES = {
  /** Fewer different lambdas with both budgets decide nothing. */
  lambdas: 4,
  /** T ~ 1/lambda has a plateau when its smallest lambda lies within this of its best; in part within twice this. */
  plateau: 0.03,
  /** Training longer repairs the smallest lambda when it gains this over the fixed budget there; in part half of this. */
  repair: 0.03,
  /** An initial scale no longer matters when test accuracies lie within this of one another; in part within twice this. */
  spread: 0.03,
  /** And it mattered early when they lay this many times as far apart then. */
  early: 2,
} as const;

/** The maximum test accuracy of one lambda, initial scale and budget, over seeds. */
export interface BudgetPoint {
  sigmaW: number;
  lambda: number;
  steps: number;
  budget: 'fixed' | '1/lambda';
  accuracy: Estimate;
  runs: Run[];
}

export interface BudgetSweep {
  /** Steps of the fixed budget; NaN without runs. */
  fixedSteps: number;
  /** lambda x steps of the other one. */
  pace: number;
  sigmas: number[];
  points: BudgetPoint[];
}

/**
 * Sorts runs into the two budgets. The fixed length is the one that most (lambda, initial scale) share, the pace the lambda x steps that
 * most share to 2 %; a run may belong to both.
 */
export function budgetSweep(runs: readonly Run[]): BudgetSweep {
  const finished = runs.filter((run) => hasFinished(run) && run.header.config.lambda > 0);
  const steps = (run: Run) => run.header.config.steps;
  const paceOf = (run: Run) => Math.round(Math.log(run.header.config.lambda * steps(run)) / 0.02);
  const fixedSteps = mostCommon(finished.map(steps)) ?? NaN;
  const pace = mostCommon(finished.filter((run) => steps(run) !== fixedSteps).map(paceOf)) ?? NaN;
  const points = (['fixed', '1/lambda'] as const).flatMap((budget) => {
    const mine = finished.filter((run) =>
      budget === 'fixed' ? steps(run) === fixedSteps : Math.abs(paceOf(run) - pace) <= 1,
    );
    return [...groupBy(mine, ({ header: { config } }) => `${config.sigmaW} ${config.lambda}`).values()].map((same) => ({
      sigmaW: same[0]!.header.config.sigmaW,
      lambda: same[0]!.header.config.lambda,
      steps: steps(same[0]!),
      budget,
      accuracy: meanOf(same.map((run) => bestWithin(run))),
      runs: same,
    }));
  });
  points.sort((a, b) => a.sigmaW - b.sigmaW || a.lambda - b.lambda);
  return {
    fixedSteps,
    pace: Math.exp(pace * 0.02),
    sigmas: [...new Set(points.map(({ sigmaW }) => sigmaW))],
    points,
  };
}

/** Figure 1a at one initial scale. */
export interface BudgetClaim {
  agreement: Agreement;
  lambdas: number;
  /** The best lambda of the fixed budget, and whether it lies inside the range of lambda. */
  best: { lambda: number; accuracy: number; inside: boolean };
  /** Best of the fixed budget less its accuracy at the smallest lambda. */
  fixedDrop: number;
  /** The same for T ~ 1/lambda. */
  paceDrop: number;
  /** T ~ 1/lambda less the fixed budget, at the smallest lambda. */
  repair: number;
  /** Decades of lambda, from the smallest on, over which T ~ 1/lambda stays within BUDGET_RULES.plateau of its best; their mean accuracy. */
  plateau: { decades: number; height: number };
}

export function budgetClaim({ points }: BudgetSweep, sigmaW: number): BudgetClaim {
  const mine = points.filter((point) => point.sigmaW === sigmaW);
  const of = (budget: BudgetPoint['budget']) => mine.filter((point) => point.budget === budget);
  const both = of('fixed').filter(({ lambda }) => of('1/lambda').some((other) => other.lambda === lambda));
  const shared = new Set(both.map(({ lambda }) => lambda));
  const [fixed, paced] = [of('fixed'), of('1/lambda')].map((list) =>
    list.filter(({ lambda }) => shared.has(lambda)),
  ) as [BudgetPoint[], BudgetPoint[]];
  const value = ({ accuracy }: BudgetPoint) => accuracy.value;
  if (fixed.length === 0)
    return {
      agreement: 'not tested here',
      lambdas: 0,
      best: { lambda: NaN, accuracy: NaN, inside: false },
      fixedDrop: NaN,
      paceDrop: NaN,
      repair: NaN,
      plateau: { decades: NaN, height: NaN },
    };
  const best = fixed.reduce((top, point) => (value(point) > value(top) ? point : top));
  const pacedBest = Math.max(...paced.map(value));
  const inside = best !== fixed[0] && best !== fixed.at(-1);
  const fixedDrop = value(best) - value(fixed[0]!);
  const paceDrop = pacedBest - value(paced[0]!);
  const repair = value(paced[0]!) - value(fixed[0]!);
  const below = paced.findIndex((point) => pacedBest - value(point) > BUDGET_RULES.plateau);
  const level = paced.slice(0, below === -1 ? undefined : below);
  const { plateau, repair: needed } = BUDGET_RULES;
  return {
    agreement:
      fixed.length < BUDGET_RULES.lambdas
        ? 'not tested here'
        : grade(inside && paceDrop <= plateau && repair >= needed, paceDrop <= 2 * plateau && repair >= needed / 2),
    lambdas: fixed.length,
    best: { lambda: best.lambda, accuracy: value(best), inside },
    fixedDrop,
    paceDrop,
    repair,
    plateau: {
      decades: level.length === 0 ? 0 : Math.log10(level.at(-1)!.lambda / level[0]!.lambda),
      height: level.length === 0 ? NaN : meanOf(level.map(value)).value,
    },
  };
}

/** Figure S12: how far apart the initial scales are, early and at their best, for T ~ 1/lambda. */
export interface ScaleClaim {
  agreement: Agreement;
  /** One a lambda that has every initial scale. `step`: where the mean accuracy has made half of its way. */
  rows: { lambda: number; step: number; early: number; late: number }[];
  /** Medians over lambda. */
  early: number;
  late: number;
  /** Figure 1a's claim at each scale, together. */
  plateaus: Agreement;
}

export function scaleClaim(sweep: BudgetSweep): ScaleClaim {
  const paced = sweep.points.filter(({ budget }) => budget === '1/lambda');
  const rows = [...groupBy(paced, ({ lambda }) => lambda)]
    .filter(([, scales]) => scales.length === sweep.sigmas.length && scales.length > 1)
    .map(([lambda, scales]) => {
      const at = (step: number) => scales.map(({ runs }) => meanOf(runs.map((run) => accuracyAt(run, step))).value);
      const bests = scales.map(({ accuracy }) => accuracy.value);
      const half = (meanOf(at(0)).value + meanOf(bests).value) / 2;
      const steps = measured(scales[0]!.runs[0]!).map(({ step }) => step);
      const step = steps.find((each) => meanOf(at(each)).value >= half) ?? NaN;
      return { lambda, step, early: range(at(step)), late: range(bests) };
    })
    .sort((a, b) => a.lambda - b.lambda);
  const [early, late] = [median(rows.map((row) => row.early)), median(rows.map((row) => row.late))];
  const { spread, early: times } = BUDGET_RULES;
  return {
    agreement:
      rows.length < BUDGET_RULES.lambdas
        ? 'not tested here'
        : grade(late <= spread && early >= times * late, late <= 2 * spread && early > late),
    rows,
    early,
    late,
    plateaus: combined(sweep.sigmas.map((sigmaW) => budgetClaim(sweep, sigmaW).agreement)),
  };
}
