/** Batch norm as one op forward and one backward. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { DATA_TYPE } from '../graph.ts';
import { attribute, differentiable, rawOps, requireRank, requireSize, T_FLOAT } from './raw.ts';

type Tensor = tfTypes.Tensor;

/**
 * Batch norm with the statistics of this batch (biased variance) over all axes but the last: x [n, h, w, c] or [n, c],
 * scale and offset [c], float32. (x - mean) / sqrt(variance + epsilon) * scale + offset; epsilon 1e-5 as in JAX Stax.
 */
export function batchNorm(x: Tensor, scale: Tensor, offset: Tensor, epsilon = 1e-5): Tensor {
  if (x.rank === 2) {
    const [n, c] = x.shape as [number, number];
    return tf.reshape(batchNorm(tf.reshape(x, [n, 1, 1, c]), scale, offset, epsilon), [n, c]);
  }
  requireRank('x of batchNorm', x, 4);
  requireRank('scale of batchNorm', scale, 1);
  requireRank('offset of batchNorm', offset, 1);
  requireSize('scales of batchNorm', scale.shape[0], x.shape[3]);
  requireSize('offsets of batchNorm', offset.shape[0], x.shape[3]);
  const attributes = [
    T_FLOAT,
    attribute.type('U', DATA_TYPE.float32),
    attribute.float('epsilon', epsilon),
    attribute.string('data_format', 'NHWC'),
    attribute.bool('is_training', true),
  ];
  return differentiable(
    [x, scale, offset],
    (save) => {
      const none = tf.tensor1d([], 'float32');
      const [y, , , ...reserved] = rawOps('FusedBatchNormV3', attributes, [x, scale, offset, none, none], 6);
      save([x, scale, ...reserved]);
      return y as Tensor;
    },
    (dy, saved) => {
      const results = rawOps('FusedBatchNormGradV3', attributes, [dy, ...saved], 5);
      return [0, 1, 2].map((i) => () => results[i] as Tensor);
    },
  );
}
