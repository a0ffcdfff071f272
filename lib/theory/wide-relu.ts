/**
 * The two-layer ReLU network of figure 5c at widths up to 1e5 (78.5 M parameters on MNIST), in float32 on TensorFlow: the same
 * exact reformulation as two-layer.ts (p = 1), worked through in blocks of units so that a step goes once through memory.
 * A step costs 2 n N^2 floating-point operations, 8e9 at n = 1e5 and N = 200, against 6 n d N = 94e9 with W written out.
 */

import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { relu, reluGradient, tf } from '../compute/index.ts';
import { activationScale, initialTwoLayer } from './two-layer.ts';
import type { TwoLayerOptions } from './two-layer.ts';

type Tensor2D = tfTypes.Tensor2D;

/** Units a block: its N x 2000 float32 numbers stay in the cache between the operations of a step. */
const BLOCK = 2000;

interface Block {
  /** [units, N] */
  z: Tensor2D;
  /** [units, 1] */
  v: Tensor2D;
}

export interface WideReluState {
  /** [n, N], row by row. */
  z: Float32Array<ArrayBuffer>;
  /** [n] */
  v: Float32Array<ArrayBuffer>;
}

/** max(x, 0) where only values are wanted: no tape. */
const values = (z: Tensor2D): Tensor2D => relu(z) as Tensor2D;

export class WideRelu {
  readonly width: number;
  readonly samples: number;
  readonly #scale: number;
  readonly #gram: Tensor2D;
  readonly #target: Float64Array;
  #blocks: Block[];
  #f: Float64Array;

  /** `state` goes on from there instead of drawing initial values. */
  constructor(options: Omit<TwoLayerOptions, 'power'>, state: WideReluState = drawn(options)) {
    const { width, gram, target } = options;
    this.width = width;
    this.samples = gram.length;
    this.#scale = activationScale(1) / Math.sqrt(width);
    this.#gram = tf.tensor2d(gram.map((row) => Array.from(row)));
    this.#target = Float64Array.from(target);
    this.#blocks = [];
    for (let start = 0; start < width; start += BLOCK) {
      const end = Math.min(start + BLOCK, width);
      this.#blocks.push({
        z: tf.tensor2d(state.z.slice(start * this.samples, end * this.samples), [end - start, this.samples]),
        v: tf.tensor2d(state.v.slice(start, end), [end - start, 1]),
      });
    }
    this.#f = new Float64Array(this.samples);
    for (const { z, v } of this.#blocks) this.#addOutput(tf.tidy(() => tf.matMul(v, values(z), true)));
  }

  /** f on the N samples, after the steps so far: block sums in float32, their sum in double precision. */
  f(): Float64Array {
    return Float64Array.from(this.#f);
  }

  #addOutput(part: tfTypes.Tensor): void {
    part.dataSync().forEach((value, a) => {
      this.#f[a] = (this.#f[a] as number) + this.#scale * value;
    });
    part.dispose();
  }

  /** One step of gradient descent on sum (f - y)^2 / 2 + (lambda / 2) |theta|^2, rate eta. */
  step(eta: number, lambda: number): void {
    const keep = 1 - eta * lambda;
    const error = tf.tensor2d(
      Float32Array.from(this.#f, (value, a) => eta * this.#scale * (value - (this.#target[a] as number))),
      [1, this.samples],
    );
    this.#f = new Float64Array(this.samples);
    this.#blocks = this.#blocks.map((old) => {
      const [z, v, part] = tf.tidy(() => {
        const pull = reluGradient(tf.matMul(old.v, error), old.z) as Tensor2D;
        const z = tf.sub(tf.mul(old.z, keep), tf.matMul(pull, this.#gram)) as Tensor2D;
        const v = tf.sub(tf.mul(old.v, keep), tf.matMul(values(old.z), error, false, true)) as Tensor2D;
        return [z, v, tf.matMul(v, values(z), true)] as [Tensor2D, Tensor2D, Tensor2D];
      });
      tf.dispose([old.z, old.v]);
      this.#addOutput(part);
      return { z, v };
    });
    error.dispose();
  }

  state(): WideReluState {
    const z = new Float32Array(this.width * this.samples);
    const v = new Float32Array(this.width);
    this.#blocks.forEach((block, index) => {
      z.set(block.z.dataSync(), index * BLOCK * this.samples);
      v.set(block.v.dataSync(), index * BLOCK);
    });
    return { z, v };
  }

  dispose(): void {
    tf.dispose([this.#gram, ...this.#blocks.flatMap(({ z, v }) => [z, v])]);
    this.#blocks = [];
  }
}

function drawn(options: Omit<TwoLayerOptions, 'power'>): WideReluState {
  const { z, v } = initialTwoLayer(options);
  return { z: Float32Array.from(z), v: Float32Array.from(v) };
}
