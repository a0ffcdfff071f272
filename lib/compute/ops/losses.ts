/** Losses as single TensorFlow ops. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { DATA_TYPE } from '../graph.ts';
import { attribute, differentiable, rawOp, rawOps, requireRank, T_FLOAT } from './raw.ts';

type Tensor = tfTypes.Tensor;

/**
 * Cross-entropy of each sample, -log softmax(logits)[label]: logits [n, k] float32, labels [n] int32; result [n].
 * Gradient with respect to the logits only.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  requireRank('logits', logits, 2);
  requireRank('labels', labels, 1, 'int32');
  return differentiable(
    [logits],
    (save) => {
      const [value, gradient] = rawOps(
        'SparseSoftmaxCrossEntropyWithLogits',
        [T_FLOAT, attribute.type('Tlabels', DATA_TYPE.int32)],
        [logits, labels],
        2,
      ) as [Tensor, Tensor];
      save([gradient]);
      return value;
    },
    (dy, [gradient]) => [() => tf.mul(dy.expandDims(1), gradient as Tensor)],
  );
}

/**
 * Cross-entropy of each sample with targets that are distributions (mixup): logits and targets [n, k] float32; result [n].
 * Gradient with respect to the logits only.
 */
export function softmaxCrossEntropyWithTargets(logits: Tensor, targets: Tensor): Tensor {
  requireRank('logits', logits, 2);
  requireRank('targets', targets, 2);
  return differentiable(
    [logits],
    (save) => {
      const [value, gradient] = rawOps('SoftmaxCrossEntropyWithLogits', [T_FLOAT], [logits, targets], 2) as [
        Tensor,
        Tensor,
      ];
      save([gradient]);
      return value;
    },
    (dy, [gradient]) => [() => tf.mul(dy.expandDims(1), gradient as Tensor)],
  );
}

/** Sum of squares of all values of x, float32 of any shape; result scalar. */
export function sumOfSquares(x: Tensor): tfTypes.Scalar {
  return differentiable(
    [x],
    (save) => {
      save([x]);
      return tf.mul(rawOp('L2Loss', [T_FLOAT], [x]), 2);
    },
    (dy, [saved]) => [() => tf.mul(tf.mul(dy, 2), saved as Tensor)],
  ) as tfTypes.Scalar;
}
