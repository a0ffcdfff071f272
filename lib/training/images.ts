/** Images resident in a compiled program, and batches of them made inside the graph. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attribute, dataTypeOf, gatherRows, rawOp, tf, toFloat, uint8Tensor } from '../compute/index.ts';
import { pixelStatistics, type ImageSets, type PixelStatistics } from '../datasets/index.ts';

type Tensor = tfTypes.Tensor;

/** One set of labelled images as tensors. */
export interface ResidentImages {
  count: number;
  /** [height, width, channels] */
  shape: readonly [number, number, number];
  /** [count, height * width * channels], uint8 (to be normalised by `statistics`) or float32 (normalised already). */
  pixels: Tensor;
  /** [count] int32 */
  labels: Tensor;
  statistics?: PixelStatistics;
}

/** Training and test set of a data set loaded without normalisation, kept as uint8; with `shrink` averaged, as float32. */
export function residentImages(
  sets: ImageSets<Uint8Array>,
  { shrink = 1, normalize }: { shrink?: number; normalize: boolean },
): { train: ResidentImages; test: ResidentImages } {
  const [height, width, channels] = sets.shape;
  if (!(Number.isInteger(shrink) && shrink >= 1 && height % shrink === 0 && width % shrink === 0)) {
    throw new RangeError(`data.shrink must divide ${height}x${width} images, got ${shrink}`);
  }
  const shape = [height / shrink, width / shrink, channels] as const;
  const size = shape[0] * shape[1] * shape[2];
  const resident = (pixels: Uint8Array, labels: Int32Array, statistics: PixelStatistics): ResidentImages => {
    const count = labels.length;
    const common = { count, shape, labels: tf.tensor1d(labels, 'int32') };
    if (shrink === 1) {
      return { ...common, pixels: uint8Tensor(pixels, [count, size]), ...(normalize && { statistics }) };
    }
    const averaged = averageWindows(pixels, sets.shape, shrink);
    return { ...common, pixels: tf.tensor2d(normalize ? standardized(averaged) : averaged, [count, size], 'float32') };
  };
  return {
    train: resident(sets.trainImages, sets.trainLabels, pixelStatistics(sets.trainImages)),
    test: resident(sets.testImages, sets.testLabels, pixelStatistics(sets.testImages)),
  };
}

/** Means of shrink x shrink windows of images [n, height, width, channels], in raw units. */
export function averageWindows(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  shrink: number,
): Float32Array {
  const [rows, columns] = [height / shrink, width / shrink];
  const averaged = new Float32Array(pixels.length / shrink ** 2);
  for (let i = 0; i < averaged.length; i++) {
    const channel = i % channels;
    const column = Math.floor(i / channels) % columns;
    const row = Math.floor(i / channels / columns) % rows;
    const image = Math.floor(i / channels / columns / rows);
    let sum = 0;
    for (let y = 0; y < shrink; y++) {
      for (let x = 0; x < shrink; x++) {
        const at = (image * height + row * shrink + y) * width + column * shrink + x;
        sum += pixels[at * channels + channel] as number;
      }
    }
    averaged[i] = sum / shrink ** 2;
  }
  return averaged;
}

/** Minus the mean, over the population deviation, of all values; computed in double. */
function standardized(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  if (deviation === 0) throw new RangeError('images of one flat colour cannot be normalised');
  return values.map((value) => (value - mean) / deviation);
}

/** Flip and crop offset of each image of a batch. */
export interface Placement {
  /** [n] bool */
  flip?: Tensor;
  /** [n, 2] int32, row and column of the crop's corner in the image padded by `padding` on every side. */
  corner?: Tensor;
  padding?: number;
}

const normalized = (x: Tensor, statistics: PixelStatistics | undefined): Tensor =>
  statistics ? tf.mul(tf.sub(x, statistics.mean), 1 / statistics.deviation) : x;

const reshape = (x: Tensor, shape: readonly number[]): Tensor =>
  rawOp(
    'Reshape',
    [attribute.type('T', dataTypeOf(x)), attribute.type('Tshape', 3)],
    [x, tf.tensor1d([...shape], 'int32')],
  );

/**
 * Images at `indices` [n] int32, as float32 [n, height, width, channels], normalised. A placement flips left to right, then
 * crops; what the crop takes from the padding is 0 AFTER normalisation. All of it is one gather of pixels.
 */
export function imagesAt(images: ResidentImages, indices: Tensor, placement: Placement = {}): Tensor {
  const { pixels, shape, count, statistics } = images;
  const [height, width, channels] = shape;
  const n = indices.shape[0];
  const { flip, corner, padding = 0 } = placement;
  if (!flip && !corner) {
    const batch = toFloat(gatherRows(pixels, indices));
    return tf.reshape(normalized(batch, statistics), [n, height, width, channels]);
  }
  // Coordinates in the (flipped) image of every pixel of the result.
  const along = (size: number, axis: number): Tensor => {
    const at = tf.range(0, size, 1, 'int32').reshape([1, size]);
    if (!corner) return tf.tile(at, [n, 1]);
    return tf.add(at, tf.sub(tf.slice(corner, [0, axis], [n, 1]), tf.scalar(padding, 'int32')));
  };
  const inside = (at: Tensor, size: number): Tensor =>
    tf.cast(
      tf.logicalAnd(tf.greaterEqual(at, tf.scalar(0, 'int32')), tf.less(at, tf.scalar(size, 'int32'))),
      'float32',
    );
  const clip = (at: Tensor, size: number): Tensor =>
    tf.minimum(tf.maximum(at, tf.scalar(0, 'int32')), tf.scalar(size - 1, 'int32'));
  const [row, column] = [along(height, 0), along(width, 1)];
  const [clippedRow, clippedColumn] = [clip(row, height), clip(column, width)];
  const mirrored = tf.sub(tf.scalar(width - 1, 'int32'), clippedColumn);
  const source = flip ? tf.where(tf.tile(flip.reshape([n, 1]), [1, width]), mirrored, clippedColumn) : clippedColumn;
  const int = (value: number) => tf.scalar(value, 'int32');
  const rowStart = tf.mul(tf.add(tf.mul(indices.reshape([n, 1]), int(height)), clippedRow), int(width));
  const at = tf.add(rowStart.reshape([n, height, 1]), source.reshape([n, 1, width]));
  const flat = gatherRows(reshape(pixels, [count * height * width, channels]), at.reshape([n * height * width]));
  const batch = tf.reshape(normalized(toFloat(flat), statistics), [n, height, width, channels]);
  if (!corner) return batch;
  const mask = tf.mul(inside(row, height).reshape([n, height, 1, 1]), inside(column, width).reshape([n, 1, width, 1]));
  return tf.mul(batch, mask);
}
