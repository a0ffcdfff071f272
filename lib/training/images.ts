/** Images resident in a compiled program, and batches of them made inside the graph. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attribute, dataTypeOf, gatherRows, rawOp, tf, toFloat, uint8Tensor } from '../compute/index.ts';
import type { ImageSets, PixelStatistics } from '../datasets/index.ts';

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

/** Training and test set of a data set loaded without normalisation, kept as uint8. */
export function residentImages(
  sets: ImageSets<Uint8Array>,
  normalize: boolean,
): { train: ResidentImages; test: ResidentImages } {
  const { shape } = sets;
  const size = shape[0] * shape[1] * shape[2];
  const resident = (pixels: Uint8Array, labels: Int32Array, statistics: PixelStatistics): ResidentImages => {
    if (normalize && statistics.deviation === 0) {
      throw new RangeError(`${sets.name}: images of one flat colour cannot be normalised`);
    }
    return {
      count: labels.length,
      shape,
      pixels: uint8Tensor(pixels, [labels.length, size]),
      labels: tf.tensor1d(labels, 'int32'),
      ...(normalize && { statistics }),
    };
  };
  return {
    train: resident(sets.trainImages, sets.trainLabels, sets.trainStatistics),
    test: resident(sets.testImages, sets.testLabels, sets.testStatistics),
  };
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
