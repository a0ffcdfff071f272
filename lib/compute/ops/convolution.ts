/** 2-D convolution and pooling over images [n, height, width, channels] float32, with TensorFlow's own gradient ops. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf, type OpAttribute } from '../backend.ts';
import { attribute, differentiable, rawOp, requireRank, requireSize, T_FLOAT } from './raw.ts';

type Tensor = tfTypes.Tensor;

/** `same` pads with zeros to ceil(size / stride), the odd pixel at the end, as TensorFlow and JAX do and PyTorch does not. */
export type Padding = 'same' | 'valid';

export interface ConvolutionOptions {
  /** Default 1. */
  stride?: number;
  /** Default `same`. */
  padding?: Padding;
}

const NHWC = attribute.string('data_format', 'NHWC');
const square = (name: string, size: number): OpAttribute => attribute.int(name, [1, size, size, 1]);
const shapeTensor = (shape: readonly number[]): Tensor => tf.tensor1d([...shape], 'int32');

/**
 * Convolution (cross-correlation) x * filter + bias: x [n, h, w, in], filter [height, width, in, out], bias [out] or
 * absent; result [n, h', w', out].
 */
export function conv2d(
  x: Tensor,
  filter: Tensor,
  bias?: Tensor,
  { stride = 1, padding = 'same' }: ConvolutionOptions = {},
): Tensor {
  requireRank('x of conv2d', x, 4);
  requireRank('filter of conv2d', filter, 4);
  requireSize('input channels of conv2d', x.shape[3], filter.shape[2]);
  if (bias) requireRank('bias of conv2d', bias, 1);
  const attributes = [T_FLOAT, square('strides', stride), attribute.string('padding', padding.toUpperCase()), NHWC];
  return differentiable(
    bias ? [x, filter, bias] : [x, filter],
    (save) => {
      save([x, filter]);
      const y = rawOp('Conv2D', attributes, [x, filter]);
      return bias ? rawOp('BiasAdd', [T_FLOAT], [y, bias]) : y;
    },
    (dy, saved) => {
      const [input, w] = saved as [Tensor, Tensor];
      return [
        () => rawOp('Conv2DBackpropInput', attributes, [shapeTensor(input.shape), w, dy]),
        () => rawOp('Conv2DBackpropFilter', attributes, [input, shapeTensor(w.shape), dy]),
        () => rawOp('BiasAddGrad', [T_FLOAT], [dy]),
      ].slice(0, bias ? 3 : 2);
    },
  );
}

export interface PoolOptions {
  /** Side of the square window. */
  size: number;
  /** Default: `size`, windows side by side. JAX Stax's default is 1. */
  stride?: number;
  /** Default `valid`. */
  padding?: Padding;
}

const poolAttributes = ({ size, stride = size, padding = 'valid' }: PoolOptions): OpAttribute[] => [
  T_FLOAT,
  square('ksize', size),
  square('strides', stride),
  attribute.string('padding', padding.toUpperCase()),
  NHWC,
];

/** Largest value of each window: x [n, h, w, c]; result [n, h', w', c]. Of equal values the first gets the gradient. */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  requireRank('x of maxPool', x, 4);
  const attributes = poolAttributes(options);
  return differentiable(
    [x],
    (save) => {
      const y = rawOp('MaxPool', attributes, [x]);
      save([x, y]);
      return y;
    },
    (dy, [input, y]) => [() => rawOp('MaxPoolGrad', attributes, [input as Tensor, y as Tensor, dy])],
  );
}

/** Mean of each window, padding not counted: x [n, h, w, c]; result [n, h', w', c]. */
export function averagePool(x: Tensor, options: PoolOptions): Tensor {
  requireRank('x of averagePool', x, 4);
  const attributes = poolAttributes(options);
  return differentiable(
    [x],
    () => rawOp('AvgPool', attributes, [x]),
    (dy) => [() => rawOp('AvgPoolGrad', attributes, [shapeTensor(x.shape), dy])],
  );
}
