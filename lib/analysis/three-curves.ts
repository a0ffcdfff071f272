/** Figure S6: training curves at the smallest, the median and the largest lambda of a network. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { hasFinished } from './curve.ts';
import { summarizeRun } from './summary.ts';

/** The finished runs at this eta (or the one nearest to it that has three of them) with the smallest, median and largest lambda above 0. */
export function threeRuns(runs: readonly Run[], eta: number): Run[] {
  const finished = runs.filter((run) => hasFinished(run) && run.header.config.lambda > 0);
  const at = (value: number) =>
    finished
      .filter((run) => run.header.config.eta === value && run.header.config.seed === 0)
      .sort((a, b) => a.header.config.lambda - b.header.config.lambda);
  const etas = [...new Set(finished.map((run) => run.header.config.eta))]
    .filter((value) => at(value).length >= 3)
    .sort((a, b) => Math.abs(Math.log(a / eta)) - Math.abs(Math.log(b / eta)));
  if (etas.length === 0) return [];
  const sorted = at(etas[0]!);
  return [sorted[0]!, sorted[Math.floor((sorted.length - 1) / 2)]!, sorted.at(-1)!];
}

export interface CurvesClaim {
  agreement: Agreement;
  rows: { lambda: number; fitEpochs: number; tStarEpochs: number; maximum: number }[];
}

/** The smaller lambda, the later the best test accuracy; and where training accuracy 1 is reached, it comes before. */
export function curvesClaim(runs: readonly Run[]): CurvesClaim {
  const rows = runs.map(summarizeRun).map(({ lambda, fitEpochs, tStarEpochs, maxTestAccuracy }) => ({
    lambda,
    fitEpochs,
    tStarEpochs,
    maximum: maxTestAccuracy,
  }));
  const falls = rows.slice(1).map((row, i) => row.tStarEpochs < rows[i]!.tStarEpochs);
  const after = rows.every(({ fitEpochs, tStarEpochs }) => !(fitEpochs > tStarEpochs));
  return {
    agreement: rows.length < 3 ? 'not tested here' : grade(falls.every(Boolean) && after, falls.some(Boolean)),
    rows,
  };
}
