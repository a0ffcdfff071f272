/** A network as data: its parameters, and a pure function from parameters and inputs to logits. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { normals } from '../compute/random.ts';

type Tensor = tfTypes.Tensor;

/** `scale` and `offset` belong to batch norm. */
export type ParameterKind = 'weights' | 'bias' | 'scale' | 'offset';

export interface ParameterSpec {
  name: string;
  shape: number[];
  kind: ParameterKind;
  /** Inputs of one unit: W ~ N(0, sigma_w^2 / fanIn). For a 3x3 convolution 9 C_in. */
  fanIn: number;
}

export interface Model {
  /** Shape of one sample, e.g. [784] or [32, 32, 3]. */
  inputShape: number[];
  classes: number;
  parameters: ParameterSpec[];
  /** Logits [n, classes] of x [n, ...inputShape]; `parameters` in the order of the specs. */
  logits(parameters: readonly Tensor[], x: Tensor): Tensor;
}

export const parameterCount = (model: Model): number =>
  model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/**
 * Initial values of all parameters, in order: weights N(0, sigmaW^2 / fanIn) untruncated, biases N(0, sigmaB^2),
 * batch-norm scales 1, offsets 0 (paper, supplement A). Parameter i draws from stream i of the seed's generator.
 */
export function initialValues(
  model: Model,
  { sigmaW, sigmaB, seed }: { sigmaW: number; sigmaB: number; seed: number },
): Float32Array[] {
  return model.parameters.map(({ shape, kind, fanIn }, stream) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const deviation = { weights: sigmaW / Math.sqrt(fanIn), bias: sigmaB, scale: 0, offset: 0 }[kind];
    if (deviation === 0) return new Float32Array(size).fill(kind === 'scale' ? 1 : 0);
    return normals(seed, stream, size).map((value) => value * deviation);
  });
}
