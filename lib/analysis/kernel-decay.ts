/** The workbook `theory`: rate of the kernel's decay, the exponents in n of what differs from infinite width, and the function's end. */

import type { InitialKernelRow, KernelRow, KinkRow } from '../theory/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { groupBy, meanOf } from './curve.ts';
import { fitPowerLaw } from './power-law.ts';
import { mean } from './regress.ts';
import type { Estimate } from './regress.ts';

/** Of these only `leastWidth` was fixed before the logs; `largest`, `reach` and `share` after seeing that later times decide otherwise. */
export const KERNEL_RULES = {
  /** Theorem 1: the widest network's rate lies within this of 2 (k - 1), relative; read at the measurement nearest to lambda t = 1. */
  rate: 0.02,
  rateAt: 1,
  /** Lemma 2: widths from here. */
  leastWidth: 256,
  /** A width enters where the corrections of all its seeds are below this: 1/n is the first order of an expansion, narrow widths leave it. */
  largest: 0.1,
  /** Fewer widths of a seed, or seeds at a width, enter no fit. */
  widths: 3,
  seeds: 2,
  /** An interval that reaches further than this to a side could hold both -1 and -1/2: it decides nothing. */
  reach: 0.25,
  /** Lemma 2 holds for a group of networks where this share of the intervals that decide, all times, hold -1. */
  share: 0.9,
  /** Theorem 2: at the last measurement the mean of y f is below this. */
  end: 1e-3,
} as const;

/** A power law in the width. */
export interface WidthLaw {
  factor: number;
  exponent: Estimate;
  /** Widths of the fit, ascending. */
  widths: number[];
}

/** One measured size. */
export interface WidthPoint {
  width: number;
  seed: number;
  value: number;
}

/**
 * Fits value ~ n^exponent seed by seed; the interval is that of the mean over seeds. A wide network begins with the draws of the narrow ones of
 * its seed, so that runs of one seed are not independent and a fit over all would claim too narrow an interval. Undefined with too few
 * widths or seeds, or where a value is 0.
 */
export function widthLaw(
  points: readonly WidthPoint[],
  {
    least = 0,
    largest = Infinity,
    seeds = KERNEL_RULES.seeds,
  }: { least?: number; largest?: number; seeds?: number } = {},
): WidthLaw | undefined {
  const kept = [...groupBy(points, ({ width }) => width)].filter(
    ([width, same]) => width >= least && same.length >= seeds && same.every(({ value }) => value < largest),
  );
  const used = kept.flatMap(([, same]) => same);
  const ofSeed = [...groupBy(used, ({ seed }) => seed).values()].filter((same) => same.length >= KERNEL_RULES.widths);
  if (ofSeed.length < KERNEL_RULES.seeds || used.some(({ value }) => !(value > 0))) return undefined;
  const exponent = meanOf(
    ofSeed.map(
      (same) =>
        fitPowerLaw(
          same.map(({ value }) => value),
          { n: same.map(({ width }) => width) },
        ).exponents['n']!.value,
    ),
  );
  // Through the middle of the points.
  const middle = (of: (point: WidthPoint) => number): number => mean(used.map((point) => Math.log(of(point))));
  const factor = Math.exp(middle(({ value }) => value) - exponent.value * middle(({ width }) => width));
  return { factor, exponent, widths: kept.map(([width]) => width).sort((a, b) => a - b) };
}

const isNarrow = ({ low, high }: Estimate): boolean => (high - low) / 2 <= KERNEL_RULES.reach;

const holds = ({ low, high }: Estimate, value: number): boolean => low <= value && value <= high;

/** Theorem 1 for one network, at its greatest width. */
export interface DecayRate {
  name: string;
  width: number;
  seeds: number;
  predicted: number;
  /** Over seeds. */
  rate: Estimate;
}

export function decayRates(rows: readonly KernelRow[]): DecayRate[] {
  return [...groupBy(rows, ({ name }) => name)].map(([name, mine]) => {
    const width = Math.max(...mine.map((row) => row.width));
    const widest = mine.filter((row) => row.width === width);
    const distance = ({ lambdaT }: KernelRow): number => Math.abs(lambdaT - KERNEL_RULES.rateAt);
    const nearest = Math.min(...widest.map(distance));
    const rates = widest
      .filter((row) => distance(row) <= nearest * (1 + 1e-9))
      .map(({ left, lambdaT }) => -Math.log(left) / lambdaT);
    return { name, width, seeds: rates.length, predicted: 2 * (widest[0]!.k - 1), rate: meanOf(rates) };
  });
}

