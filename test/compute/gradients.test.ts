/** Gradients of tfjs's own ops of training: against difference quotients, and compiled against eager. */
import { test } from 'node:test';
import './one-thread.ts';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../lib/compute/index.ts';
import { checkGradients, random, spread, weighed, type Tensor } from './support.ts';

const targets = (): tfTypes.Tensor2D => tf.oneHot(tf.tensor1d([2, 0, 1, 2], 'int32'), 3) as tfTypes.Tensor2D;
const rows = () => tf.tensor1d([2, 0, 2], 'int32');

interface Case {
  f: (...inputs: Tensor[]) => Tensor;
  inputs: () => Tensor[];
  /** Compiled equals eager to the bit; else TensorFlow rewrites the graph (README). */
  exact?: boolean;
}

const cases: Record<string, Case> = {
  'matMul and bias': {
    f: (x, w, b) => weighed(tf.add(tf.matMul(x as never, w as never), b)),
    inputs: () => [random([3, 4], 1), random([4, 5], 2), random([5], 3)],
  },
  softmax: { f: (x) => weighed(tf.softmax(x)), inputs: () => [random([4, 3], 1)], exact: false },
  'log softmax': { f: (x) => weighed(tf.logSoftmax(x)), inputs: () => [random([4, 3], 1)] },
  'gather, a row twice': { f: (x) => weighed(tf.gather(x, rows())), inputs: () => [random([4, 3], 1)] },
  'slice and strided reshape': {
    f: (x) => weighed(tf.reshape(tf.slice(x, [1, 0], [2, 3]), [3, 2])),
    inputs: () => [random([4, 3], 1)],
  },
  'concat of both axes': {
    f: (x, y) => tf.add(weighed(tf.concat([x, y], 0)), weighed(tf.concat([x, y, x], 1))),
    inputs: () => [random([4, 3], 1), random([4, 3], 2)],
  },
  'softmax cross-entropy of tf.losses': {
    f: (x) => tf.losses.softmaxCrossEntropy(targets(), x),
    inputs: () => [random([4, 3], 1)],
  },
  'mean squared error': {
    f: (x) => tf.losses.meanSquaredError(targets(), x),
    inputs: () => [random([4, 3], 1)],
  },
  'sigmoid cross-entropy': {
    f: (x) => tf.losses.sigmoidCrossEntropy(targets(), x),
    inputs: () => [spread([4, 3])],
    exact: false,
  },
  'conv2d of tfjs': {
    f: (x, k) => weighed(tf.conv2d(x as never, k as never, 2, 'same')),
    inputs: () => [random([2, 5, 5, 2], 1), random([3, 3, 2, 3], 2)],
  },
  'maxPool of tfjs': {
    f: (x) => weighed(tf.maxPool(x as never, 3, 2, 'same')),
    inputs: () => [spread([2, 5, 5, 2])],
    exact: false,
  },
  'avgPool of tfjs': {
    f: (x) => weighed(tf.avgPool(x as never, 2, 1, 'valid')),
    inputs: () => [random([2, 5, 5, 2], 1)],
    exact: false,
  },
  'batch norm of moments, not fused': {
    f: (x, scale, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return weighed(tf.batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, 1e-3));
    },
    inputs: () => [random([2, 3, 3, 2], 1), random([2], 2), random([2], 3)],
    exact: false,
  },
  'activations: tanh, sigmoid, elu, softplus, relu': {
    f: (x) =>
      tf.addN([tf.tanh, tf.sigmoid, tf.elu, tf.softplus, tf.relu].map((g) => weighed((g as typeof tf.tanh)(x)))),
    inputs: () => [spread([4, 3])],
    exact: false,
  },
};

for (const [name, { f, inputs, exact = true }] of Object.entries(cases)) {
  test(`gradient of ${name} equals difference quotients, eagerly and compiled`, () => {
    checkGradients(f, inputs(), { tolerance: 5e-3, exact });
  });
}
