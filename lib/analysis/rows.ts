/** Figure S8: performance is alike along eta lambda = const, and longer training does not repair a small lambda. */

import type { Run, RunRole } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, groupBy, hasFinished, meanOf, median, range } from './curve.ts';
import type { Estimate } from './regress.ts';
import { bestElsewhere, runOf, seedOf, surelyAbove } from './seeds.ts';

/** Fixed before any run that they can judge was made, but for the seeds: asked for after the first seed's logs were seen. */
export const ROW_RULES = {
  /** Fewer pairs of neighbours in any of the three directions decide nothing. */
  pairs: 3,
  /**
   * Runs along a line of equal eta lambda are alike when a step along it changes accuracy by at most this share of what the same step of eta
   * alone and of lambda alone change it by (medians); in part within `shareInPart`. Accuracy that hangs on eta alone, on lambda alone or
   * on neither has a share of 1 or more.
   */
  share: 0.5,
  shareInPart: 0.75,
  /** Longer training does not repair the smallest lambda when at the longest length it still lacks this, surely over seeds; in part half of it. */
  lacks: 0.01,
} as const;

export interface GridPoint {
  eta: number;
  lambda: number;
  steps: number;
  role: RunRole | undefined;
  accuracy: Estimate;
  runs: Run[];
}

const best = (run: Run): number => bestWithin(run);

/** The best test accuracy of every setting, over seeds. */
export function gridPoints(runs: readonly Run[]): GridPoint[] {
  const settings = groupBy(
    runs.filter(hasFinished),
    ({ header: { config } }) => `${config.eta} ${config.lambda} ${config.steps}`,
  );
  return [...settings.values()]
    .map((same) => {
      const { eta, lambda, steps } = same[0]!.header.config;
      return { eta, lambda, steps, role: same[0]!.role, accuracy: meanOf(same.map(best)), runs: same };
    })
    .sort((a, b) => a.eta - b.eta || a.lambda - b.lambda || a.steps - b.steps);
}

/**
 * The two panels' points: (a) a grid at one length, the longest whose grid can be judged, (b) several lengths at one learning rate. Rule of
 * 2026-11-29: lengths are never mixed in (a).
 */
export function rowPanels(points: readonly GridPoint[]): { grid: GridPoint[]; stretched: GridPoint[] } {
  const of = (own: RunRole) => points.filter(({ role }) => role === own || role === 'grid and lengths');
  const grids = [...groupBy(of('grid'), ({ steps }) => steps)].sort(([a], [b]) => a - b).map(([, grid]) => grid);
  const whole = grids.findLast((grid) => rowClaim(grid).agreement !== 'not tested here');
  return { grid: whole ?? grids[0] ?? [], stretched: of('lengths') };
}

export interface RowClaim {
  agreement: Agreement;
  /** Lines of equal eta lambda with two runs or more, and how far their accuracies lie apart. */
  lines: { product: number; n: number; spread: number }[];
  /** Median change of accuracy from a run to its neighbour: eta up and lambda down alike, eta alone, lambda alone. */
  along: number;
  etaAlone: number;
  lambdaAlone: number;
  /** The best lambda of each eta, and their product. Judged by nobody. */
  best: { eta: number; lambda: number; product: number; accuracy: number }[];
}

export function rowClaim(grid: readonly GridPoint[]): RowClaim {
  const lines = [...groupBy(grid, ({ eta, lambda }) => Number((eta * lambda).toPrecision(6)))]
    .filter(([, line]) => line.length > 1)
    .map(([product, line]) => ({ product, n: line.length, spread: range(line.map(({ accuracy }) => accuracy.value)) }))
    .sort((a, b) => a.product - b.product);
  const steps = { along: changes(grid, 1, -1), etaAlone: changes(grid, 1, 0), lambdaAlone: changes(grid, 0, 1) };
  const medians = {
    along: median(steps.along),
    etaAlone: median(steps.etaAlone),
    lambdaAlone: median(steps.lambdaAlone),
  };
  const share = medians.along / Math.min(medians.etaAlone, medians.lambdaAlone);
  const few = Object.values(steps).some((each) => each.length < ROW_RULES.pairs);
  return {
    agreement: few ? 'not tested here' : grade(share <= ROW_RULES.share, share <= ROW_RULES.shareInPart),
    lines,
    ...medians,
    best: [...groupBy(grid, (point) => point.eta)].map(([eta, row]) => {
      const { lambda, accuracy } = row.reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
      return { eta, lambda, product: Number((eta * lambda).toPrecision(6)), accuracy: accuracy.value };
    }),
  };
}

/** Changes of accuracy between neighbours of the grid, `up` places along eta and `over` along lambda; along both only where eta lambda is equal. */
function changes(grid: readonly GridPoint[], up: number, over: number): number[] {
  const sorted = (key: 'eta' | 'lambda') => [...new Set(grid.map((point) => point[key]))].sort((a, b) => a - b);
  const [etas, lambdas] = [sorted('eta'), sorted('lambda')];
  return grid.flatMap((from) => {
    const eta = etas[etas.indexOf(from.eta) + up];
    const lambda = lambdas[lambdas.indexOf(from.lambda) + over];
    const to = grid.find((point) => point.eta === eta && point.lambda === lambda);
    const off = to && up !== 0 && over !== 0 && Math.abs((to.eta * to.lambda) / (from.eta * from.lambda) - 1) > 1e-6;
    return to && !off ? [Math.abs(to.accuracy.value - from.accuracy.value)] : [];
  });
}

export interface RepairClaim {
  agreement: Agreement;
  smallest: number;
  /** One a length that the smallest lambda was trained for, shortest first. */
  rows: {
    steps: number;
    best: { lambda: number; accuracy: Estimate };
    smallest: Estimate;
    /** The best lambda's accuracy less the smallest one's, seed by seed; the best is chosen on the other seeds, with one seed on that one. */
    gap: Estimate;
    seeds: number;
  }[];
}

/** However long it is trained, the smallest lambda stays below the best one of the same length. */
export function repairClaim(stretched: readonly GridPoint[]): RepairClaim {
  const smallest = Math.min(...stretched.map(({ lambda }) => lambda));
  const longest = Math.max(...stretched.map(({ steps }) => steps));
  const rows = [...groupBy(stretched, ({ steps }) => steps)]
    .flatMap(([steps, same]) => {
      const own = same.find(({ lambda }) => lambda === smallest);
      if (!own || same.length < 2) return [];
      const { lambda, accuracy } = same.reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
      const gaps = own.runs.map(
        (run) => best(runOf(bestElsewhere(same, seedOf(run), best)!, seedOf(run))!) - best(run),
      );
      return [{ steps, best: { lambda, accuracy }, smallest: own.accuracy, gap: meanOf(gaps), seeds: own.runs.length }];
    })
    .sort((a, b) => a.steps - b.steps);
  const last = rows.at(-1);
  // With the largest length missing, the smallest lambda has not had its chance.
  const tested = rows.length > 1 && last?.steps === longest;
  return {
    agreement: tested
      ? grade(
          last.gap.value > ROW_RULES.lacks && surelyAbove(last.gap, last.seeds),
          last.gap.value > ROW_RULES.lacks / 2,
        )
      : 'not tested here',
    smallest,
    rows,
  };
}
