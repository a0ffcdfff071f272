/** Figure S7: a network that is not overparameterized has a best lambda above 0, and t* ~ 1/lambda only above it. */

import type { Run } from '../runs/index.ts';
import { combined, grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { exponentAgreement, RULES } from './claims.ts';
import { groupBy, hasFinished, meanOf, measured } from './curve.ts';
import { fitPowerLaw } from './power-law.ts';
import type { Estimate } from './regress.ts';
import { summarizeRun } from './summary.ts';
import type { RunSummary } from './summary.ts';

/** Fixed before the runs that they judge had ended; the width of intervals was added while the first two were seen. */
export const NARROW_RULES = {
  /** Fewer lambda > 0 decide nothing; fewer on one side of the best leave its exponent undecided. */
  lambdas: 4,
  side: 3,
  /** The best lambda beats both 0 and the largest by more than this. */
  better: 0.005,
  /** t* must lie in this first part of its run to enter a fit: a maximum at the very end is no maximum. */
  inside: 0.9,
  /** An exponent is the expected one when it lies within this of it and its interval reaches no further to either side; in part twice. */
  exponent: RULES.exponentInPart,
} as const;

/** Whether t* of a run enters the fits of this figure: training accuracy 1 is not asked for. */
export const entersNarrowFit = ({ lambda, tStar, lastStep, outcome }: RunSummary): boolean =>
  outcome === 'finished' && lambda > 0 && tStar > 0 && tStar <= NARROW_RULES.inside * lastStep;

const exponentIs = (expected: number, estimate: Estimate | undefined): Agreement =>
  estimate
    ? exponentAgreement(estimate, expected, NARROW_RULES.exponent, 2 * NARROW_RULES.exponent)
    : 'not tested here';

export interface NarrowClaim {
  agreement: Agreement;
  parts: { optimum: Agreement; above: Agreement; below: Agreement; early: Agreement };
  best: { lambda: number; accuracy: Estimate };
  /** Best accuracy at lambda = 0 (or at the smallest, where 0 is not there), and which it is. */
  without: { lambda: number; accuracy: number };
  /** Exponents of t* in lambda, above the best lambda (inclusive) and below it. */
  exponentAbove: Estimate | undefined;
  exponentBelow: Estimate | undefined;
  /** Runs whose maximum comes before training accuracy 1, or that never reach it. */
  before: number;
  n: number;
}

export function narrowClaim(runs: readonly Run[]): NarrowClaim {
  const finished = runs.filter((run) => hasFinished(run) && measured(run).length > 0);
  const summaries = finished.map(summarizeRun);
  const byLambda = [...groupBy(summaries, ({ lambda }) => lambda)]
    .map(([lambda, same]) => ({ lambda, accuracy: meanOf(same.map(({ maxTestAccuracy }) => maxTestAccuracy)) }))
    .sort((a, b) => a.lambda - b.lambda);
  const positive = byLambda.filter(({ lambda }) => lambda > 0);
  const nothing = { value: NaN, low: NaN, high: NaN };
  const best = byLambda.reduce((top, next) => (top.accuracy.value >= next.accuracy.value ? top : next), {
    lambda: NaN,
    accuracy: { ...nothing, value: -Infinity },
  });
  const timed = summaries.filter(entersNarrowFit);
  const exponent = (side: typeof timed) =>
    new Set(side.map(({ lambda }) => lambda)).size < NARROW_RULES.side
      ? undefined
      : fitPowerLaw(
          side.map(({ tStarEpochs }) => tStarEpochs),
          { lambda: side.map(({ lambda }) => lambda) },
        ).exponents['lambda'];
  const exponentAbove = exponent(timed.filter(({ lambda }) => lambda >= best.lambda));
  const exponentBelow = exponent(timed.filter(({ lambda }) => lambda <= best.lambda));
  const first = byLambda[0];
  const last = byLambda.at(-1);
  const gainOver = (other: typeof first) => best.accuracy.value - (other?.accuracy.value ?? NaN);
  const before = summaries.filter(({ tStar, fitStep }) => !(fitStep <= tStar)).length;
  const enough = positive.length >= NARROW_RULES.lambdas && first?.lambda === 0;
  const parts: NarrowClaim['parts'] = {
    optimum: enough
      ? grade(
          best.lambda > 0 && gainOver(first) > NARROW_RULES.better && gainOver(last) > NARROW_RULES.better,
          best.lambda > 0 && gainOver(first) > 0 && gainOver(last) > 0,
        )
      : 'not tested here',
    above: enough ? exponentIs(-1, exponentAbove) : 'not tested here',
    below: enough ? exponentIs(0, exponentBelow) : 'not tested here',
    early: enough
      ? grade(before >= RULES.gainShare * summaries.length, before >= summaries.length / 2)
      : 'not tested here',
  };
  return {
    agreement: combined(Object.values(parts)),
    parts,
    best,
    without: { lambda: first?.lambda ?? NaN, accuracy: first?.accuracy.value ?? NaN },
    exponentAbove,
    exponentBelow,
    before,
    n: summaries.length,
  };
}
