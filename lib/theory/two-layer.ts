/**
 * A two-layer network of any width n, trained exactly in the space of its pre-activations, in double precision.
 *
 *   f(x) = n^(-1/2) sum_i v_i phi(z_i),  z_i = W_i . x d^(-1/2),  phi(z) = c_p max(z, 0)^p,  W, v ~ N(0, 1)
 *
 * is (p + 1)-homogeneous: p = 1, 2, 3 gives k = 2, 3, 4. Gradients of W are sums of the N samples, so that gradient descent on W
 * is gradient descent on the n x N numbers z with the Gram matrix K = x.x' / d, and W never has to be stored. The part of W
 * that no sample sees only decays. At the start z_i ~ N(0, K) is drawn directly: the same distribution.
 */

import { normals } from '../random/index.ts';
import { squareRoot } from './samples.ts';

export interface TwoLayerOptions {
  /** n */
  width: number;
  /** p >= 1, a whole number. */
  power: number;
  /** `linear`: phi(z) = z, the one smooth activation of degree 1 (needs p = 1). Default `relu`, phi(z) = c_p max(z, 0)^p. */
  activation?: 'relu' | 'linear';
  /** K = x.x' / d of the N samples. */
  gram: readonly ArrayLike<number>[];
  target: ArrayLike<number>;
  seed: number;
}

/** c_p, with which E[phi(z)^2] = 1 for z ~ N(0, 1): E[max(z, 0)^(2p)] = (2p - 1)!! / 2. */
export function activationScale(power: number): number {
  let doubleFactorial = 1;
  for (let odd = 2 * power - 1; odd > 1; odd -= 2) doubleFactorial *= odd;
  return Math.sqrt(2 / doubleFactorial);
}

/** Initial pre-activations [n, N] (row by row) and output weights [n]: v from stream 0 of the seed's generator, z from stream 1. */
export function initialTwoLayer({ width, gram, seed }: Pick<TwoLayerOptions, 'width' | 'gram' | 'seed'>): {
  z: Float64Array;
  v: Float64Array;
} {
  const samples = gram.length;
  const root = squareRoot(gram);
  const v = Float64Array.from(normals(seed, 0, width));
  const draws = normals(seed, 1, width * samples);
  const z = new Float64Array(width * samples);
  for (let unit = 0; unit < width; unit += 1) {
    for (let a = 0; a < samples; a += 1) {
      const row = root[a] as Float64Array;
      let sum = 0;
      for (let b = 0; b < samples; b += 1) sum += (row[b] as number) * (draws[unit * samples + b] as number);
      z[unit * samples + a] = sum;
    }
  }
  return { z, v };
}

export class TwoLayer {
  readonly z: Float64Array;
  readonly v: Float64Array;
  readonly width: number;
  readonly samples: number;
  readonly #power: number;
  readonly #scale: number;
  readonly #linear: boolean;
  readonly #gram: Float64Array[];
  readonly #target: Float64Array;

  constructor(options: TwoLayerOptions) {
    const { width, power, gram, target, activation = 'relu' } = options;
    if (!(Number.isInteger(width) && width > 0)) throw new RangeError(`width must be a whole number > 0, not ${width}`);
    if (!(Number.isInteger(power) && power > 0)) throw new RangeError(`power must be a whole number > 0, not ${power}`);
    if (activation === 'linear' && power !== 1) throw new RangeError(`a linear network needs power 1, not ${power}`);
    if (target.length !== gram.length) {
      throw new RangeError(`target must have ${gram.length} entries, one a sample, not ${target.length}`);
    }
    ({ z: this.z, v: this.v } = initialTwoLayer(options));
    this.width = width;
    this.samples = gram.length;
    this.#power = power;
    this.#linear = activation === 'linear';
    this.#scale = (this.#linear ? 1 : activationScale(power)) / Math.sqrt(width);
    this.#gram = gram.map((row) => Float64Array.from(row));
    this.#target = Float64Array.from(target);
  }

