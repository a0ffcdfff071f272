import { dense, tf } from '../compute/index.ts';
import { fc } from './fc.ts';
import type { Model, ParameterSpec } from './model.ts';

/** f = v . relu(W x) without biases (figure 5c): 2-homogeneous. `width` 100,000 and 784 inputs make 78,500,000 parameters. */
export const reluTwoLayer = ({ inputs, width }: { inputs: number; width: number }): Model =>
  fc({ sizes: [inputs, width, 1], bias: false });

export interface DeepLinearOptions {
  inputs: number;
  /** n: units of every hidden layer. */
  width: number;
  /** L: hidden layers; the network has L + 1 matrices W_0 ... W_L. */
  hidden: number;
  outputs?: number;
  /** `standard`: W ~ N(0, sigma_w^2 / fanIn). `ntk`: W ~ N(0, sigma_w^2), and the factor beta = n^(-L/2) in front. */
  parameterization: 'standard' | 'ntk';
}

/** f = beta W_L ... W_0 x (supplement B.1). */
export function deepLinear({ inputs, width, hidden, outputs = 1, parameterization }: DeepLinearOptions): Model {
  if (!Number.isInteger(hidden) || hidden < 0)
    throw new RangeError(`deepLinear hidden must be 0 or more, got ${hidden}`);
  if (parameterization !== 'standard' && parameterization !== 'ntk') {
    throw new RangeError(`deepLinear parameterization must be 'standard' or 'ntk', got ${String(parameterization)}`);
  }
  const sizes = [inputs, ...Array.from({ length: hidden }, () => width), outputs];
  const beta = parameterization === 'ntk' ? width ** (-hidden / 2) : 1;
  const parameters = sizes.slice(1).map((units, i): ParameterSpec => {
    const fanIn = sizes[i] as number;
    return {
      name: `linear${i}/weights`,
      shape: [fanIn, units],
      kind: 'weights',
      fanIn: parameterization === 'ntk' ? 1 : fanIn,
    };
  });
  return {
    inputShape: [inputs],
    classes: outputs,
    parameters,
    logits(values, x) {
      const product = values.reduce((h, weights) => dense(h, weights), x);
      return beta === 1 ? product : tf.mul(product, beta);
    },
  };
}
