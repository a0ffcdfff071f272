/** Losses of the paper, without the L2 term. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { softmaxCrossEntropy, tf } from '../compute/index.ts';
import type { LossName } from '../runs/types.ts';

type Tensor = tfTypes.Tensor;

/**
 * Mean loss over a batch: logits [n, k] float32, labels [n] int32; scalar. `cross-entropy/k` is the paper's, divided by
 * the number of classes k (supplement A); `mse` is half the mean of (logits - one-hot)^2 over batch and classes.
 */
export function meanLoss(name: LossName, logits: Tensor, labels: Tensor): tfTypes.Scalar {
  const classes = logits.shape[1] as number;
  switch (name) {
    case 'cross-entropy/k':
      return tf.div(tf.mean(softmaxCrossEntropy(logits, labels)), classes);
    case 'cross-entropy':
      return tf.mean(softmaxCrossEntropy(logits, labels));
    case 'mse': {
      const targets = tf.oneHot(labels, classes, 1, 0, 'float32');
      return tf.mul(tf.mean(tf.square(tf.sub(logits, targets))), 0.5);
    }
    default:
      throw new RangeError(`no loss ${String(name)}; known are cross-entropy/k, cross-entropy, mse`);
  }
}

/** Fraction of samples whose largest logit is not the label's; scalar float32. */
export function meanError(logits: Tensor, labels: Tensor): tfTypes.Scalar {
  return tf.mean(tf.cast(tf.notEqual(tf.argMax(logits, 1), labels), 'float32'));
}
