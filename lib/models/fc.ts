import { dense, relu } from '../compute/ops/index.ts';
import type { Model, ParameterSpec } from './model.ts';

/**
 * Fully connected ReLU network, e.g. sizes [784, 2048, 2048, 2048, 10] (paper, supplement A: "FC", 10,020,874
 * parameters with biases).
 */
export function fc({ sizes, bias = true }: { sizes: readonly number[]; bias?: boolean }): Model {
  if (sizes.length < 2 || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new RangeError(`fc needs at least two positive layer sizes, got [${sizes.join(', ')}]`);
  }
  const layers = sizes.slice(1).map((units, i) => ({ units, fanIn: sizes[i] as number }));
  const parameters = layers.flatMap(({ units, fanIn }, i): ParameterSpec[] => {
    const weights: ParameterSpec = { name: `dense${i}/weights`, shape: [fanIn, units], kind: 'weights', fanIn };
    return bias ? [weights, { name: `dense${i}/bias`, shape: [units], kind: 'bias', fanIn }] : [weights];
  });
  const perLayer = bias ? 2 : 1;
  return {
    inputShape: [sizes[0] as number],
    classes: sizes.at(-1) as number,
    parameters,
    logits(values, x) {
      return layers.reduce((h, _, i) => {
        const [weights, offset] = values.slice(i * perLayer, (i + 1) * perLayer);
        if (!weights) throw new RangeError(`fc needs ${parameters.length} parameters, got ${values.length}`);
        const y = dense(h, weights, offset);
        return i < layers.length - 1 ? relu(y) : y;
      }, x);
    },
  };
}
