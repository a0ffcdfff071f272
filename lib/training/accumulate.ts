/** Batches that do not fit into memory: the gradients of their parts summed, then one update. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { scalarInput, tf } from '../compute/index.ts';
import type { Trainable } from './network.ts';

type Tensor = tfTypes.Tensor;

/** What the compiled functions of a step need of `parts` equal parts of a batch; with one part each gradient is an update. */
export function accumulation({ parameters, optimizer }: Trainable, parts: number) {
  const sums: tfTypes.Variable[] =
    parts > 1 ? parameters.map(({ shape }) => tf.tidy(() => tf.variable(tf.zeros(shape), false))) : [];
  return {
    /** Further variables of the program, 0 between steps. */
    sums,
    /** Takes the gradients of one part. */
    take(gradients: readonly Tensor[], minusEta: Tensor, l2: Tensor): void {
      if (parts === 1) optimizer.update(gradients, minusEta, l2);
      else sums.forEach((sum, i) => sum.assign(tf.add(sum, tf.div(gradients[i] as Tensor, parts))));
    },
    /** Compiled function: the update with what was summed, nothing with one part. */
    apply: {
      inputs: [scalarInput, scalarInput],
      run(minusEta: Tensor, l2: Tensor): Tensor[] {
        if (parts > 1) {
          optimizer.update(sums, minusEta, l2);
          for (const sum of sums) sum.assign(tf.zerosLike(sum));
        }
        return [tf.scalar(0, 'int32')];
      },
    },
  };
}
