/**
 * Lemma 1 checked to double precision: sum over nu of theta_nu d_nu d_mu1 .. d_mum f = (k - m) d_mu1 .. d_mum f for a k-homogeneous f.
 *
 * f is evaluated at theta + e0 theta + e1 u + e2 w with e0^2 = e1^2 = e2^2 = 0: the coefficient of a product of e's is, without any
 * step size, the derivative of f along those directions. With random u and w, equality of the contracted tensors is that of the tensors.
 */

import { normals } from '../random/index.ts';

/** Coefficients of 1, e0, e1, e0 e1, e2, e0 e2, e1 e2, e0 e1 e2: bit i of the index says whether e_i is in the product. */
const COEFFICIENTS = 8;

/** Numbers with their derivatives: 8 coefficients each, one after the other. */
type Jets = Float64Array;

/** out[at] += a[from] b[with], truncated: a product of two terms that share an e is 0. */
function multiplyAdd(out: Jets, at: number, a: Jets, from: number, b: Jets, using: number): void {
  for (let whole = 0; whole < COEFFICIENTS; whole += 1) {
    let sum = 0;
    for (let part = whole; ; part = (part - 1) & whole) {
      sum += (a[from * COEFFICIENTS + part] as number) * (b[using * COEFFICIENTS + (whole ^ part)] as number);
      if (part === 0) break;
    }
    out[at * COEFFICIENTS + whole] = (out[at * COEFFICIENTS + whole] as number) + sum;
  }
}

const real = (jets: Jets, index: number): number => jets[index * COEFFICIENTS] as number;
const zeros = (count: number): Jets => new Float64Array(count * COEFFICIENTS);

/** A k-homogeneous network without biases, as a function of its parameters alone: its inputs are fixed. */
export interface HomogeneousNetwork {
  name: string;
  /** Degree of homogeneity: layers with weights. */
  k: number;
  /** Number of parameters and, for each, the fan-in of its layer. */
  fanIn: number[];
  /** f at parameters given as jets; one jet. */
  evaluate(parameters: Jets): Jets;
}

function relu(jets: Jets): Jets {
  const out = Float64Array.from(jets);
  for (let index = 0; index < jets.length / COEFFICIENTS; index += 1) {
    if (real(jets, index) <= 0) out.fill(0, index * COEFFICIENTS, (index + 1) * COEFFICIENTS);
  }
  return out;
}

/** x [inputs] times W [inputs, units], W from `offset` of the parameters. */
function dense(x: Jets, parameters: Jets, offset: number, units: number): Jets {
  const inputs = x.length / COEFFICIENTS;
  const out = zeros(units);
  for (let i = 0; i < inputs; i += 1) {
    for (let unit = 0; unit < units; unit += 1) multiplyAdd(out, unit, x, i, parameters, offset + i * units + unit);
  }
  return out;
}

/** 3x3 convolution without padding of x [side, side, channels], filters [3, 3, channels, filters] from `offset`. */
function convolve(x: Jets, side: number, channels: number, parameters: Jets, offset: number, filters: number): Jets {
  const outSide = side - 2;
  const out = zeros(outSide * outSide * filters);
  for (let row = 0; row < outSide; row += 1)
    for (let column = 0; column < outSide; column += 1)
      for (let tap = 0; tap < 9; tap += 1)
        for (let channel = 0; channel < channels; channel += 1) {
          const pixel = (row + Math.floor(tap / 3)) * side + column + (tap % 3);
          for (let filter = 0; filter < filters; filter += 1) {
            const weight = offset + (tap * channels + channel) * filters + filter;
            multiplyAdd(
              out,
              (row * outSide + column) * filters + filter,
              x,
              pixel * channels + channel,
              parameters,
              weight,
            );
          }
        }
  return out;
}

