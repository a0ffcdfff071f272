/** A run whose test curve is the mean over neighbouring looks: what is read from it, noise between looks moves less. Rule of 2026-11-29. */

import type { Run } from '../runs/index.ts';
import { smoothed, SMOOTH } from './smooth.ts';

/** Test errors become means over SMOOTH.looks finite looks, each at the step of the middle one; runs of fewer looks have none left. */
export function smoothRun<T extends Run>(run: T): T {
  const half = (SMOOTH.looks - 1) / 2;
  const looks = run.measures.filter(({ testError }) => Number.isFinite(testError));
  const errors = smoothed(looks.map(({ testError }) => testError));
  return { ...run, measures: errors.map((testError, i) => ({ ...looks[i + half]!, testError })) };
}
