/** AdamW (Loshchilov & Hutter 2019, algorithm 2, without its schedule multiplier) as optax has it: the decay is decoupled and scaled by eta. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../compute/index.ts';
import type { RunConfig } from '../runs/index.ts';
import type { Optimizer } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

/** optax's defaults. */
export const ADAMW_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, theta -= eta (m^ / (sqrt(v^) + epsilon) + lambda theta), where m^ = m / (1 - b1^t) and v^ alike.
 * Slots, all from 0: m of each parameter, v of each, then 1 - b1^t and 1 - b2^t, which begin at 0 too and need no count of steps.
 * @throws RangeError for betas outside [0, 1), an epsilon that is not positive, a momentum, or the L2 convention `full`
 */
export function adamW(
  config: Pick<RunConfig, 'momentum' | 'nesterov' | 'l2Convention'> & { adamW: NonNullable<RunConfig['adamW']> },
  parameters: readonly tfTypes.Variable[],
  penalised: readonly boolean[],
): Optimizer {
  const { beta1, beta2, epsilon } = config.adamW;
  for (const [name, beta] of Object.entries({ beta1, beta2 }))
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`adamW.${name} must be in [0, 1), got ${beta}`);
  if (!(epsilon > 0)) throw new RangeError(`adamW.epsilon must be positive, got ${epsilon}`);
  if (config.momentum !== 0 || config.nesterov)
    throw new RangeError(`adamW has its own momentum, beta1: momentum must be 0, got ${config.momentum}`);
  if (config.l2Convention !== 'half')
    throw new RangeError(
      `the decoupled decay is eta lambda theta: l2Convention must be 'half' with adamW, got '${config.l2Convention}'`,
    );
  const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
  const first = parameters.map(({ shape }) => zeros(shape));
  const second = parameters.map(({ shape }) => zeros(shape));
  const corrections = [zeros([]), zeros([])] as const;
  return {
    slots: [...first, ...second, ...corrections],
    update(gradients: readonly Tensor[], minusEta: Tensor, l2: Tensor) {
      const [c1, c2] = corrections.map((c, i) => tf.add(tf.mul(c, [beta1, beta2][i]!), 1 - [beta1, beta2][i]!)) as [
        Tensor,
        Tensor,
      ];
      parameters.forEach((parameter, i) => {
        const gradient = gradients[i] as Tensor;
        const m = tf.add(tf.mul(first[i]!, beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(tf.mul(second[i]!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const direction = tf.div(tf.div(m, c1), tf.add(tf.sqrt(tf.div(v, c2)), epsilon));
        const change = tf.mul(direction, minusEta);
        parameter.assign(tf.addN(penalised[i] ? [parameter, tf.mul(parameter, l2), change] : [parameter, change]));
        first[i]!.assign(m);
        second[i]!.assign(v);
      });
      corrections[0].assign(c1);
      corrections[1].assign(c2);
    },
  };
}
