/** Labelled images in memory, and their normalisation. */

/** Which part of a data set, and in which form. */
export interface SelectOptions {
  /** How many training images, from the first on; default all. */
  trainSamples?: number;
  /** How many test images, from the first on; default all. */
  testSamples?: number;
  subset?: 'first';
  /** `per-set` (default): float32, minus one global mean, over one global deviation, each set with its OWN. `none`: raw uint8. */
  normalization?: 'per-set' | 'none';
  /** Averages blocks of this many pixels a side (2 makes 16 x 16 of 32 x 32), rounded to whole values; default 1. For desk sizes. */
  shrink?: number;
}

/** Mean and population deviation over every pixel and channel of one set, in raw units (0 to 255). */
export interface PixelStatistics {
  mean: number;
  deviation: number;
}

/** n images row by row, `[n, height * width * channels]`, channels last. */
export interface ImageSets<Pixels extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  name: string;
  /** [height, width, channels] */
  shape: readonly [number, number, number];
  classes: number;
  trainImages: Pixels;
  /** [n], 0 to classes - 1 */
  trainLabels: Int32Array;
  testImages: Pixels;
  testLabels: Int32Array;
  /** What `per-set` normalisation subtracts and divides by: of the samples selected, not of the whole data set. */
  trainStatistics: PixelStatistics;
  testStatistics: PixelStatistics;
  /** SHA-256 of each file read, by file name. */
  checksums: Record<string, string>;
}

/** Raw sets before selection. */
export interface RawSets {
  name: string;
  shape: readonly [number, number, number];
  classes: number;
  train: { pixels: Uint8Array; labels: Uint8Array };
  test: { pixels: Uint8Array; labels: Uint8Array };
  checksums: Record<string, string>;
}

/** Takes the first samples of each set and normalises them. Throws RangeError when more are asked for than there are. */
export function selectImages(raw: RawSets, options: SelectOptions): ImageSets {
  const { subset = 'first', normalization = 'per-set', shrink = 1 } = options;
  if (subset !== 'first') throw new RangeError(`subset: expected 'first', got ${JSON.stringify(subset)}`);
  if (normalization !== 'per-set' && normalization !== 'none') {
    throw new RangeError(`normalization: expected 'per-set' or 'none', got ${JSON.stringify(normalization)}`);
  }
  const size = raw.shape[0] * raw.shape[1] * raw.shape[2];
  const take = (set: RawSets['train'], option: 'trainSamples' | 'testSamples') => {
    const available = set.labels.length;
    const count = sampleCount(raw.name, option, options[option], available);
    const pixels = shrinkImages(set.pixels.slice(0, count * size), raw.shape, shrink);
    const statistics = pixelStatistics(pixels);
    if (normalization === 'per-set' && statistics.deviation === 0) {
      throw new RangeError(
        `${raw.name}: the ${count} images of ${option} are one flat colour and cannot be normalised`,
      );
    }
    const images = normalization === 'per-set' ? normalize(pixels, statistics) : pixels;
    return { images, labels: Int32Array.from(set.labels.subarray(0, count)), statistics };
  };
  const train = take(raw.train, 'trainSamples');
  const test = take(raw.test, 'testSamples');
  return {
    name: raw.name,
    shape: [raw.shape[0] / shrink, raw.shape[1] / shrink, raw.shape[2]],
    classes: raw.classes,
    trainImages: train.images,
    trainLabels: train.labels,
    testImages: test.images,
    testLabels: test.labels,
    trainStatistics: train.statistics,
    testStatistics: test.statistics,
    checksums: raw.checksums,
  };
}

/** How many samples are asked for. Throws RangeError when there are not as many. */
export function sampleCount(dataset: string, option: string, wanted: number | undefined, available: number): number {
  const count = wanted ?? available;
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw new RangeError(`${option}: expected a whole number from 1 to ${available} for ${dataset}, got ${count}`);
  }
  return count;
}

/**
 * Means of blocks of `factor` x `factor` pixels, channel by channel, halves rounded up. Throws RangeError where blocks do not tile
 * the image.
 */
export function shrinkImages(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  factor: number,
): Uint8Array {
  if (factor === 1) return pixels;
  if (!Number.isInteger(factor) || factor < 1 || height % factor !== 0 || width % factor !== 0) {
    throw new RangeError(`shrink: expected a whole number that divides ${height} x ${width}, got ${factor}`);
  }
  const small = new Uint8Array(pixels.length / factor ** 2);
  const row = width * channels;
  let to = 0;
  // Rows of all images run on: a block never crosses an image, for its height is a multiple of the factor.
  for (let top = 0; top < pixels.length; top += factor * row) {
    for (let left = 0; left < row; left += factor * channels) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let y = 0; y < factor; y++) {
          for (let x = 0; x < factor; x++) sum += pixels[top + y * row + left + x * channels + channel]!;
        }
        small[to++] = Math.floor(sum / factor ** 2 + 0.5);
      }
    }
  }
  return small;
}

/** Exact up to one rounding a term: counts of the 256 values first, so the order of the pixels cannot matter. */
export function pixelStatistics(pixels: Uint8Array): PixelStatistics {
  const counts = new Float64Array(256);
  for (const value of pixels) counts[value]!++;
  let sum = 0;
  for (let value = 0; value < 256; value++) sum += value * counts[value]!;
  const mean = sum / pixels.length;
  let squares = 0;
  for (let value = 0; value < 256; value++) squares += counts[value]! * (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / pixels.length) };
}

/** (pixel - mean) / deviation, computed in double for each of the 256 values and rounded once to float32. */
export function normalize(pixels: Uint8Array, { mean, deviation }: PixelStatistics): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, value) => (value - mean) / deviation);
  const normalized = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) normalized[i] = table[pixels[i]!]!;
  return normalized;
}
