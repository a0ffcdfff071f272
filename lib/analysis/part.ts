/** One part of a figure's claim, as the paper's panels have it: whether it shows here, by how much, and how sure that is. */

import type { Estimate } from './regress.ts';
import { SEED_RULES } from './seeds.ts';

/** `undecided`: the logs allow both readings, or there are too few of them. */
export type PartVerdict = 'shown' | 'not shown' | 'undecided';

export interface Part {
  /** The paper's panel, with the network where one panel has several: '2b', '3e'. */
  panel: string;
  /** What the paper says there, in our words: one sentence without a full stop. */
  claim: string;
  verdict: PartVerdict;
  /** What `effect` is a number of: 'exponent of λ'. */
  measure: string;
  /** Null where there is nothing to measure it from. */
  effect: number | null;
  /** 95 %, or what else `measure` says; null where there is none. */
  interval: [number, number] | null;
  /** How many settings, runs or seeds stand behind it, and of what. */
  n: number;
  of: string;
  /** The numbers in words, without a full stop. */
  words: string;
  /** Where it is undecided or not shown for want of runs: what would decide it, and at what cost. */
  decides?: string;
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

/** Effect and interval of a part; null for what is not a number, which JSON does not have. */
export function effectOf(estimate: Estimate | undefined): Pick<Part, 'effect' | 'interval'> {
  const [low, high] = [finite(estimate?.low), finite(estimate?.high)];
  return { effect: finite(estimate?.value), interval: low === null || high === null ? null : [low, high] };
}

/** A share as a part's effect: 44 of 46, without an interval. */
export const shareOf = (count: number, n: number): Pick<Part, 'effect' | 'interval'> => ({
  effect: n === 0 ? null : count / n,
  interval: null,
});

/**
 * Whether an effect is there, larger than `margin`: shown where its value passes the margin and its whole interval lies above 0, over enough seeds;
 * not shown where the value is at most 0 or the interval excludes the margin; else undecided.
 */
export function isThere({ value, low, high }: Estimate, margin: number, seeds: number): PartVerdict {
  if (!Number.isFinite(value)) return 'undecided';
  if (value <= 0 || high < margin) return 'not shown';
  return value > margin && low > 0 && seeds >= SEED_RULES.seeds ? 'shown' : 'undecided';
}

/** Whether an exponent is `expected`, to `near`: by value and an interval no wider to either side; not, where the interval excludes all of that; else undecided. */
export function exponentIs({ value, low, high }: Estimate, expected: number, near: number): PartVerdict {
  if (low > expected + near || high < expected - near) return 'not shown';
  return Math.abs(value - expected) <= near && (high - low) / 2 <= near ? 'shown' : 'undecided';
}

/** Several demands of one part: not shown where one fails, undecided where one is. */
export function both(...verdicts: readonly PartVerdict[]): PartVerdict {
  if (verdicts.includes('not shown')) return 'not shown';
  return verdicts.includes('undecided') || verdicts.length === 0 ? 'undecided' : 'shown';
}

/** A plain yes counts over enough seeds only; a plain no always. */
export function isRight(holds: boolean, seeds: number): PartVerdict {
  if (!holds) return 'not shown';
  return seeds >= SEED_RULES.seeds ? 'shown' : 'undecided';
}
