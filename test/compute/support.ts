import assert from 'node:assert/strict';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, normals, tf, type Program } from '../../lib/compute/index.ts';
import { backend } from '../../lib/compute/backend.ts';

export type Tensor = tfTypes.Tensor;
export type Values = Float32Array | Int32Array | Uint8Array;

/** Normal numbers that no test draws twice with the same stream. */
export const random = (shape: number[], stream = 0, deviation = 1): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    normals(7, stream, size).map((value) => value * deviation),
    shape,
  );
};

/** A scalar that weighs every value of y differently, so that no gradient can hide. */
export const weighed = (y: Tensor): Tensor => tf.sum(tf.mul(y, random(y.shape, 99)));
/** Away from 0 and no two closer than 0.2, so that kinks stay out of reach of the difference quotients. */
export const spread = (shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((i * 37) % size) - size / 2 + 0.5) * 0.2),
    shape,
  );
};

const binding = backend.binding as unknown as { getNumOfTensors(): number; getNumOfSavedModels(): number };
/** What must not grow: tensors of JavaScript and of TensorFlow, and sessions. */
export const counts = () => ({
  tensors: tf.memory().numTensors,
  native: binding.getNumOfTensors(),
  sessions: binding.getNumOfSavedModels(),
});

export const variable = (initial: Tensor): tfTypes.Variable => {
  const result = tf.variable(initial);
  initial.dispose();
  return result;
};

const take = (tensor: Tensor): Values => {
  const values = tensor.dataSync();
  tensor.dispose();
  return values;
};
export const valuesOf = (tensors: readonly Tensor[]): Values[] => tensors.map(take);

const bits = (values: Values): Uint8Array =>
  new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));

/** Equal to the last bit: NaN equals NaN, -0 does not equal 0. */
export function assertSameBits(actual: readonly Values[], expected: readonly Values[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((values, i) => {
    const other = expected[i] as Values;
    assert.equal(values.length, other.length);
    if (Buffer.compare(bits(values), bits(other)) === 0) return;
    const at = values.findIndex((value, j) => !Object.is(value, other[j]));
    assert.fail(`array ${i} differs first at ${at}: ${values[at]} instead of ${other[at]}`);
  });
}

/** A program disposed at the end of the test, failed or not. */
export function withProgram<Name extends string>(program: Program<Name>, use: (program: Program<Name>) => void): void {
  try {
    use(program);
  } finally {
    program.dispose();
  }
}

/** Equal but for rounding: every difference below 1e-6 of the largest value. */
export function assertClose(actual: readonly Values[], expected: readonly Values[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((values, i) => {
    const other = expected[i] as Values;
    assert.equal(values.length, other.length);
    const scale = Math.max(...[...other].map(Math.abs));
    values.forEach((value, j) => {
      const difference = Math.abs(value - (other[j] as number));
      assert.ok(difference <= 1e-6 * scale, `array ${i}, value ${j}: ${value} instead of ${other[j]}`);
    });
  });
}

/**
 * Checks the gradients of a scalar function with respect to all its inputs: against central differences of fourth order,
 * and compiled against eager, to the bit unless `exact` is false.
 */
export function checkGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  { h = 0.02, tolerance = 2e-3, exact = true } = {},
): void {
  const scalar = (...args: Tensor[]) => tf.tidy(() => f(...args).asScalar());
  const gradients = tf.grads(scalar)(inputs);
  inputs.forEach((input, which) => {
    const start = input.dataSync() as Float32Array;
    const at = (index: number, change: number): number => {
      const moved = start.slice();
      moved[index] = (moved[index] as number) + change;
      const tensor = tf.tensor(moved, input.shape);
      const args = inputs.map((other, i) => (i === which ? tensor : other));
      const value = (take(scalar(...args)) as Float32Array)[0] as number;
      tensor.dispose();
      return value;
    };
    const gradient = (gradients[which] as Tensor).dataSync();
    const scale = Math.max(0.1, ...gradient.map(Math.abs));
    for (let index = 0; index < start.length; index += Math.ceil(start.length / 40)) {
      const difference = (8 * (at(index, h) - at(index, -h)) - (at(index, 2 * h) - at(index, -2 * h))) / (12 * h);
      const error = Math.abs(difference - (gradient[index] as number));
      assert.ok(
        error < tolerance * scale,
        `input ${which}, value ${index}: gradient ${gradient[index]}, difference quotient ${difference}`,
      );
    }
  });
  const program = compile({
    variables: [],
    functions: {
      gradients: {
        inputs: inputs.map(({ shape }) => ({ shape, dtype: 'float32' as const })),
        run: (...args) => tf.grads(scalar)(args),
      },
    },
  });
  const compare = exact ? assertSameBits : assertClose;
  withProgram(program, () => compare(valuesOf(program.call('gradients', ...inputs)), valuesOf(gradients)));
  tf.dispose(inputs);
}
