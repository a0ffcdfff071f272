/** Figure S1: when training accuracy first is 1. */

import { combined } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { exponentAgreement, pairsOf } from './claims.ts';
import { groupBy, median } from './curve.ts';
import { mean, regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import type { RunSummary } from './summary.ts';

/**
 * Fixed before any run that they can judge was made: fits at eta 0.3 and 1 had been seen. Changed after the logs of fc-eta-lambda had been
 * seen, of which small eta has two lambdas only: each exponent is fitted at equal values of the other, that of lambda over all eta.
 */
export const FIT_TIME_RULES = {
  /** Fewer pairs of eta and lambda in a fit decide nothing. */
  runs: 6,
  /** A time below this many steps is known no better than to a tenth. */
  steps: 10,
} as const;

/** An exponent at equal values of the other variable. */
export interface FitExponent {
  agreement: Agreement;
  n: number;
  exponent: Estimate | undefined;
}

export interface FitTimeClaim {
  agreement: Agreement;
  /** The largest eta that counts as small: the geometric mean of the smallest and the largest that reach training accuracy 1. */
  smallEta: number;
  /** Over small eta, at equal lambda; lambda = 0 is one of them. */
  eta: FitExponent;
  /** Over all eta, at equal eta. */
  lambda: FitExponent;
  /** At equal eta: the time at the smallest lambda over that without L2. Judged by nobody. */
  withoutL2: { eta: number; lambda: number; ratio: number }[];
}

/** One pair of eta and lambda; seeds averaged. */
interface Point {
  eta: number;
  lambda: number;
  steps: number;
}

/** Time to training accuracy 1 ~ eta^-1 for small eta, and ~ lambda^0. */
export function fitTimeClaim(summaries: readonly RunSummary[]): FitTimeClaim {
  const reached = summaries.filter(({ fitStep }) => Number.isFinite(fitStep));
  const points = pairsOf(reached).map(({ eta, lambda, runs }): Point => ({
    eta,
    lambda,
    steps: Math.exp(mean(runs.map(({ fitStep }) => Math.log(Math.max(1, fitStep))))),
  }));
  const etas = points.map(({ eta }) => eta);
  const smallEta = Math.sqrt(Math.min(...etas) * Math.max(...etas));
  const known = points.filter(({ steps }) => steps >= FIT_TIME_RULES.steps);
  const eta = exponentWithin(
    known.filter((point) => point.eta <= smallEta * (1 + 1e-9)),
    'eta',
    -1,
  );
  const lambda = exponentWithin(
    known.filter((point) => point.lambda > 0),
    'lambda',
    0,
  );
  const withoutL2 = [...groupBy(known, (point) => point.eta).values()].flatMap((row) => {
    const [zero, smallest] = [...row].sort((a, b) => a.lambda - b.lambda);
    if (zero?.lambda !== 0 || !smallest) return [];
    return [{ eta: zero.eta, lambda: smallest.lambda, ratio: smallest.steps / zero.steps }];
  });
  return { agreement: combined([eta.agreement, lambda.agreement]), smallEta, eta, lambda, withoutL2 };
}

/** The exponent along one variable with a constant of its own for each value of the other that has two points at least. */
function exponentWithin(points: readonly Point[], along: 'eta' | 'lambda', expected: number): FitExponent {
  const other = along === 'eta' ? 'lambda' : 'eta';
  const groups = [...groupBy(points, (point) => point[other]).values()].filter((same) => same.length > 1);
  const used = groups.flat();
  const n = used.length;
  if (n < FIT_TIME_RULES.runs || n < groups.length + 2) return { agreement: 'not tested here', n, exponent: undefined };
  const own = groups
    .slice(1)
    .map((group, i) => [`own ${i}`, used.map((point) => Number(group.includes(point)))] as const);
  const exponent = regress(
    used.map(({ steps }) => Math.log(steps)),
    { ...Object.fromEntries(own), along: used.map((point) => Math.log(point[along])) },
  ).slopes['along']!;
  return { agreement: exponentAgreement(exponent, expected), n, exponent };
}

/** The median of the times at the smallest lambda over those without L2; NaN for none. */
export function ratioWithoutL2({ withoutL2 }: FitTimeClaim): number {
  return withoutL2.length === 0 ? NaN : median(withoutL2.map(({ ratio }) => ratio));
}
