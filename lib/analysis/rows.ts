/** Figure S8: performance is alike along eta lambda = const, and longer training does not repair a small lambda. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, groupBy, hasFinished, meanOf, median, mostCommon, range } from './curve.ts';
import type { Estimate } from './regress.ts';

/** Fixed before any run that they can judge was made. */
export const ROW_RULES = {
  /** Fewer lines of equal eta lambda with two runs or more decide nothing. */
  lines: 3,
  /** Runs along a line are alike when they spread over at most this share of what all runs spread over (medians); in part twice. */
  share: 1 / 3,
  /** Longer training repairs a small lambda when it comes within this of the best one at the shortest length. */
  repaired: 0.005,
} as const;

export interface GridPoint {
  eta: number;
  lambda: number;
  steps: number;
  accuracy: Estimate;
}

/** The best test accuracy of every setting, over seeds. */
export function gridPoints(runs: readonly Run[]): GridPoint[] {
  const settings = groupBy(
    runs.filter(hasFinished),
    ({ header: { config } }) => `${config.eta} ${config.lambda} ${config.steps}`,
  );
  return [...settings.values()]
    .map((same) => {
      const { eta, lambda, steps } = same[0]!.header.config;
      return { eta, lambda, steps, accuracy: meanOf(same.map((run) => bestWithin(run))) };
    })
    .sort((a, b) => a.eta - b.eta || a.lambda - b.lambda || a.steps - b.steps);
}

/** The two panels' points: (a) the length that most settings share, (b) the learning rate that was run at several lengths. */
export function rowPanels(points: readonly GridPoint[]): { grid: GridPoint[]; stretched: GridPoint[] } {
  const steps = mostCommon(points.map((point) => point.steps));
  const eta = mostCommon(points.filter((point) => point.steps !== steps).map((point) => point.eta));
  return {
    grid: points.filter((point) => point.steps === steps),
    stretched: points.filter((point) => point.eta === eta),
  };
}

export interface RowClaim {
  agreement: Agreement;
  lines: { product: number; n: number; spread: number }[];
  /** Median spread along the lines, and the spread of the whole grid. */
  along: number;
  overall: number;
}

export function rowClaim(grid: readonly GridPoint[]): RowClaim {
  const lines = [...groupBy(grid, ({ eta, lambda }) => Number((eta * lambda).toPrecision(6)))]
    .filter(([, line]) => line.length > 1)
    .map(([product, line]) => ({ product, n: line.length, spread: range(line.map(({ accuracy }) => accuracy.value)) }))
    .sort((a, b) => a.product - b.product);
  const along = median(lines.map(({ spread }) => spread));
  const overall = range(grid.map(({ accuracy }) => accuracy.value));
  return {
    agreement:
      lines.length < ROW_RULES.lines
        ? 'not tested here'
        : grade(along <= ROW_RULES.share * overall, along <= 2 * ROW_RULES.share * overall),
    lines,
    along,
    overall,
  };
}

export interface RepairClaim {
  agreement: Agreement;
  /** The best lambda at the shortest length common to all, and its accuracy. */
  best: { lambda: number; accuracy: number };
  /** The smallest lambda at its longest. */
  smallest: { lambda: number; steps: number; accuracy: number };
  /** smallest less best. */
  difference: number;
}

/** The smallest lambda, trained longest, stays below the best lambda at the shortest length. */
export function repairClaim(stretched: readonly GridPoint[]): RepairClaim {
  const lambdas = [...new Set(stretched.map(({ lambda }) => lambda))].sort((a, b) => a - b);
  const lengths = [...new Set(stretched.map(({ steps }) => steps))].sort((a, b) => a - b);
  const none = { lambda: NaN, accuracy: NaN };
  if (lambdas.length < 2 || lengths.length < 2)
    return { agreement: 'not tested here', best: none, smallest: { ...none, steps: NaN }, difference: NaN };
  const higher = (a: GridPoint, b: GridPoint) => (a.accuracy.value >= b.accuracy.value ? a : b);
  const best = stretched.filter(({ steps }) => steps === lengths[0]).reduce(higher);
  const smallest = stretched.filter(({ lambda }) => lambda === lambdas[0]).at(-1)!;
  const difference = smallest.accuracy.value - best.accuracy.value;
  // With the largest length missing, the smallest lambda has not had its chance; with the best one smallest there is nothing to repair.
  const tested = smallest.steps === lengths.at(-1);
  return {
    agreement: tested
      ? grade(
          best.lambda > lambdas[0]! && difference < -ROW_RULES.repaired,
          best.lambda > lambdas[0]! && difference < 0,
        )
      : 'not tested here',
    best: { lambda: best.lambda, accuracy: best.accuracy.value },
    smallest: { lambda: smallest.lambda, steps: smallest.steps, accuracy: smallest.accuracy.value },
    difference,
  };
}
