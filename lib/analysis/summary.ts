/** What one run says of the claims: its maximum test accuracy, when it came, and where training accuracy 1 was reached. */

import type { Measure, Run, RunConfig } from '../runs/index.ts';
import { gainBeyondNoise, smoothed, SMOOTH } from './smooth.ts';

/** t* is the first measurement whose test accuracy lies within this of the maximum (paper, caption of figure 2). */
export const T_STAR_MARGIN = 0.005;

/** The rule by which runs enter a fit, fixed before looking at any result, but for `reach`. */
export const INCLUSION = {
  /** Measurements before t*: fewer tell t* too coarsely. */
  measuresBefore: 8,
  /** t* must lie in this first part of the run: then all of the rest, as long again, gained less than T_STAR_MARGIN. */
  insideFraction: 0.5,
  /**
   * Under augmentation training accuracy 1 is not asked for. Where it is measured on the images as they are, it must come this far.
   * Set AFTER the first seed of wrn-momentum-lambda had been seen, three of whose eight lambdas stay below it.
   */
  reach: 0.5,
} as const;

/** Under augmentation the reason by which INCLUSION.reach leaves a run out. */
const LOW_REACH = `training accuracy never ${INCLUSION.reach}`;

/** The runs as they entered fits before INCLUSION.reach was added. */
export function withoutReach(summaries: readonly RunSummary[]): RunSummary[] {
  return summaries.map((summary) => {
    const excludedFor = summary.excludedFor
      .split('; ')
      .filter((reason) => reason !== LOW_REACH)
      .join('; ');
    return {
      ...summary,
      excludedFor,
      included: excludedFor === '',
      fits: summary.fits || summary.excludedFor.split('; ').includes(LOW_REACH),
    };
  });
}

/** The share of themselves that weights lose a step by L2 alone: the code's L2 term has no half, and momentum adds its past steps. */
export function decayRate({
  eta,
  lambda,
  momentum,
  l2Convention,
}: Pick<RunConfig, 'eta' | 'lambda' | 'momentum' | 'l2Convention'>): number {
  return (eta * lambda * (l2Convention === 'full' ? 2 : 1)) / (1 - momentum);
}

export type Outcome = 'finished' | 'diverged' | 'stopped' | 'failed' | 'unfinished';

/** One run in one row. Times are in optimizer steps unless they say epochs; NaN where a run does not reach what is asked. */
export interface RunSummary {
  sweep: string;
  preset: string;
  eta: number;
  lambda: number;
  seed: number;
  /** Of the weights by L2 alone, a step. */
  decayRate: number;
  /** Planned length. */
  steps: number;
  outcome: Outcome;
  /** Step of the last measurement. */
  lastStep: number;
  maxTestAccuracy: number;
  maxStep: number;
  /** First measured step within T_STAR_MARGIN of the maximum. */
  tStar: number;
  tStarEpochs: number;
  /** The measured step before t*: the true time lies after it, at tStar at the latest. Equal to tStar if that is the first measurement. */
  tStarAfter: number;
  measuresBeforeTStar: number;
  /** t* in epochs of the curve of means over SMOOTH.looks looks: noise between looks moves it less. */
  smoothTStarEpochs: number;
  /** Highest training accuracy. */
  reach: number;
  /** It fits what it is trained on: training accuracy 1, or INCLUSION.reach under augmentation where that can be told. */
  fits: boolean;
  /** First measured step at training accuracy 1. */
  fitStep: number;
  fitEpochs: number;
  /** Test accuracy at that step. */
  fitTestAccuracy: number;
  /** What the test accuracy gains after that step, both ends means over looks, the later place chosen by other looks than it is read from. */
  smoothGain: number;
  /** Finished, and t* within the first INCLUSION.insideFraction of the run. */
  longEnough: boolean;
  /** Enters fits of t*. */
  included: boolean;
  /** Why not, or an empty string. */
  excludedFor: string;
  file: string;
}

