/** Figures 1a and S12: a fixed training budget against one proportional to 1/lambda, for several initial scales. */

import type { Run, RunRole, SweepRun } from '../runs/index.ts';
import { combined, grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { accuracyAt, bestWithin, groupBy, hasFinished, meanOf, measured, median, range } from './curve.ts';
import type { Estimate } from './regress.ts';
import { bestElsewhere, runOf, SEED_RULES, seedOf, sharedSeeds, surelyAbove } from './seeds.ts';

/** Fixed before any run that they can judge was made, but for what says otherwise. */
export const BUDGET_RULES = {
  /** Fewer different lambdas with both budgets decide nothing. */
  lambdas: 4,
  /** T ~ 1/lambda has a plateau when its smallest lambda lies within this of its best; in part within twice this. */
  plateau: 0.03,
  /**
   * And when it does so from there over as many decades of lambda. Changed after the first seed's logs were seen: before, a curve that rises
   * to its smallest lambda passed for a plateau.
   */
  decades: 0.6,
  /**
   * The fixed budget is best inside when it drops by more than this to its smallest and to its largest lambda, beyond the seeds' interval.
   * Changed after the first seed's logs were seen: before, the largest of a few noisy numbers had only not to be the first or the last.
   */
  drop: 0.01,
  /** Training longer repairs the smallest lambda when it gains this over the fixed budget there; in part half of this. */
  repair: 0.03,
  /** An initial scale no longer matters when test accuracies lie within this of one another; in part within twice this. */
  spread: 0.03,
  /** And it mattered early when they lay this many times as far apart then. */
  early: 2,
  /** In part: this many times. Changed after the first seed's logs were seen: before, by anything. */
  earlyInPart: 1.5,
  /** And by this much test accuracy at least: a factor of nothing is nothing. */
  apart: 0.01,
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

/** The time ~ 1/lambda that is looked at: the desk's first, or the paper's 0.1/lambda epochs. */
export type Clock = 'budget 1/lambda' | 'paper clock';

/** The roles that each budget of figure 1a has. */
const rolesOf = (clock: Clock): Record<BudgetPoint['budget'], readonly RunRole[]> => ({
  fixed: ['fixed budget', 'both budgets'],
  '1/lambda': clock === 'paper clock' ? [clock] : [clock, 'both budgets'],
});

/** The paper's clock where every one of these initial scales has enough lambdas of it with three seeds, else the desk's first. */
export function clockOf(runs: readonly Run[], planned: readonly SweepRun[], sigmas: readonly number[]): Clock {
  const { points } = budgetSweep(runs, planned, 'paper clock');
  const whole = points.filter(({ budget, runs: seeds }) => budget === '1/lambda' && seeds.length >= SEED_RULES.seeds);
  return sigmas.every((sigmaW) => whole.filter((each) => each.sigmaW === sigmaW).length >= BUDGET_RULES.lambdas)
    ? 'paper clock'
    : 'budget 1/lambda';
}

/** Sorts runs into the two budgets of a plan by their roles; lengths are the plan's, also where there is no run yet. */
export function budgetSweep(
  runs: readonly Run[],
  planned: readonly SweepRun[],
  clock: Clock = 'budget 1/lambda',
): BudgetSweep {
  const roles = rolesOf(clock);
  const finished = runs.filter((run) => hasFinished(run) && run.header.config.lambda > 0);
  const has = (budget: BudgetPoint['budget'], role: RunRole | undefined) => roles[budget].some((each) => each === role);
  const lengthOf = (budget: BudgetPoint['budget']) => planned.find(({ role }) => has(budget, role))?.config;
  const points = (['fixed', '1/lambda'] as const).flatMap((budget) => {
    const mine = finished.filter(({ role }) => has(budget, role));
    return [...groupBy(mine, ({ header: { config } }) => `${config.sigmaW} ${config.lambda}`).values()].map((same) => ({
      sigmaW: same[0]!.header.config.sigmaW,
      lambda: same[0]!.header.config.lambda,
      steps: same[0]!.header.config.steps,
      budget,
      accuracy: meanOf(same.map((run) => bestWithin(run))),
      runs: same.sort((a, b) => seedOf(a) - seedOf(b)),
    }));
  });
  points.sort((a, b) => a.sigmaW - b.sigmaW || a.lambda - b.lambda);
  const paced = lengthOf('1/lambda');
  return {
    fixedSteps: lengthOf('fixed')?.steps ?? NaN,
    pace: paced ? paced.lambda * paced.steps : NaN,
    sigmas: [...new Set(points.map(({ sigmaW }) => sigmaW))],
    points,
  };
}

/** Figure 1a at one initial scale. */
export interface BudgetClaim {
  agreement: Agreement;
  lambdas: number;
  /** The best lambda of the fixed budget. */
  best: { lambda: number; accuracy: number };
  /** Best of the fixed budget less its accuracy at the smallest and at the largest lambda, seed by seed; the best is chosen on other seeds. */
  fixedDrop: { small: Estimate; large: Estimate };
  /** Best of T ~ 1/lambda less its accuracy at the smallest lambda, of the means. */
  paceDrop: number;
  /** T ~ 1/lambda less the fixed budget, at the smallest lambda, seed by seed. */
  repair: Estimate;
  /** Decades of lambda, from the smallest on, over which T ~ 1/lambda stays within BUDGET_RULES.plateau of its best; their mean accuracy. */
  plateau: { decades: number; height: number };
  /** Seeds that every point has. */
  seeds: number;
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
  const seeds = sharedSeeds([...fixed, ...paced]);
  const nothing = meanOf([]);
  if (fixed.length === 0)
    return {
      agreement: 'not tested here',
      lambdas: 0,
      best: { lambda: NaN, accuracy: NaN },
      fixedDrop: { small: nothing, large: nothing },
      paceDrop: NaN,
      repair: nothing,
      plateau: { decades: NaN, height: NaN },
      seeds: 0,
    };
  const at = (point: BudgetPoint, seed: number) => bestWithin(runOf(point, seed)!);
  const best = fixed.reduce((top, point) => (value(point) > value(top) ? point : top));
  const dropTo = (end: BudgetPoint) =>
    meanOf(seeds.map((seed) => at(bestElsewhere(fixed, seed, bestWithin)!, seed) - at(end, seed)));
  const fixedDrop = { small: dropTo(fixed[0]!), large: dropTo(fixed.at(-1)!) };
  const pacedBest = Math.max(...paced.map(value));
  const repair = meanOf(seeds.map((seed) => at(paced[0]!, seed) - at(fixed[0]!, seed)));
  const plateauWithin = (margin: number) => {
    const below = paced.findIndex((point) => pacedBest - value(point) > margin);
    const level = paced.slice(0, below === -1 ? undefined : below);
    return {
      decades: level.length === 0 ? 0 : Math.log10(level.at(-1)!.lambda / level[0]!.lambda),
      height: meanOf(level.map(value)).value,
    };
  };
  const { plateau, decades, drop, repair: needed } = BUDGET_RULES;
  const inside = [fixedDrop.small, fixedDrop.large].every(
    (each) => each.value > drop && surelyAbove(each, seeds.length),
  );
  const isLevel = (margin: number) => plateauWithin(margin).decades >= decades;
  return {
    agreement:
      fixed.length < BUDGET_RULES.lambdas || seeds.length === 0
        ? 'not tested here'
        : grade(
            inside && isLevel(plateau) && repair.value >= needed && surelyAbove(repair, seeds.length),
            isLevel(2 * plateau) && repair.value >= needed / 2,
          ),
    lambdas: fixed.length,
    best: { lambda: best.lambda, accuracy: value(best) },
    fixedDrop,
    paceDrop: pacedBest - value(paced[0]!),
    repair,
    plateau: plateauWithin(plateau),
    seeds: seeds.length,
  };
}

/** Figure S12: how far apart the initial scales are, early and at their best, for T ~ 1/lambda. */
export interface ScaleClaim {
  agreement: Agreement;
  /**
   * One a lambda that has every initial scale. `step`: where the mean accuracy has made half of its way. `early` and `late`: how far apart
   * the means of the scales are there and in their maxima; `scales`: the means themselves, in the order of the scales.
   */
  rows: { lambda: number; step: number; early: number; late: number; scales: { sigmaW: number; early: Estimate }[] }[];
  /** Medians over lambda. */
  early: number;
  late: number;
  /** Fewest seeds of a point. */
  seeds: number;
  /** Figure 1a's claim at each scale, together. */
  plateaus: Agreement;
}

export function scaleClaim(sweep: BudgetSweep): ScaleClaim {
  const paced = sweep.points.filter(({ budget }) => budget === '1/lambda');
  const rows = [...groupBy(paced, ({ lambda }) => lambda)]
    .filter(([, scales]) => scales.length === sweep.sigmas.length && scales.length > 1)
    .map(([lambda, scales]) => {
      const of = ({ runs }: BudgetPoint, step: number) => meanOf(runs.map((run) => accuracyAt(run, step)));
      const at = (step: number) => scales.map((scale) => of(scale, step).value);
      const bests = scales.map(({ accuracy }) => accuracy.value);
      const half = (meanOf(at(0)).value + meanOf(bests).value) / 2;
      const steps = measured(scales[0]!.runs[0]!).map(({ step }) => step);
      const step = steps.find((each) => meanOf(at(each)).value >= half) ?? NaN;
      const means = scales.map((scale) => ({ sigmaW: scale.sigmaW, early: of(scale, step) }));
      return { lambda, step, early: range(at(step)), late: range(bests), scales: means };
    })
    .sort((a, b) => a.lambda - b.lambda);
  const [early, late] = [median(rows.map((row) => row.early)), median(rows.map((row) => row.late))];
  const { spread, early: times, earlyInPart, apart } = BUDGET_RULES;
  const seeds = Math.min(...paced.map(({ runs }) => runs.length));
  const mattered = (factor: number) => early >= factor * late && early - late >= apart;
  return {
    agreement:
      rows.length < BUDGET_RULES.lambdas
        ? 'not tested here'
        : grade(
            late <= spread && mattered(times) && seeds >= SEED_RULES.seeds,
            late <= 2 * spread && mattered(earlyInPart),
          ),
    rows,
    early,
    late,
    seeds: rows.length === 0 ? 0 : seeds,
    plateaus: combined(sweep.sigmas.map((sigmaW) => budgetClaim(sweep, sigmaW).agreement)),
  };
}
