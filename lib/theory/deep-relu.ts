/**
 * Fully connected ReLU networks of k layers without biases in the NTK parameterization, trained with their tangent kernel measured:
 *   z_l = s_l h_(l-1) omega_l,  h_l = relu(z_l),  f = z_k,  s_l = sqrt(2 / fan_in), 1 / sqrt(fan_in) for the last,  omega ~ N(0, 1).
 * float32 on TensorFlow. The kernel is sum over l of s_l^2 (h_(l-1) . h_(l-1)') (delta_l . delta_l'), delta_l = df / dz_l: one forward and
 * one backward pass, no Jacobian.
 */

import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { relu, reluGradient, tf } from '../compute/index.ts';
import { normals } from '../random/index.ts';
import { squareRoot } from './samples.ts';

type Tensor2D = tfTypes.Tensor2D;

export interface DeepReluOptions {
  /** k >= 2: layers with weights. */
  layers: number;
  /** Units of every hidden layer. */
  width: number;
  /** x.x' / d of the N samples: they enter through N coordinates in which they have this Gram matrix (the others see no gradient). */
  gram: readonly ArrayLike<number>[];
  target: ArrayLike<number>;
  seed: number;
}

interface Pass {
  /** h_0 .. h_(k-1), [N, units] */
  inputs: Tensor2D[];
  /** df/dz_1 .. df/dz_k, [N, units] */
  deltas: Tensor2D[];
  /** [N, 1] */
  f: Tensor2D;
}

export class DeepRelu {
  readonly samples: number;
  readonly #x: Tensor2D;
  readonly #target: Tensor2D;
  readonly #scales: number[];
  #weights: Tensor2D[];

  constructor({ layers, width, gram, target, seed }: DeepReluOptions) {
    if (!(Number.isInteger(layers) && layers >= 2))
      throw new RangeError(`layers must be a whole number >= 2, not ${layers}`);
    this.samples = gram.length;
    const sizes = [this.samples, ...Array.from({ length: layers - 1 }, () => width), 1];
    // The first layer's fan-in is in the Gram matrix already.
    this.#scales = sizes.slice(1).map((_, l) => Math.sqrt((l === layers - 1 ? 1 : 2) / (l === 0 ? 1 : width)));
    this.#x = tf.tensor2d(squareRoot(gram).map((row) => Array.from(row)));
    this.#target = tf.tensor2d(Float32Array.from(target), [this.samples, 1]);
    this.#weights = this.#scales.map((_, l) => {
      const shape: [number, number] = [sizes[l] as number, sizes[l + 1] as number];
      return tf.tensor2d(normals(seed, l, shape[0] * shape[1]), shape);
    });
  }

  #pass(): Pass {
    const inputs = [this.#x];
    let f = this.#x;
    const pre = this.#weights.map((weights, l) => {
      const z = tf.mul(tf.matMul(inputs[l] as Tensor2D, weights), this.#scales[l] as number) as Tensor2D;
      f = z;
      inputs.push(relu(z) as Tensor2D);
      return z;
    });
    let delta = tf.ones([this.samples, 1]) as Tensor2D;
    const deltas = [delta];
    for (let l = this.#weights.length - 1; l > 0; l -= 1) {
      const back = tf.mul(tf.matMul(delta, this.#weights[l] as Tensor2D, false, true), this.#scales[l] as number);
      delta = reluGradient(back, pre[l - 1] as Tensor2D) as Tensor2D;
      deltas.unshift(delta);
    }
    return { inputs, deltas, f };
  }

  /** f on the N samples and the tangent kernel, N rows. */
  measure(): { f: Float64Array; kernel: Float64Array[] } {
    let f = new Float64Array(this.samples);
    let products: ArrayLike<number>[] = [];
    tf.tidy(() => {
      const pass = this.#pass();
      f = Float64Array.from(pass.f.dataSync());
      products = pass.deltas.map((delta, l) => {
        const h = pass.inputs[l] as Tensor2D;
        const term = tf.mul(tf.matMul(h, h, false, true), tf.matMul(delta, delta, false, true));
        return tf.mul(term, (this.#scales[l] as number) ** 2).dataSync();
      });
    });
    const kernel = Array.from({ length: this.samples }, (_, a) =>
      Float64Array.from({ length: this.samples }, (__, b) =>
        products.reduce((sum, product) => sum + (product[a * this.samples + b] as number), 0),
      ),
    );
    return { f, kernel };
  }

  /** One step of gradient descent on sum (f - y)^2 / 2 + (lambda / 2) |omega|^2, rate eta. */
  step(eta: number, lambda: number): void {
    const old = this.#weights;
    this.#weights = tf.tidy(() => {
      const { inputs, deltas, f } = this.#pass();
      const error = tf.mul(tf.sub(f, this.#target), eta);
      return old.map((weights, l) => {
        const pull = tf.mul(tf.mul(deltas[l] as Tensor2D, error), this.#scales[l] as number);
        return tf.sub(tf.mul(weights, 1 - eta * lambda), tf.matMul(inputs[l] as Tensor2D, pull, true)) as Tensor2D;
      });
    });
    tf.dispose(old);
  }

  dispose(): void {
    tf.dispose([this.#x, this.#target, ...this.#weights]);
    this.#weights = [];
  }
}