/** Reduces a run to its summary. Measurements that are not finite (after a divergence) count for nothing. */
export function summarizeRun(run: Run): RunSummary {
  const { config, sweep, preset } = run.header;
  const measures = run.measures.filter((measure) => Number.isFinite(measure.testError));
  const outcome: Outcome = run.end?.reason ?? 'unfinished';
  const best = measures.reduce<Measure | undefined>(
    (top, measure) => (top && top.testError <= measure.testError ? top : measure),
    undefined,
  );
  // Accuracies are multiples of 1/samples: half of the smallest step keeps rounding out of "within".
  const tolerance = 0.5 / config.data.testSamples;
  const starAt = best
    ? measures.findIndex((measure) => measure.testError - best.testError <= T_STAR_MARGIN + tolerance)
    : -1;
  const star = measures[starAt];
  const fitAt = measures.findIndex((measure) => measure.trainError === 0);
  const fit = measures[fitAt];
  const accuracies = measures.map((measure) => 1 - measure.testError);
  const smooth = smoothed(accuracies);
  const smoothMaximum = smooth.length > 0 ? Math.max(...smooth) : NaN;
  // The curve of means begins half a window after the run's.
  const smoothStar =
    measures[smooth.findIndex((mean) => smoothMaximum - mean <= T_STAR_MARGIN + 1e-9) + (SMOOTH.looks - 1) / 2];
  const reach = 1 - Math.min(...measures.map((measure) => measure.trainError));
  const fits = config.augmentation
    ? config.measureTraining === 'next-batch' || reach >= INCLUSION.reach
    : fit !== undefined;
  const lastStep = measures.at(-1)?.step ?? NaN;
  const inside = star !== undefined && star.step <= INCLUSION.insideFraction * lastStep;
  const longEnough = outcome === 'finished' && inside;
  const reasons = [
    outcome !== 'finished' && (outcome === 'diverged' ? 'diverged' : `not finished (${outcome})`),
    config.lambda === 0 && 'lambda = 0',
    outcome === 'finished' && !inside && 't* in the second half of the run',
    starAt < INCLUSION.measuresBefore && `fewer than ${INCLUSION.measuresBefore} measurements before t*`,
    !fits && (config.augmentation ? LOW_REACH : 'training accuracy 1 not reached'),
  ].filter((reason) => reason !== false);
  return {
    sweep,
    preset,
    eta: config.eta,
    lambda: config.lambda,
    seed: config.seed,
    decayRate: decayRate(config),
    steps: config.steps,
    outcome,
    lastStep,
    maxTestAccuracy: best ? 1 - best.testError : NaN,
    maxStep: best?.step ?? NaN,
    tStar: star?.step ?? NaN,
    tStarEpochs: star?.epoch ?? NaN,
    tStarAfter: measures[Math.max(0, starAt - 1)]?.step ?? NaN,
    measuresBeforeTStar: Math.max(0, starAt),
    smoothTStarEpochs: smooth.length > 0 ? (smoothStar?.epoch ?? NaN) : NaN,
    reach,
    fits,
    fitStep: fit?.step ?? NaN,
    fitEpochs: fit?.epoch ?? NaN,
    fitTestAccuracy: fit ? 1 - fit.testError : NaN,
    smoothGain: fit ? gainBeyondNoise(accuracies, fitAt) : NaN,
    longEnough,
    included: reasons.length === 0,
    excludedFor: reasons.join('; '),
    file: run.file,
  };
}

/** How often each reason keeps a run out, most frequent first. */
export function exclusions(summaries: readonly RunSummary[]): { reason: string; runs: number }[] {
  const counts = new Map<string, number>();
  for (const { excludedFor } of summaries)
    if (excludedFor !== '')
      for (const reason of excludedFor.split('; ')) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, runs]) => ({ reason, runs })).sort((a, b) => b.runs - a.runs);
}
