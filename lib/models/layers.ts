/** Layers as values: their parameters and a pure function. Networks are made of them by `serial` and `residual`. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { averagePool, batchNorm, conv2d, dense, maxPool, relu as reluOp, tf, type Padding } from '../compute/index.ts';
import type { ForwardOptions, ParameterSpec } from './model.ts';

type Tensor = tfTypes.Tensor;

export interface Layer {
  parameters: ParameterSpec[];
  /** `parameters` are this layer's own, in the order of its specs. Images are [n, height, width, channels]. */
  apply(parameters: readonly Tensor[], x: Tensor, options: ForwardOptions): Tensor;
}

const withoutParameters = (apply: (x: Tensor) => Tensor): Layer => ({ parameters: [], apply: (_, x) => apply(x) });

/** One after the other. */
export function serial(...layers: Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
    apply(values, x, options) {
      let used = 0;
      return layers.reduce((h, layer) => {
        const own = values.slice(used, (used += layer.parameters.length));
        return layer.apply(own, h, options);
      }, x);
    },
  };
}

/** main(x) + shortcut(x); parameters of `main` first. */
export function residual(main: Layer, shortcut: Layer = identity): Layer {
  const split = main.parameters.length;
  return {
    parameters: [...main.parameters, ...shortcut.parameters],
    apply: (values, x, options) =>
      tf.add(main.apply(values.slice(0, split), x, options), shortcut.apply(values.slice(split), x, options)),
  };
}

export const identity: Layer = withoutParameters((x) => x);
export const relu: Layer = withoutParameters(reluOp);
export const flatten: Layer = withoutParameters((x) => tf.reshape(x, [x.shape[0], -1]));
/** Mean over height and width: [n, h, w, c] to [n, c]. */
export const globalAverage: Layer = withoutParameters((x) =>
  tf.reshape(averagePool(x, { size: x.shape[1] as number, stride: 1 }), [x.shape[0], x.shape[3] as number]),
);

export const maxPooling = (size: number, stride: number, padding: Padding = 'valid'): Layer =>
  withoutParameters((x) => maxPool(x, { size, stride, padding }));

export interface ConvolutionSpec {
  inputs: number;
  filters: number;
  /** Side of the filter, default 3. */
  size?: number;
  stride?: number;
  /** `fixed` pads (size - 1) / 2 on every side, whatever the stride and the size of the image. */
  padding?: Padding | 'fixed';
  bias?: boolean;
  /** Weights from a normal distribution cut at two deviations (TensorFlow's variance scaling). */
  truncated?: boolean;
}

export function convolution(name: string, spec: ConvolutionSpec): Layer {
  const { inputs, filters, size = 3, stride = 1, padding = 'same', bias = true, truncated = false } = spec;
  const fanIn = size * size * inputs;
  const weights: ParameterSpec = {
    name: `${name}/weights`,
    shape: [size, size, inputs, filters],
    kind: 'weights',
    fanIn,
    ...(truncated && { truncated }),
  };
  const side = (size - 1) / 2;
  return {
    parameters: bias ? [weights, { name: `${name}/bias`, shape: [filters], kind: 'bias', fanIn }] : [weights],
    apply([w, b], x) {
      if (padding !== 'fixed') return conv2d(x, w as Tensor, b, { stride, padding });
      const around: [number, number] = [side, side];
      const padded = side > 0 ? tf.pad(x, [[0, 0], around, around, [0, 0]]) : x;
      return conv2d(padded, w as Tensor, b, { stride, padding: 'valid' });
    },
  };
}

export function fullyConnected(name: string, inputs: number, units: number, deviation?: number): Layer {
  return {
    parameters: [
      {
        name: `${name}/weights`,
        shape: [inputs, units],
        kind: 'weights',
        fanIn: inputs,
        ...(deviation !== undefined && { deviation }),
      },
      { name: `${name}/bias`, shape: [units], kind: 'bias', fanIn: inputs },
    ],
    apply: ([w, b], x) => dense(x, w as Tensor, b),
  };
}

/**
 * Batch norm as JAX Stax has it: always the statistics of the batch at hand, epsilon 1e-5, no running averages. With
 * `batchNormGroup` each group of that many samples, in order, has its own statistics (ghost batch norm).
 * @throws RangeError where the batch is no multiple of the group
 */
export function batchNormalization(name: string, channels: number, initialScale = 1): Layer {
  return {
    parameters: [
      { name: `${name}/scale`, shape: [channels], kind: 'scale', fanIn: channels, initial: initialScale },
      { name: `${name}/offset`, shape: [channels], kind: 'offset', fanIn: channels },
    ],
    apply([scale, offset], x, { batchNormGroup }) {
      const samples = x.shape[0];
      const group = batchNormGroup ?? samples;
      if (samples % group !== 0) {
        throw new RangeError(`batch norm over groups of ${group} needs a multiple of it, got ${samples} samples`);
      }
      const normalize = (part: Tensor) => batchNorm(part, scale as Tensor, offset as Tensor);
      return group === samples ? normalize(x) : tf.concat(tf.split(x, samples / group).map(normalize));
    },
  };
}
