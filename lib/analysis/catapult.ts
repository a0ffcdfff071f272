/** Figure S5: with mean squared error, performance depends on eta at training accuracy 1, and not at t*. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { RULES } from './claims.ts';
import { groupBy, hasFinished } from './curve.ts';
import { regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import type { RunSummary } from './summary.ts';

/** Fixed before any run that they can judge was made. */
export const CATAPULT_RULES = {
  /** The slope in eta at training accuracy 1 is this many times that at t*; in part when merely larger. */
  ratio: 2,
  /** The training loss rises again when its last value is this many times its minimum. */
  rise: 1.1,
} as const;

export interface CatapultClaim {
  agreement: Agreement;
  n: number;
  /** Change of the test accuracy a decade of eta, at training accuracy 1 and at the maximum; undefined with too few runs. */
  atFit: Estimate | undefined;
  atMaximum: Estimate | undefined;
}

export function catapultClaim(summaries: readonly RunSummary[]): CatapultClaim {
  const included = summaries.filter(({ included, fitTestAccuracy }) => included && Number.isFinite(fitTestAccuracy));
  const n = included.length;
  const several = (values: readonly number[]) => new Set(values).size > 2;
  const eta = included.map((summary) => Math.log10(summary.eta));
  const lambda = included.map((summary) => Math.log10(summary.lambda));
  if (n < RULES.runs || !several(eta) || !several(lambda))
    return { agreement: 'not tested here', n, atFit: undefined, atMaximum: undefined };
  const slope = (values: readonly number[]) => regress(values, { eta, lambda }).slopes['eta']!;
  const atFit = slope(included.map(({ fitTestAccuracy }) => fitTestAccuracy));
  const atMaximum = slope(included.map(({ maxTestAccuracy }) => maxTestAccuracy));
  const depends = atFit.low > 0 || atFit.high < 0;
  const [fit, maximum] = [Math.abs(atFit.value), Math.abs(atMaximum.value)];
  return {
    agreement: grade(depends && fit >= CATAPULT_RULES.ratio * maximum, depends && fit > maximum),
    n,
    atFit,
    atMaximum,
  };
}

export interface LossRise {
  eta: number;
  lambda: number;
  least: number;
  leastEpoch: number;
  last: number;
  rises: boolean;
}

export interface RiseClaim {
  agreement: Agreement;
  rows: LossRise[];
  rising: number;
}

/** Finished runs with L2 that reach training accuracy 1. */
const fitting = (runs: readonly Run[]): Run[] =>
  runs.filter(
    (run) =>
      hasFinished(run) && run.header.config.lambda > 0 && run.measures.some(({ trainError }) => trainError === 0),
  );

/** Panel c: of the lambdas at which runs fit their data, those of the one with most eta, of equal ones the smallest; by eta. */
export function lossRuns(runs: readonly Run[]): Run[] {
  const etas = (same: readonly Run[]) => new Set(same.map(({ header }) => header.config.eta)).size;
  const [most] = [...groupBy(fitting(runs), ({ header }) => header.config.lambda)].sort(
    ([a, left], [b, right]) => etas(right) - etas(left) || a - b,
  );
  return [...(most?.[1] ?? [])].sort((a, b) => a.header.config.eta - b.header.config.eta);
}

/** The training loss of one run, without the L2 term: its minimum, where, and how it ends. */
export function lossRise(run: Run): LossRise {
  const least = run.measures.reduce((low, next) => (next.trainLoss < low.trainLoss ? next : low));
  const last = run.measures.at(-1)!.trainLoss;
  const { eta, lambda } = run.header.config;
  const rises = last >= CATAPULT_RULES.rise * least.trainLoss;
  return { eta, lambda, least: least.trainLoss, leastEpoch: least.epoch, last, rises };
}

/** Training loss has a minimum and rises after it, over the runs that reach training accuracy 1. */
export function riseClaim(runs: readonly Run[]): RiseClaim {
  const rows = fitting(runs).map(lossRise);
  const rising = rows.filter(({ rises }) => rises).length;
  return {
    agreement:
      rows.length < RULES.runs
        ? 'not tested here'
        : grade(rising >= RULES.gainShare * rows.length, rising >= rows.length / 2),
    rows,
    rising,
  };
}
