/** What the three ways of feeding samples (full batch, minibatches, a stream) compose into their compiled programs. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf, type Program } from '../compute/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { accumulation } from './accumulate.ts';
import { meanError, meanLoss } from './losses.ts';
import { stateOf, trainable } from './network.ts';

type Tensor = tfTypes.Tensor;

/** Parameters, optimizer and the pieces of a step for batches of `parts` equal parts. */
export function composition(config: RunConfig, model: Model, parts = 1) {
  const net = trainable(config, model);
  const { sums, take, apply } = accumulation(net, parts);
  const variables = [...net.parameters, ...net.optimizer.slots, ...sums];
  return {
    /** Of the program: parameters, the optimizer's slots, and sums of gradients. */
    variables,
    /** Loss of x [n, ...inputShape] with labels y [n], and the update by it; with several parts, only this part's share. */
    update(x: Tensor, y: Tensor, minusEta: Tensor, l2: Tensor): Tensor[] {
      const { loss, gradients } = net.gradients(x, y);
      take(gradients, minusEta, l2);
      return [loss];
    },
    apply,
    /** Mean loss and error; batch statistics are over `statisticsOf` samples. */
    lossAndError(x: Tensor, y: Tensor, statisticsOf?: number): Tensor[] {
      const logits = net.logits(x, statisticsOf);
      return [meanLoss(config.loss, logits, y), meanError(logits, y)];
    },
    /** Sum of squares of the penalised parameters. */
    norm: (): Tensor => net.norm(),
    state: (program: Pick<Program, 'read' | 'write'>) => stateOf(program, net, sums),
    dispose(program: Pick<Program, 'dispose'>): void {
      program.dispose();
      tf.dispose(variables);
    },
  };
}
