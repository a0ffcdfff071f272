/** Figure S6: training curves at the smallest, the median and the largest lambda of a network. */

import type { Run } from '../runs/index.ts';
import { combined, grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { lossRise } from './catapult.ts';
import { hasFinished } from './curve.ts';
import { INCLUSION, summarizeRun } from './summary.ts';

/**
 * Changed after the logs of fc-eta-lambda had been seen, whose largest lambda learns nothing: which runs may be chosen, t* in the first half, and
 * the training loss are demands that were not there.
 */
export const CURVE_RULES = {
  /** A run has learnt something where its maximum test accuracy is at least twice that of guessing one of ten classes. */
  learnt: 0.2,
} as const;

/**
 * The runs with the smallest, median and largest lambda above 0 at this eta, or at the one nearest to it that has three of them: finished, of seed 0, that
 * learn something and have looks enough before t*.
 */
export function threeRuns(runs: readonly Run[], eta: number): Run[] {
  const usable = runs.filter((run) => {
    if (!hasFinished(run) || run.header.config.lambda === 0 || run.header.config.seed !== 0) return false;
    const { maxTestAccuracy, measuresBeforeTStar } = summarizeRun(run);
    return maxTestAccuracy >= CURVE_RULES.learnt && measuresBeforeTStar >= INCLUSION.measuresBefore;
  });
  const at = (value: number) =>
    usable
      .filter((run) => run.header.config.eta === value)
      .sort((a, b) => a.header.config.lambda - b.header.config.lambda);
  const etas = [...new Set(usable.map((run) => run.header.config.eta))]
    .filter((value) => at(value).length >= 3)
    .sort((a, b) => Math.abs(Math.log(a / eta)) - Math.abs(Math.log(b / eta)));
  if (etas.length === 0) return [];
  const sorted = at(etas[0]!);
  return [sorted[0]!, sorted[Math.floor((sorted.length - 1) / 2)]!, sorted.at(-1)!];
}

export interface CurvesClaim {
  agreement: Agreement;
  /** t* falls from lambda to lambda; open where one lies in the second half of its run, and may not be the last word. */
  order: Agreement;
  /** Training accuracy 1 comes before t*, over the runs that reach it. */
  fit: Agreement;
  /** The training loss rises after a minimum. */
  rise: Agreement;
  /** How often t* would fall in order if it were any look of the first half of each run: the smaller lambda, the longer the run. */
  orderByLength: number;
  rows: {
    lambda: number;
    steps: number;
    fitEpochs: number;
    tStarEpochs: number;
    maximum: number;
    /** Last training loss over its minimum. */
    rise: number;
  }[];
}

/** The smaller lambda, the later the best test accuracy; training accuracy 1 comes before; the training loss falls and rises. */
export function curvesClaim(runs: readonly Run[]): CurvesClaim {
  const summaries = runs.map(summarizeRun);
  const rises = runs.map(lossRise);
  const falls = summaries.slice(1).map((row, i) => row.tStar < summaries[i]!.tStar);
  const fitted = summaries.filter(({ fitStep }) => Number.isFinite(fitStep));
  const before = fitted.filter(({ fitStep, tStar }) => fitStep <= tStar).length;
  const rising = rises.filter((each) => each.rises).length;
  const open = 'not tested here' as const;
  const few = runs.length < 3;
  const order =
    few || !summaries.every(({ longEnough }) => longEnough) ? open : grade(falls.every(Boolean), falls.some(Boolean));
  const fit = few || fitted.length === 0 ? open : grade(before === fitted.length, before > 0);
  const rise = few ? open : grade(rising === runs.length, rising > 0);
  return {
    agreement: combined([order, fit, rise]),
    order,
    fit,
    rise,
    orderByLength: few ? NaN : orderByLength(runs),
    rows: summaries.map(({ lambda, steps, fitEpochs, tStarEpochs, maxTestAccuracy }, i) => ({
      lambda,
      steps,
      fitEpochs,
      tStarEpochs,
      maximum: maxTestAccuracy,
      rise: rises[i]!.last / rises[i]!.least,
    })),
  };
}

/** The share of all triples of looks, one of the first half of each run, that fall from run to run. */
function orderByLength(runs: readonly Run[]): number {
  const looks = runs.map(({ measures }) => {
    const last = measures.at(-1)!.step;
    return measures
      .map(({ step }) => step)
      .filter((step, i) => i >= INCLUSION.measuresBefore && step <= INCLUSION.insideFraction * last);
  });
  const [first, second, third] = looks;
  let falling = 0;
  for (const middle of second!)
    falling += first!.filter((step) => step > middle).length * third!.filter((step) => step < middle).length;
  return falling / looks.reduce((product, { length }) => product * length, 1);
}
