/** Figure 2's law of t* over other selections of the same runs than INCLUSION's: what the exponents owe to the selection. */

import { lawOf } from './claims.ts';
import type { Law } from './claims.ts';
import { groupBy, median } from './curve.ts';
import { INCLUSION } from './summary.ts';
import type { RunSummary } from './summary.ts';

export interface Selection {
  name: string;
  keep: (summary: RunSummary) => boolean;
}

/** Chosen AFTER the logs of fc-eta-lambda had been seen: they explain a verdict, and never enter one. */
export const SELECTIONS: readonly Selection[] = [
  { name: 'training accuracy 1 (the rule)', keep: ({ included }) => included },
  { name: 'the same, η < 1', keep: ({ included, eta }) => included && eta < 1 },
  { name: 'the same, η ≥ 1', keep: ({ included, eta }) => included && eta >= 1 },
  { name: 'no demand of a fit, λ ≤ 0.1, η ≤ 0.3', keep: ({ lambda, eta }) => lambda <= 0.1 && eta <= 0.3 },
  { name: 'no demand of a fit, λ ≤ 0.1, η < 1', keep: ({ lambda, eta }) => lambda <= 0.1 && eta < 1 },
  { name: 'no demand of a fit, λ ≤ 0.1, η ≥ 1', keep: ({ lambda, eta }) => lambda <= 0.1 && eta >= 1 },
];

/** Runs whose t* is known: long enough and with looks before it, whether they fit their data or not. */
export function timed(summaries: readonly RunSummary[]): RunSummary[] {
  return summaries.filter(
    ({ longEnough, lambda, measuresBeforeTStar }) =>
      longEnough && lambda > 0 && measuresBeforeTStar >= INCLUSION.measuresBefore,
  );
}

export function selectionLaws(
  summaries: readonly RunSummary[],
  selections: readonly Selection[] = SELECTIONS,
): { name: string; n: number; found: Law | undefined }[] {
  return selections.map(({ name, keep }) => {
    const kept = timed(summaries).filter(keep);
    return { name, n: kept.length, found: lawOf(kept) };
  });
}

/** One lambda: the exponent of eta over its runs, and the median of eta lambda t* in epochs. */
export interface LambdaLaw {
  lambda: number;
  n: number;
  found: Law | undefined;
  c: number;
}

export function lambdaLaws(summaries: readonly RunSummary[]): LambdaLaw[] {
  return [...groupBy(timed(summaries), ({ lambda }) => lambda)]
    .sort(([a], [b]) => a - b)
    .map(([lambda, same]) => ({
      lambda,
      n: same.length,
      found: lawOf(same),
      c: median(same.map(({ eta, tStarEpochs }) => eta * lambda * tStarEpochs)),
    }));
}