  /** max(z, 0)^(p - 1), from which phi / c_p = it times z and phi' / c_p = it times p; 0 for a closed unit; 1 everywhere for a linear network. */
  #gate(z: number, open = z > 0): number {
    if (this.#linear) return 1;
    if (!open) return 0;
    return this.#power === 1 ? 1 : this.#power === 2 ? z : z ** (this.#power - 1);
  }

  /** f on the N samples. */
  f(): Float64Array {
    const f = new Float64Array(this.samples);
    for (let unit = 0; unit < this.width; unit += 1) {
      const weight = this.#scale * (this.v[unit] as number);
      for (let a = 0; a < this.samples; a += 1) {
        const z = this.z[unit * this.samples + a] as number;
        f[a] = (f[a] as number) + weight * this.#gate(z) * z;
      }
    }
    return f;
  }

  /** Which units are open (1) for which sample, [n, N] row by row. */
  gates(): Uint8Array {
    return Uint8Array.from(this.z, (z) => (z > 0 ? 1 : 0));
  }

  /**
   * The empirical tangent kernel: sum_i phi phi' / n + v_i^2 phi'(z) phi'(z') K / n, N rows. `gates` puts the kinks where they were
   * when those were taken: what the kernel would be had no unit crossed its kink since.
   */
  kernel(gates?: Uint8Array): Float64Array[] {
    const { samples } = this;
    const outer = Array.from({ length: samples }, () => new Float64Array(samples));
    const inner = Array.from({ length: samples }, () => new Float64Array(samples));
    const values = new Float64Array(samples);
    const slopes = new Float64Array(samples);
    for (let unit = 0; unit < this.width; unit += 1) {
      const weight = (this.v[unit] as number) ** 2;
      for (let a = 0; a < samples; a += 1) {
        const z = this.z[unit * samples + a] as number;
        const gate = this.#gate(z, gates && gates[unit * samples + a] === 1);
        values[a] = gate * z;
        slopes[a] = gate * this.#power;
      }
      for (let a = 0; a < samples; a += 1) {
        if (slopes[a] === 0) continue;
        const outerRow = outer[a] as Float64Array;
        const innerRow = inner[a] as Float64Array;
        for (let b = 0; b <= a; b += 1) {
          outerRow[b] = (outerRow[b] as number) + (values[a] as number) * (values[b] as number);
          innerRow[b] = (innerRow[b] as number) + weight * (slopes[a] as number) * (slopes[b] as number);
        }
      }
    }
    const scale = this.#scale ** 2;
    return outer.map((_, a) =>
      Float64Array.from({ length: samples }, (__, b) => {
        const [high, low] = a >= b ? [a, b] : [b, a];
        const first = (outer[high] as Float64Array)[low] as number;
        return (
          scale *
          (first + ((inner[high] as Float64Array)[low] as number) * ((this.#gram[a] as Float64Array)[b] as number))
        );
      }),
    );
  }

  /** One step of gradient descent on sum (f - y)^2 / 2 + (lambda / 2) |theta|^2, rate eta. */
  step(eta: number, lambda: number): void {
    const { samples } = this;
    const keep = 1 - eta * lambda;
    const f = this.f();
    const error = f.map((value, a) => value - (this.#target[a] as number));
    const pull = new Float64Array(samples);
    for (let unit = 0; unit < this.width; unit += 1) {
      const v = this.v[unit] as number;
      let pullOnV = 0;
      for (let a = 0; a < samples; a += 1) {
        const z = this.z[unit * samples + a] as number;
        const gated = (error[a] as number) * this.#gate(z);
        pullOnV += gated * z;
        pull[a] = gated * this.#power;
      }
      const rate = eta * this.#scale;
      for (let b = 0; b < samples; b += 1) {
        const row = this.#gram[b] as Float64Array;
        let sum = 0;
        for (let a = 0; a < samples; a += 1) sum += (pull[a] as number) * (row[a] as number);
        this.z[unit * samples + b] = keep * (this.z[unit * samples + b] as number) - rate * v * sum;
      }
      this.v[unit] = keep * v - rate * pullOnV;
    }
  }
}