/** Theorem 1 over all networks: the largest relative error of the mean rate. */
export function decayClaim(rates: readonly DecayRate[]): { agreement: Agreement; error: number } {
  const error = Math.max(...rates.map(({ rate, predicted }) => Math.abs(rate.value / predicted - 1)));
  if (rates.length === 0) return { agreement: 'not tested here', error: NaN };
  return { agreement: grade(error <= KERNEL_RULES.rate, false), error };
}

/** Lemma 2 for one network at one time. */
export interface CorrectionLaw extends WidthLaw {
  name: string;
  sweep: string;
  smooth: boolean;
  step: number;
  lambdaT: number;
  /** Its interval is narrow enough to tell -1 from -1/2. */
  decides: boolean;
}

/** The exponent of the correction at every measured time of every network that has the widths for it. */
export function correctionLaws(rows: readonly Omit<KernelRow, 'left' | 'alignment'>[]): CorrectionLaw[] {
  return [...groupBy(rows, ({ name, step }) => `${name} ${step}`).values()].flatMap((same) => {
    const { name, sweep, smooth, step, lambdaT } = same[0]!;
    const law = widthLaw(
      same.map(({ width, seed, correction }) => ({ width, seed, value: correction })),
      { least: KERNEL_RULES.leastWidth, largest: KERNEL_RULES.largest },
    );
    if (!law) return [];
    const decides = isNarrow(law.exponent);
    return [{ name, sweep, smooth, step, lambdaT, ...law, decides }];
  });
}

/** How many of a group's intervals that decide hold -1. */
export interface Count {
  holding: number;
  deciding: number;
}

export interface CorrectionClaim {
  agreement: Agreement;
  smooth: Count;
  kinked: Count;
}

export const countHolding = (laws: readonly CorrectionLaw[]): Count => {
  const deciding = laws.filter(({ decides }) => decides);
  return { holding: deciding.filter(({ exponent }) => holds(exponent, -1)).length, deciding: deciding.length };
};

/** Lemma 2: shown where both groups have -1, in part where only the networks without a jump in their gradient have it, as the lemma assumes. */
export function correctionClaim(laws: readonly CorrectionLaw[]): CorrectionClaim {
  const [smooth, kinked] = [true, false].map((which) => countHolding(laws.filter((law) => law.smooth === which))) as [
    Count,
    Count,
  ];
  const enough = ({ holding, deciding }: Count): boolean => deciding > 0 && holding >= KERNEL_RULES.share * deciding;
  const tested = smooth.deciding > 0;
  return {
    agreement: tested ? grade(enough(smooth) && enough(kinked), enough(smooth)) : 'not tested here',
    smooth,
    kinked,
  };
}

/** What the parts of ReLU's correction do with the width at one time; undefined where a run has no flipped gate yet. */
export interface KinkLaws {
  step: number;
  lambdaT: number;
  correction: WidthLaw | undefined;
  smoothPart: WidthLaw | undefined;
  kinkPart: WidthLaw | undefined;
  flipped: WidthLaw | undefined;
}

/** No bound on the size: the smooth part alone grows past it while both parts keep their exponents. */
export function kinkLaws(rows: readonly KinkRow[]): KinkLaws[] {
  return [...groupBy(rows, ({ step }) => step)]
    .sort(([a], [b]) => a - b)
    .map(([step, same]) => {
      const law = (of: 'correction' | 'smoothPart' | 'kinkPart' | 'flipped'): WidthLaw | undefined =>
        widthLaw(
          same.map((row) => ({ width: row.width, seed: row.seed, value: row[of] })),
          { least: KERNEL_RULES.leastWidth },
        );
      return {
        step,
        lambdaT: same[0]!.lambdaT,
        correction: law('correction'),
        smoothPart: law('smoothPart'),
        kinkPart: law('kinkPart'),
        flipped: law('flipped'),
      };
    });
}

