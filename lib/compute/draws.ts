/**
 * The random functions of tfjs (`tf.randomNormal`, `tf.dropout`, ..., and through them its dropout and noise layers) by counter: inside a
 * compiled function, and eagerly inside `withDraws`, each call without a seed of its own draws on the device, as a function of the program's
 * seed, the function's name, its place in the function and the step alone. Elsewhere they are what they were.
 */
import { createRequire } from 'node:module';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from './backend.ts';
import { requireOfBinding } from './binding.ts';
import { CompileError } from './errors.ts';
import { gamma, multinomial, normal, truncatedNormal, uniform, uniformInt } from './ops/random.ts';
import { philox } from '../random/index.ts';

type Tensor = tfTypes.Tensor;
type DataType = 'float32' | 'int32' | 'bool';

/** Where the draws of one run of a function come from. */
export interface Draws {
  /** Of the program; an integer. */
  seed: number;
  /** Of the function in the program: functions draw independently of each other. */
  name: string;
  /** Int32 scalar, how often the function ran before. Asked for at the first draw. */
  step(): Tensor;
}

let current: (Draws & { stream: number; count: number }) | undefined;

/** FNV-1a of a name. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Runs `run` with its tfjs draws taken from `draws`; tells how many there were. */
export function drawing<T>(draws: Draws, run: () => T): { result: T; count: number } {
  const outer = current;
  const own = { ...draws, stream: streamOf(draws.name), count: 0 };
  current = own;
  try {
    return { result: run(), count: own.count };
  } finally {
    current = outer;
  }
}

/**
 * Runs an ordinary tfjs function eagerly with the random numbers that `compile` gives it: those of step `step` (0 is the first call) of the
 * function `name` of a program with this `seed`.
 * @throws CompileError unless seed and step are integers
 */
export function withDraws<T>({ seed, name, step }: { seed: number; name: string; step: number }, run: () => T): T {
  requireSeed(seed);
  if (!Number.isInteger(step) || step < 0)
    throw new CompileError(`step of withDraws must be an integer from 0, got ${step}`);
  return drawing({ seed, name, step: () => tf.scalar(step, 'int32') }, run).result;
}

/** @throws CompileError unless the seed of a program is an integer of 32 bits */
export function requireSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= -0x8000_0000 && seed <= 0xffff_ffff) return;
  throw new CompileError(`seed must be an integer of 32 bits, got ${seed}`);
}

/** Seed [2] int32 of the next draw. */
function nextSeed({ seed, stream, step }: Draws & { stream: number }, place: number, own = 0): Tensor {
  const [key] = philox([place, stream, own, 0x6472_6177], [seed, 0]);
  return tf.stack([tf.scalar((key as number) | 0, 'int32'), step()]);
}

/** A draw by counter, or `otherwise` outside of `drawing`. */
const drawn = <T extends Tensor>(draw: (seed: Tensor) => Tensor, otherwise: () => T, own?: number): T => {
  const draws = current;
  if (!draws) return otherwise();
  return tf.tidy(() => draw(nextSeed(draws, draws.count++, own)) as T);
};

const typed = (x: Tensor, dtype: DataType | undefined): Tensor => {
  if (dtype === undefined || dtype === null || dtype === 'float32') return x;
  return dtype === 'bool' ? tf.cast(tf.cast(x, 'int32'), 'bool') : tf.cast(x, dtype); // towards 0, as typed arrays do it
};
/** The standard form of a distribution with this mean and deviation; whole numbers are rounded. */
const spread = (x: Tensor, mean: number, deviation: number, dtype: DataType | undefined): Tensor => {
  const moved = tf.add(tf.mul(x, deviation), mean);
  return typed(dtype === 'int32' ? tf.round(moved) : moved, dtype);
};
const isWhole = (x: number): boolean => Number.isInteger(x) && Math.abs(x) <= 0x7fff_ffff;

/** tfjs's own functions, whose signatures these have. */
type Originals = Pick<
  typeof tfTypes,
  'randomNormal' | 'randomUniform' | 'truncatedNormal' | 'randomGamma' | 'dropout' | 'multinomial'
> & {
  randomStandardNormal(shape: number[], dtype?: 'float32' | 'int32', seed?: number): Tensor;
  randomUniformInt(shape: number[], low: number, high: number, seed?: number | string): Tensor;
};

const tfjs = requireOfBinding.resolve('@tensorflow/tfjs');
/** All packages of tfjs reach these functions through the exports of its core. */
const core = createRequire(tfjs)('@tensorflow/tfjs-core') as Originals;
const original = { ...core };

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);

