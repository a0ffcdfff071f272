/** What a workbook asks of one training curve, and of several seeds of one setting. */

import type { Measure, Run } from '../runs/index.ts';
import { regress } from './regress.ts';
import type { Estimate } from './regress.ts';

/** Measurements with a finite test error; after a divergence there are none. */
export function measured(run: Run): Measure[] {
  return run.measures.filter((measure) => Number.isFinite(measure.testError));
}

export const hasFinished = (run: Run): boolean => run.end?.reason === 'finished';

/** The best test accuracy within the first `steps` steps; NaN without a measurement there. */
export function bestWithin(run: Run, steps = Infinity): number {
  const errors = measured(run)
    .filter((measure) => measure.step <= steps)
    .map((measure) => measure.testError);
  return errors.length === 0 ? NaN : 1 - Math.min(...errors);
}

/** The first measurement with at least this test accuracy. */
export function firstAt(run: Run, accuracy: number): Measure | undefined {
  return measured(run).find((measure) => 1 - measure.testError >= accuracy - 1e-9);
}

/** Test accuracy at the last measurement that is not after `step`; NaN before the first. */
export function accuracyAt(run: Run, step: number): number {
  const before = measured(run).findLast((measure) => measure.step <= step);
  return before ? 1 - before.testError : NaN;
}

/** Steps of one epoch, from the last measurement; NaN for a run without one after its start. */
export function stepsAnEpoch(run: Run): number {
  const last = run.measures.at(-1);
  return last && last.epoch > 0 ? last.step / last.epoch : NaN;
}

/** The mean with its interval by Student's t; the interval is NaN for a single value, all of it where a value is missing. */
export function meanOf(values: readonly number[], confidence = 0.95): Estimate {
  if (!values.every(Number.isFinite)) return { value: NaN, low: NaN, high: NaN };
  if (values.length < 2) return { value: values[0] ?? NaN, low: NaN, high: NaN };
  return regress(values, {}, confidence).constant;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Groups in order of first appearance. */
export function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

export const range = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
