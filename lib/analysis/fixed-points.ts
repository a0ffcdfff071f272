/** B.1: where gradient descent ended for deep linear networks, against (S20) and against (S21) as printed. */

import { collapse, fixedPoints, printedFixedPoint } from '../theory/index.ts';
import type { FixedPointRow } from '../theory/index.ts';
import { grade, together } from './agreement.ts';
import type { Agreement } from './agreement.ts';

/** Set with the logs at hand. Gradient descent stops at gradients of 1e-13, or, just above the collapse of L = 1, after a bounded number of steps. */
export const FIXED_POINT_RULES = {
  /** f lies this near to the curve of (S20). */
  onCurve: 1e-8,
  /** Singular values beside the first, and differences of the layers' norms, relative. */
  weights: 1e-6,
  /** f counts as 0 below this. */
  zero: 1e-3,
} as const;

export interface Collapse {
  depth: number;
  /** Strength where f > 0 ends and f there, by (S20). */
  predicted: { f: number; strength: number };
  /** Smallest f > 0 below it and largest f above it. */
  last: number;
  above: number;
  /** Largest f on the way back, below it; NaN without such a run. */
  back: number;
}

export interface FixedPointClaim {
  agreement: Agreement;
  parts: { curve: Agreement; weights: Agreement; collapse: Agreement };
  /** Largest distance of f from (S20). */
  offCurve: number;
  rank: number;
  unequal: number;
  collapses: Collapse[];
  /** L = 1 in the NTK parameterization below the collapse: largest distance to 1 - lambda sqrt n, smallest to (S21) as printed. */
  solved: number;
  printed: number;
}

export function fixedPointClaim(rows: readonly FixedPointRow[]): FixedPointClaim {
  const settled = rows.filter(({ path }) => path !== 'down');
  const alive = settled.filter(({ f }) => f > FIXED_POINT_RULES.zero);
  const exists = ({ depth, strength }: FixedPointRow): boolean => fixedPoints(depth, strength).length > 0;
  const most = (values: readonly number[]): number => (values.length === 0 ? NaN : Math.max(...values));
  const offCurve = most(settled.map((row) => Math.abs(row.f - (fixedPoints(row.depth, row.strength)[0] ?? 0))));
  const rank = most(alive.map(({ rankRatio }) => rankRatio));
  // (S16): every |W_l|^2 is fhat, which is f (1 - f) / lambda for one sample x = y = 1.
  const unequal = most(
    alive.flatMap(({ squaredNorms, lambda, f }) =>
      squaredNorms.map((norm) => Math.abs((norm * lambda) / (f * (1 - f)) - 1)),
    ),
  );
  const collapses = [...new Set(rows.map(({ depth }) => depth))]
    .sort((a, b) => a - b)
    .map((depth): Collapse => {
      const mine = settled.filter((row) => row.depth === depth);
      return {
        depth,
        predicted: collapse(depth),
        last: -most(mine.filter(exists).map(({ f }) => -f)),
        above: most(mine.filter((row) => !exists(row)).map(({ f }) => Math.abs(f))),
        back: most(rows.filter((row) => row.depth === depth && row.path === 'down' && exists(row)).map(({ f }) => f)),
      };
    });
  const first = settled.filter((row) => row.depth === 1 && row.parameterization === 'ntk' && exists(row));
  const parts = {
    curve: decided(offCurve, offCurve <= FIXED_POINT_RULES.onCurve),
    weights: decided(rank + unequal, rank <= FIXED_POINT_RULES.weights && unequal <= FIXED_POINT_RULES.weights),
    collapse: together(collapses.filter(({ depth }) => depth > 1).map(jumps)),
  };
  const tested = collapses.some(({ depth }) => depth > 1);
  if (!tested) parts.collapse = 'not tested here';
  return {
    agreement: rows.length === 0 ? 'not tested here' : together(Object.values(parts)),
    parts,
    offCurve,
    rank,
    unequal,
    collapses,
    solved: most(first.map(({ f, lambda, width }) => Math.abs(f - (1 - lambda * Math.sqrt(width))))),
    printed: -most(first.map(({ f, strength }) => -Math.abs(f - printedFixedPoint(strength)))),
  };
}

const decided = (value: number, good: boolean): Agreement =>
  Number.isNaN(value) ? 'not tested here' : grade(good, false);

/** From above f = (L - 1) / (2 L) to 0, and not back as the strength falls again. */
function jumps({ predicted, last, above, back }: Collapse): Agreement {
  const { zero } = FIXED_POINT_RULES;
  return decided(last + above + back, last > predicted.f && above < zero && back < zero);
}