const replacements: Originals = {
  randomUniform: ((shape: number[], low = 0, high = 1, dtype: DataType = 'float32', seed?: number | string) => {
    const otherwise = () => original.randomUniform(shape as never, low, high, dtype, seed as never);
    if (seed !== undefined && seed !== null) return otherwise(); // the same numbers at each call, eagerly too
    if (!isShape(shape)) return otherwise();
    return drawn((now) => {
      if (dtype === 'int32' && isWhole(low) && isWhole(high) && low >= 0 && high > low) {
        return uniformInt(shape, low, high, now);
      }
      return typed(tf.add(tf.mul(uniform(shape, now), high - low), low), dtype);
    }, otherwise);
  }) as Originals['randomUniform'],
  randomUniformInt: (shape, low, high, seed) =>
    replacements.randomUniform(shape as never, low, high, 'int32', seed as never) as Tensor,
  randomNormal: ((shape: number[], mean = 0, deviation = 1, dtype?: 'float32' | 'int32', seed?: number) => {
    const otherwise = () => original.randomNormal(shape as never, mean, deviation, dtype, seed);
    if (seed || !isShape(shape) || (dtype as string) === 'bool') return otherwise(); // tfjs takes seed 0 for none
    return drawn((now) => spread(normal(shape, now), mean, deviation, dtype), otherwise);
  }) as Originals['randomNormal'],
  randomStandardNormal: (shape, dtype, seed) => replacements.randomNormal(shape as never, 0, 1, dtype, seed) as Tensor,
  truncatedNormal: ((shape: number[], mean = 0, deviation = 1, dtype?: 'float32' | 'int32', seed?: number) => {
    const otherwise = () => original.truncatedNormal(shape as never, mean, deviation, dtype, seed);
    if (seed || !isShape(shape) || (dtype as string) === 'bool') return otherwise();
    return drawn((now) => spread(truncatedNormal(shape, now), mean, deviation, dtype), otherwise);
  }) as Originals['truncatedNormal'],
  randomGamma: ((shape: number[], alpha: number, beta = 1, dtype: 'float32' | 'int32' = 'float32', seed?: number) => {
    const otherwise = () => original.randomGamma(shape as never, alpha, beta, dtype, seed);
    if (seed || !isShape(shape) || !(alpha > 0)) return otherwise();
    // tfjs calls beta a rate and multiplies by it, as one does by a scale.
    return drawn((now) => spread(gamma(shape, alpha, now), 0, beta ?? 1, dtype), otherwise);
  }) as Originals['randomGamma'],
  dropout: ((x: Tensor | number[], rate: number, noiseShape?: number[] | null, seed?: number | string) => {
    const otherwise = () => original.dropout(x as never, rate, noiseShape as never, seed);
    const isDrawn = current && (seed === undefined || seed === null) && rate > 0 && rate < 1;
    if (!isDrawn || !(x instanceof tf.Tensor) || x.dtype !== 'float32') return otherwise();
    return tf.tidy(() => {
      const shape = noiseShape?.length === x.rank ? noiseShape.map((size, i) => size ?? x.shape[i]) : noiseShape;
      const kept = 1 - rate;
      const uniform = replacements.randomUniform((shape ?? x.shape) as never) as Tensor;
      return tf.mul(x, tf.div(tf.floor(tf.add(uniform, kept)), kept));
    });
  }) as Originals['dropout'],
  multinomial: ((logits: Tensor, samples: number, seed?: number, normalized = false) => {
    const otherwise = () => original.multinomial(logits as never, samples, seed, normalized);
    const isDrawn =
      logits instanceof tf.Tensor && logits.size >= 2 && logits.rank >= 1 && logits.rank <= 2 && !normalized;
    if (!isDrawn) return otherwise();
    const own = seed ? streamOf(String(seed)) : 0;
    return drawn(
      (now) => {
        const rows = logits.rank === 1 ? tf.reshape(logits, [1, -1]) : logits;
        const result = multinomial(rows, samples, now);
        return logits.rank === 1 ? tf.reshape(result, [samples]) : result;
      },
      otherwise as () => Tensor,
      own,
    );
  }) as Originals['multinomial'],
};
Object.assign(core, replacements);

/** Random functions of tfjs, by the scope in which they run. */
export const DRAWING_SCOPE = /^(random\w*|truncatedNormal|rand|dropout|multinomial)__op$/;
