/**
 * Random numbers on the device, by counter: each draw is a function of (seed, stream, step) alone, so a step draws the same
 * numbers eagerly, compiled, repeated in a loop, with any number of threads and after a resume. Philox, as TensorFlow's
 * stateless ops have it; other numbers than `philox` of ../random.ts.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { CompileError } from '../errors.ts';
import { DATA_TYPE } from '../graph.ts';
import { philox } from '../../random/index.ts';
import { attribute, dataTypeOf, rawOp, rawOps } from './raw.ts';

type Tensor = tfTypes.Tensor;

/**
 * Seed [2] int32 of the draw of one `step` (scalar int32, a counter input of the function). Draws that must be
 * independent of each other take different streams; two draws with one seed give the same numbers.
 */
export function seedOf(seed: number, stream: number, step: Tensor): Tensor {
  if (step.rank !== 0 || step.dtype !== 'int32') {
    throw new CompileError(`step of seedOf must be an int32 scalar, got ${step.dtype} [${step.shape.join(', ')}]`);
  }
  const key = (philox([stream, 0, 0, 0], [seed, 0])[0] as number) | 0;
  return tf.stack([tf.scalar(key, 'int32'), step]);
}

const draw = (op: string, shape: readonly number[], seed: Tensor, dtype: number, ...bounds: Tensor[]): Tensor =>
  rawOp(
    op,
    [attribute.type('dtype', dtype), attribute.type('T', DATA_TYPE.int32), attribute.type('Tseed', DATA_TYPE.int32)],
    [tf.tensor1d([...shape], 'int32'), seed, ...bounds],
  );

/** Uniform in [0, 1), float32. */
export const uniform = (shape: readonly number[], seed: Tensor): Tensor =>
  draw('StatelessRandomUniform', shape, seed, DATA_TYPE.float32);

/** Standard normal, float32. */
export const normal = (shape: readonly number[], seed: Tensor): Tensor =>
  draw('StatelessRandomNormal', shape, seed, DATA_TYPE.float32);

/** Standard normal, drawn again where it is further than 2 from 0, float32. */
export const truncatedNormal = (shape: readonly number[], seed: Tensor): Tensor =>
  draw('StatelessTruncatedNormal', shape, seed, DATA_TYPE.float32);

/** Gamma of shape parameter `alpha` and scale 1, float32. */
export const gamma = (shape: readonly number[], alpha: number, seed: Tensor): Tensor =>
  rawOp(
    'StatelessRandomGammaV2',
    [
      attribute.type('dtype', DATA_TYPE.float32),
      attribute.type('T', DATA_TYPE.int32),
      attribute.type('Tseed', DATA_TYPE.int32),
    ],
    [tf.tensor1d([...shape], 'int32'), seed, tf.broadcastTo(tf.scalar(alpha), [...shape])],
  );

/** For each row of `logits` [rows, k], unnormalised log-probabilities, `samples` indices; result [rows, samples] int32. */
export const multinomial = (logits: Tensor, samples: number, seed: Tensor): Tensor =>
  rawOp(
    'StatelessMultinomial',
    [
      attribute.type('T', dataTypeOf(logits)),
      attribute.type('Tseed', DATA_TYPE.int32),
      attribute.type('output_dtype', DATA_TYPE.int32),
    ],
    [logits, tf.scalar(samples, 'int32'), seed],
  );

/** Uniform in low, ..., high - 1, int32. */
export const uniformInt = (shape: readonly number[], low: number, high: number, seed: Tensor): Tensor =>
  rawOp(
    'StatelessRandomUniformInt',
    [
      attribute.type('dtype', DATA_TYPE.int32),
      attribute.type('T', DATA_TYPE.int32),
      attribute.type('Tseed', DATA_TYPE.int32),
    ],
    [tf.tensor1d([...shape], 'int32'), seed, tf.scalar(low, 'int32'), tf.scalar(high, 'int32')],
  );

/** A random permutation of 0, ..., n - 1, int32 [n]: the order of n 32-bit draws. */
export function permutation(n: number, seed: Tensor): Tensor {
  const keys = rawOp(
    'StatelessRandomUniformFullInt',
    [
      attribute.type('dtype', DATA_TYPE.int32),
      attribute.type('T', DATA_TYPE.int32),
      attribute.type('Tseed', DATA_TYPE.int32),
    ],
    [tf.tensor1d([n], 'int32'), seed],
  );
  const [, order] = rawOps(
    'TopKV2',
    [attribute.bool('sorted', true), attribute.type('T', DATA_TYPE.int32)],
    [keys, tf.scalar(n, 'int32')],
    2,
  );
  return order as Tensor;
}

/** x with each value kept with probability 1 - rate and divided by it, else 0; same shape, differentiable. */
export function dropout(x: Tensor, rate: number, seed: Tensor): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new CompileError(`rate of dropout must be in [0, 1), got ${rate}`);
  const kept = tf.cast(tf.greaterEqual(uniform(x.shape, seed), rate), 'float32');
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}
