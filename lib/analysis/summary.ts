/** What one run says of the claims: its maximum test accuracy, when it came, and where training accuracy 1 was reached. */

import type { Measure, Run } from '../runs/index.ts';

/** t* is the first measurement whose test accuracy lies within this of the maximum (paper, caption of figure 2). */
export const T_STAR_MARGIN = 0.005;

/** The rule by which runs enter a fit, fixed before looking at any result. */
export const INCLUSION = {
  /** Measurements before t*: fewer tell t* too coarsely. */
  measuresBefore: 8,
  /** t* must lie in this first part of the run: then all of the rest, as long again, gained less than T_STAR_MARGIN. */
  insideFraction: 0.5,
} as const;

export type Outcome = 'finished' | 'diverged' | 'stopped' | 'failed' | 'unfinished';

/** One run in one row. Times are in optimizer steps unless they say epochs; NaN where a run does not reach what is asked. */
export interface RunSummary {
  sweep: string;
  preset: string;
  eta: number;
  lambda: number;
  seed: number;
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
  /** First measured step at training accuracy 1. */
  fitStep: number;
  fitEpochs: number;
  /** Test accuracy at that step. */
  fitTestAccuracy: number;
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
  const fit = measures.find((measure) => measure.trainError === 0);
  const lastStep = measures.at(-1)?.step ?? NaN;
  const inside = star !== undefined && star.step <= INCLUSION.insideFraction * lastStep;
  const longEnough = outcome === 'finished' && inside;
  const reasons = [
    outcome !== 'finished' && (outcome === 'diverged' ? 'diverged' : `not finished (${outcome})`),
    config.lambda === 0 && 'lambda = 0',
    outcome === 'finished' && !inside && 't* in the second half of the run',
    starAt < INCLUSION.measuresBefore && `fewer than ${INCLUSION.measuresBefore} measurements before t*`,
    // Under augmentation no measurement is of the images that were trained on.
    !fit && !config.augmentation && 'training accuracy 1 not reached',
  ].filter((reason) => reason !== false);
  return {
    sweep,
    preset,
    eta: config.eta,
    lambda: config.lambda,
    seed: config.seed,
    steps: config.steps,
    outcome,
    lastStep,
    maxTestAccuracy: best ? 1 - best.testError : NaN,
    maxStep: best?.step ?? NaN,
    tStar: star?.step ?? NaN,
    tStarEpochs: star?.epoch ?? NaN,
    tStarAfter: measures[Math.max(0, starAt - 1)]?.step ?? NaN,
    measuresBeforeTStar: Math.max(0, starAt),
    fitStep: fit?.step ?? NaN,
    fitEpochs: fit?.epoch ?? NaN,
    fitTestAccuracy: fit ? 1 - fit.testError : NaN,
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
