/** Losses of the paper, without the L2 term. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { softmaxCrossEntropy, softmaxCrossEntropyWithTargets, tf } from '../compute/index.ts';
import type { LossName } from '../runs/index.ts';

type Tensor = tfTypes.Tensor;

/**
 * Mean loss over a batch: logits [n, k] float32, labels [n] int32 or, for mixed samples, targets [n, k] float32; scalar.
 * `cross-entropy/k` is the paper's, divided by the number of classes k (supplement A); `mse` is half the mean of
 * (logits - one-hot)^2 over batch and classes.
 */
export function meanLoss(name: LossName, logits: Tensor, labels: Tensor): tfTypes.Scalar {
  const classes = logits.shape[1] as number;
  const mixed = labels.rank === 2;
  const crossEntropy = (): Tensor =>
    mixed ? softmaxCrossEntropyWithTargets(logits, labels) : softmaxCrossEntropy(logits, labels);
  switch (name) {
    case 'cross-entropy/k':
      return tf.div(tf.mean(crossEntropy()), classes);
    case 'cross-entropy':
      return tf.mean(crossEntropy());
    case 'mse': {
      const targets = mixed ? labels : tf.oneHot(labels, classes, 1, 0, 'float32');
      return tf.mul(tf.mean(tf.square(tf.sub(logits, targets))), 0.5);
    }
    default:
      throw new RangeError(`no loss ${String(name)}; known are cross-entropy/k, cross-entropy, mse`);
  }
}

/** Fraction of samples whose largest logit is not the label's, or not the largest target's (WRN code); scalar float32. */
export function meanError(logits: Tensor, labels: Tensor): tfTypes.Scalar {
  const wanted = labels.rank === 2 ? tf.argMax(labels, 1) : labels;
  return tf.mean(tf.cast(tf.notEqual(tf.argMax(logits, 1), wanted), 'float32'));
}