/** The kinks' part averaged over seeds as a vector: were it 0 in the mean, its length would be that of chance. */
export interface KinkMean {
  width: number;
  seeds: number;
  /** Length of the mean over seeds. */
  mean: number;
  /** Standard error of the mean, as a length. */
  chance: number;
}

export function kinkMeans(rows: readonly KinkRow[]): KinkMean[] {
  return [...groupBy(rows, ({ width }) => width)]
    .sort(([a], [b]) => a - b)
    .map(([width, same]) => {
      const seeds = same.length;
      const squares = same[0]!.kinks.map((_, at) => {
        const entries = same.map(({ kinks }) => kinks[at] as number);
        const mean = entries.reduce((sum, value) => sum + value, 0) / seeds;
        const variance = entries.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1);
        return { mean: mean ** 2, chance: variance / seeds };
      });
      const total = (of: 'mean' | 'chance'): number => Math.sqrt(squares.reduce((sum, each) => sum + each[of], 0));
      return { width, seeds, mean: total('mean'), chance: total('chance') };
    });
}

/** The kernel at initialization: exponent of its distance from infinite width; -1/2 is that of a mean of n independent terms. */
export interface ConvergenceLaw {
  name: string;
  law: WidthLaw | undefined;
  /** The same with the widths of a single seed. */
  withSingle: WidthLaw | undefined;
  /** Whether the interval of `law` is narrow enough to decide, and whether it holds -1/2. */
  decides: boolean;
  half: boolean;
}

export function convergenceLaws(rows: readonly InitialKernelRow[]): ConvergenceLaw[] {
  return [...groupBy(rows, ({ name }) => name)].map(([name, mine]) => {
    const points = mine.map(({ width, seed, distance }) => ({ width, seed, value: distance }));
    const law = widthLaw(points);
    return {
      name,
      law,
      withSingle: widthLaw(points, { seeds: 1 }),
      decides: law !== undefined && isNarrow(law.exponent),
      half: law !== undefined && holds(law.exponent, -0.5),
    };
  });
}

/** Of the networks whose interval decides: shown where every one's holds -1/2, in part where some one's does. */
export function convergenceClaim(laws: readonly ConvergenceLaw[]): Agreement {
  const fitted = laws.filter(({ decides }) => decides);
  if (fitted.length === 0) return 'not tested here';
  return grade(
    fitted.every(({ half }) => half),
    fitted.some(({ half }) => half),
  );
}

/** Theorem 2 for one network, at its greatest width and last measurement, over seeds. */
export interface FunctionEnd {
  name: string;
  width: number;
  seeds: number;
  lambdaT: number;
  /** Largest mean of y f in training, mean over seeds. */
  peak: number;
  /** Mean of y f at the end, the same by the theory with each run's own kernel at step 0, and the largest distance of the two. */
  end: Estimate;
  predicted: Estimate;
  apart: number;
  largest: number;
}

export function functionEnds(rows: readonly KernelRow[]): FunctionEnd[] {
  return [...groupBy(rows, ({ name }) => name)].map(([name, mine]) => {
    const width = Math.max(...mine.map((row) => row.width));
    const widest = mine.filter((row) => row.width === width);
    const last = widest.filter((row) => row.step === Math.max(...widest.map(({ step }) => step)));
    const peaks = [...groupBy(widest, ({ seed }) => seed).values()].map((same) =>
      Math.max(...same.map(({ alignment }) => alignment)),
    );
    return {
      name,
      width,
      seeds: last.length,
      lambdaT: last[0]!.lambdaT,
      peak: meanOf(peaks).value,
      end: meanOf(last.map(({ alignment }) => alignment)),
      predicted: meanOf(last.map(({ predictedAlignment }) => predictedAlignment)),
      apart: Math.max(...last.map(({ alignment, predictedAlignment }) => Math.abs(alignment - predictedAlignment))),
      largest: Math.max(...last.map(({ alignment }) => Math.abs(alignment))),
    };
  });
}

/** Theorem 2 over networks: the largest mean of y f at the end. */
export function vanishingClaim(ends: readonly FunctionEnd[]): { agreement: Agreement; largest: number } {
  if (ends.length === 0) return { agreement: 'not tested here', largest: NaN };
  const largest = Math.max(...ends.map((end) => end.largest));
  return { agreement: grade(largest < KERNEL_RULES.end, false), largest };
}
