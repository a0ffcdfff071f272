/** SGD, momentum and Nesterov with the L2 term written out: fewer nodes than differentiating it. AdamW is in adamw.ts. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../compute/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { adamW } from './adamw.ts';

type Tensor = tfTypes.Tensor;

/** What an update needs of eta and lambda, as the two scalars that a compiled step takes. */
export interface Rates {
  /** -eta */
  minusEta: number;
  /** Without momentum -c eta lambda, the step's share of theta itself; with it c lambda. c is 1 (half) or 2 (full). */
  l2: number;
}

export function ratesOf(config: Pick<RunConfig, 'l2Convention' | 'momentum'>, eta: number, lambda: number): Rates {
  const factor = config.l2Convention === 'full' ? 2 : 1;
  return { minusEta: -eta, l2: config.momentum === 0 ? -(factor * eta * lambda) : factor * lambda };
}

/** Parameters that the L2 term has: all, or all but those of batch norm. */
export const isPenalised = (config: Pick<RunConfig, 'l2BatchNorm'>, model: Model): boolean[] =>
  model.parameters.map(({ kind }) => config.l2BatchNorm !== false || (kind !== 'scale' && kind !== 'offset'));

export interface Optimizer {
  /** Its state, starting at 0: one velocity a parameter with momentum, AdamW's, else nothing. */
  slots: tfTypes.Variable[];
  /** Assigns parameters and slots. `minusEta` and `l2` are scalars, see Rates; gradients are without the L2 term. */
  update(gradients: readonly Tensor[], minusEta: Tensor, l2: Tensor): void;
}

/**
 * theta -= eta g, or with momentum v = m v + g, theta -= eta v (Nesterov: theta -= eta (g + m v)), where the L2 gradient
 * c lambda theta is part of g. With `adamW` its update, of which the decay is a term of its own.
 * @throws RangeError for settings that do not go together, naming them
 */
export function optimizerOf(
  config: Pick<RunConfig, 'momentum' | 'nesterov' | 'l2BatchNorm' | 'l2Convention' | 'adamW'>,
  model: Model,
  parameters: readonly tfTypes.Variable[],
): Optimizer {
  const { momentum, nesterov = false } = config;
  if (config.adamW) return adamW({ ...config, adamW: config.adamW }, parameters, isPenalised(config, model));
  if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`momentum must be in [0, 1), got ${momentum}`);
  if (nesterov && momentum === 0) throw new RangeError('nesterov needs a momentum above 0');
  const penalised = isPenalised(config, model);
  if (momentum === 0) {
    return {
      slots: [],
      update(gradients, minusEta, l2) {
        parameters.forEach((parameter, i) => {
          const change = tf.mul(gradients[i] as Tensor, minusEta);
          parameter.assign(tf.addN(penalised[i] ? [parameter, tf.mul(parameter, l2), change] : [parameter, change]));
        });
      },
    };
  }
  const slots = parameters.map(({ shape }) => tf.tidy(() => tf.variable(tf.zeros(shape), false)));
  return {
    slots,
    update(gradients, minusEta, l2) {
      parameters.forEach((parameter, i) => {
        const gradient = gradients[i] as Tensor;
        const total = penalised[i] ? tf.add(gradient, tf.mul(parameter, l2)) : gradient;
        const slot = slots[i] as tfTypes.Variable;
        const velocity = tf.add(tf.mul(slot, momentum), total);
        const direction = nesterov ? tf.add(total, tf.mul(velocity, momentum)) : velocity;
        parameter.assign(tf.add(parameter, tf.mul(direction, minusEta)));
        slot.assign(velocity);
      });
    },
  };
}