/** 2x2 maximum with stride 1, without padding. */
function maxPool(x: Jets, side: number, channels: number): Jets {
  const outSide = side - 1;
  const out = zeros(outSide * outSide * channels);
  for (let row = 0; row < outSide; row += 1)
    for (let column = 0; column < outSide; column += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const places = [0, 1, side, side + 1].map((step) => (row * side + column + step) * channels + channel);
        const best = places.reduce((a, b) => (real(x, b) > real(x, a) ? b : a));
        const at = (row * outSide + column) * channels + channel;
        out.set(x.subarray(best * COEFFICIENTS, (best + 1) * COEFFICIENTS), at * COEFFICIENTS);
      }
  return out;
}

function constants(values: ArrayLike<number>): Jets {
  const jets = zeros(values.length);
  for (let index = 0; index < values.length; index += 1) jets[index * COEFFICIENTS] = values[index] as number;
  return jets;
}

/** Fully connected ReLU network on one random input: k = sizes.length - 1. The last size must be 1. */
export function homogeneousFc(sizes: readonly number[], seed = 0): HomogeneousNetwork {
  if (sizes.at(-1) !== 1) throw new RangeError(`the last of sizes must be 1, the one logit, not ${sizes.at(-1)}`);
  const input = constants(normals(seed, 1000, sizes[0] as number));
  const layers = sizes.slice(1).map((units, i) => ({ units, inputs: sizes[i] as number }));
  return {
    name: `FC ${sizes.join('-')}`,
    k: layers.length,
    fanIn: layers.flatMap(({ units, inputs }) => Array.from({ length: units * inputs }, () => inputs)),
    evaluate(parameters) {
      let offset = 0;
      return layers.reduce((h, { units, inputs }, index) => {
        const y = dense(h, parameters, offset, units);
        offset += units * inputs;
        return index < layers.length - 1 ? relu(y) : y;
      }, input);
    },
  };
}

/** Two 3x3 convolutions with ReLU, a 2x2 maximum, a dense layer, on one random 8 x 8 x 2 image: k = 3. */
export function homogeneousCnn(filters = 4, seed = 0): HomogeneousNetwork {
  const [side, channels] = [8, 2];
  const input = constants(normals(seed, 1000, side * side * channels));
  const counts = [9 * channels * filters, 9 * filters * filters, 9 * filters];
  return {
    name: `CNN conv${filters}-conv${filters}-maxpool-dense`,
    k: 3,
    fanIn: counts.flatMap((count, i) =>
      Array.from({ length: count }, () => [9 * channels, 9 * filters, 9 * filters][i] as number),
    ),
    evaluate(parameters) {
      const first = relu(convolve(input, side, channels, parameters, 0, filters));
      const second = relu(convolve(first, side - 2, filters, parameters, counts[0] as number, filters));
      return dense(maxPool(second, side - 4, filters), parameters, (counts[0] as number) + (counts[1] as number), 1);
    },
  };
}

export interface Lemma1Check {
  m: number;
  /** sum over nu of theta_nu d_nu d_mu1 .. d_mum f, contracted with m random directions. */
  left: number;
  /** d_mu1 .. d_mum f, contracted with the same directions. */
  derivative: number;
  /** left / derivative: k - m by the lemma. */
  ratio: number;
}

/** Both sides of lemma 1 for m = 0, 1, 2 at weights W ~ N(0, 2 / fan_in). */
export function checkLemma1(network: HomogeneousNetwork, seed = 0): Lemma1Check[] {
  const count = network.fanIn.length;
  const theta = normals(seed, 0, count);
  const [u, w] = [normals(seed, 1, count), normals(seed, 2, count)];
  const parameters = zeros(count);
  network.fanIn.forEach((fanIn, index) => {
    const value = (theta[index] as number) * Math.sqrt(2 / fanIn);
    parameters.set([value, value, u[index] as number, 0, w[index] as number], index * COEFFICIENTS);
  });
  const f = network.evaluate(parameters);
  return [0b000, 0b010, 0b110].map((directions, m) => {
    const [left, derivative] = [f[directions | 0b001] as number, f[directions] as number];
    return { m, left, derivative, ratio: left / derivative };
  });
}
