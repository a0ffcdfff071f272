/** A network as data: its parameters, and a pure function from parameters and inputs to logits. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { normals } from '../random/index.ts';
import type { Layer } from './layers.ts';

type Tensor = tfTypes.Tensor;

/** `scale` and `offset` belong to batch norm. */
export type ParameterKind = 'weights' | 'bias' | 'scale' | 'offset';

export interface ParameterSpec {
  name: string;
  shape: number[];
  kind: ParameterKind;
  /** Inputs of one unit: W ~ N(0, sigma_w^2 / fanIn). For a 3x3 convolution 9 C_in; 1 in NTK parameterization. */
  fanIn: number;
  /** Of weights: a deviation of their own, whatever sigma_w. */
  deviation?: number;
  /** Of weights: cut at two deviations, and widened to keep sigma_w^2 / fanIn. */
  truncated?: boolean;
  /** Of a scale: its first value, default 1. */
  initial?: number;
}

export interface ForwardOptions {
  /** Samples that share batch statistics; default all of x. No effect on networks without batch norm. */
  batchNormGroup?: number;
}

export interface Model {
  /** Shape of one sample, e.g. [784] or [32, 32, 3]. */
  inputShape: number[];
  classes: number;
  parameters: ParameterSpec[];
  /** Logits [n, classes] of x [n, ...inputShape]; `parameters` in the order of the specs. */
  logits(parameters: readonly Tensor[], x: Tensor, options?: ForwardOptions): Tensor;
}

/** A network of layers. */
export function modelOf(inputShape: number[], classes: number, layers: Layer): Model {
  const { parameters } = layers;
  return {
    inputShape,
    classes,
    parameters,
    logits(values, x, options = {}) {
      if (values.length !== parameters.length) {
        throw new RangeError(`the network has ${parameters.length} parameters, got ${values.length}`);
      }
      return layers.apply(values, x, options);
    },
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const parameterCount = (model: Model): number =>
  model.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** Whether some parameters belong to batch norm. */
export const hasBatchNorm = (model: Model): boolean => model.parameters.some(({ kind }) => kind === 'scale');

/** Deviation of a standard normal cut at two deviations. */
const TRUNCATED_DEVIATION = 0.879_625_661_034_239_78;

/**
 * Initial values of all parameters, in order: weights N(0, sigmaW^2 / fanIn) untruncated, biases N(0, sigmaB^2),
 * batch-norm scales 1, offsets 0 (paper, supplement A), but for what a spec says of itself. Parameter i draws from stream i
 * of the seed's generator.
 */
export function initialValues(
  model: Model,
  { sigmaW, sigmaB, seed }: { sigmaW: number; sigmaB: number; seed: number },
): Float32Array[] {
  return model.parameters.map(({ shape, kind, fanIn, deviation, truncated, initial }, stream) => {
    const size = sizeOf(shape);
    const spread = {
      weights: deviation ?? sigmaW / Math.sqrt(fanIn),
      bias: sigmaB,
      scale: 0,
      offset: 0,
    }[kind];
    if (spread === 0) return new Float32Array(size).fill(kind === 'scale' ? (initial ?? 1) : 0);
    if (truncated) return truncatedNormals(seed, stream, size).map((value) => (value * spread) / TRUNCATED_DEVIATION);
    return normals(seed, stream, size).map((value) => value * spread);
  });
}

/** The first `count` draws of a stream that lie within two deviations. */
function truncatedNormals(seed: number, stream: number, count: number): Float32Array {
  // 4.55 % fall out: more are drawn until enough are left.
  for (let drawn = Math.ceil(count * 1.06) + 64; ; drawn *= 2) {
    const kept = normals(seed, stream, drawn).filter((value) => Math.abs(value) <= 2);
    if (kept.length >= count) return kept.slice(0, count);
  }
}
