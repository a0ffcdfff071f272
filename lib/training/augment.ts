/** Flip, crop and mixup inside the compiled graph; every draw a function of (seed, step). */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { gatherRows, seedOf, tf, uniform, uniformInt } from '../compute/index.ts';
import type { Augmentation } from '../runs/index.ts';
import { imagesAt, type Placement, type ResidentImages } from './images.ts';

type Tensor = tfTypes.Tensor;

/** Streams of the generator; those of batch orders and initial weights have other keys. */
const STREAM = { flip: 1_000_001, corner: 1_000_002, weight: 1_000_003 } as const;

/** The random numbers of a batch of n. */
export interface Draws {
  /** [n] bool, true with probability 1/2 */
  flip?: Tensor;
  /** [n, 2] int32, uniform in 0 ... 2 padding - 1 */
  corner?: Tensor;
  /** [n] float32, Beta(1, 1): uniform in [0, 1) */
  weight?: Tensor;
}

/** Draws for the batch of `step` (scalar int32); `n` is the size of the whole batch. */
export function drawsOf(
  augmentation: Augmentation,
  { seed, step, n }: { seed: number; step: Tensor; n: number },
): Draws {
  const { flip, crop, mixup } = augmentation;
  if (crop !== undefined && !(Number.isInteger(crop) && crop >= 1)) {
    throw new RangeError(`augmentation.crop must be a whole number of pixels from 1, got ${crop}`);
  }
  const at = (stream: number) => seedOf(seed, stream, step);
  return {
    ...(flip && { flip: tf.less(uniform([n], at(STREAM.flip)), 0.5) }),
    ...(crop !== undefined && { corner: uniformInt([n, 2], 0, 2 * crop, at(STREAM.corner)) }),
    ...(mixup && { weight: uniform([n], at(STREAM.weight)) }),
  };
}

/** The part of the draws that belongs to part `micro` (scalar int32) of `parts` equal parts of the batch. */
export function partOf(draws: Draws, micro: Tensor, parts: number): Draws {
  const part = (tensor: Tensor): Tensor => {
    const [n, ...rest] = tensor.shape as [number, ...number[]];
    return tf.reshape(gatherRows(tf.reshape(tensor, [parts, n / parts, ...rest]), tf.reshape(micro, [1])), [
      n / parts,
      ...rest,
    ]);
  };
  return Object.fromEntries(Object.entries(draws).map(([name, tensor]) => [name, part(tensor as Tensor)]));
}

/**
 * Mixup within groups: sample i of a group of m is mixed with sample m - 1 - i by a weight of its own,
 * `w x_i + (1 - w) x_(m-1-i)`; labels likewise. x [n, ...], targets [n, k], weight [n]; n a multiple of `group`.
 */
export function mixup(x: Tensor, targets: Tensor, weight: Tensor, group: number): { x: Tensor; targets: Tensor } {
  const n = x.shape[0];
  const partner = Int32Array.from({ length: n }, (_, i) => i - (i % group) + group - 1 - (i % group));
  const reversed = tf.tensor1d(partner, 'int32');
  const mix = (values: Tensor): Tensor => {
    const w = tf.reshape(weight, [n, ...values.shape.slice(1).map(() => 1)]);
    return tf.add(tf.mul(w, values), tf.mul(tf.sub(1, w), gatherRows(values, reversed)));
  };
  return { x: mix(x), targets: mix(targets) };
}

/**
 * One batch: images float32 [n, h, w, c] and labels int32 [n], or with mixup their mixed one-hot targets float32 [n, classes].
 */
export function batchAt(
  images: ResidentImages,
  indices: Tensor,
  draws: Draws,
  { augmentation, group, classes }: { augmentation: Augmentation; group: number; classes: number },
): { x: Tensor; y: Tensor } {
  const { flip, corner, weight } = draws;
  const placement: Placement = {
    ...(flip && { flip }),
    ...(corner && { corner, padding: augmentation.crop as number }),
  };
  const x = imagesAt(images, indices, placement);
  const y = gatherRows(images.labels, indices);
  if (!weight) return { x, y };
  const mixed = mixup(x, tf.oneHot(y, classes, 1, 0, 'float32'), weight, group);
  return { x: mixed.x, y: mixed.targets };
}
