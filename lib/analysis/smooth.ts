/** Readings of a test curve that noise between looks moves less than it moves a single look. */

import { mean } from './regress.ts';

/** Added after the logs of fc-eta-lambda and the first seed of wrn-momentum-lambda had been seen, before any of the WRN's or CNN's over eta and lambda. */
export const SMOOTH = {
  /** Looks in a mean: odd, so that it has a middle. */
  looks: 5,
} as const;

/** Means over SMOOTH.looks neighbouring looks; the first stands at look (SMOOTH.looks - 1) / 2. */
export function smoothed(values: readonly number[]): number[] {
  const windows = Math.max(0, values.length - SMOOTH.looks + 1);
  return Array.from({ length: windows }, (_, i) => mean(values.slice(i, i + SMOOTH.looks)));
}

/**
 * What a curve gains after the look `from`. A maximum over noisy looks lies above any one of them even on a level curve, so the place
 * of the later mean is chosen on every second look and the mean taken over the others there, once each way. NaN where too few looks follow.
 */
export function gainBeyondNoise(values: readonly number[], from: number): number {
  const half = (SMOOTH.looks - 1) / 2;
  const before = mean(values.slice(Math.max(0, from - half), from + half + 1));
  const later = values.slice(from);
  if (later.length < 2 * SMOOTH.looks) return NaN;
  const [even, odd] = [0, 1].map((parity) => later.filter((_, i) => i % 2 === parity));
  const readBy = (chosen: readonly number[], read: readonly number[]): number => {
    const means = smoothed(chosen);
    const at = means.indexOf(Math.max(...means));
    return mean(read.slice(at, at + SMOOTH.looks));
  };
  return (readBy(even!, odd!) + readBy(odd!, even!)) / 2 - before;
}
