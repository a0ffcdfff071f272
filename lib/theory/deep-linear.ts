/**
 * Deep linear networks f(x) = beta W_L ... W_0 x with L2 (B.1): gradient descent in double precision, and the fixed points
 * it can end at. beta = n^(-L/2) (NTK parameterization, W ~ N(0, 1)) or 1 (standard, W ~ N(0, 1 / fan_in)).
 */

import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { normals } from '../random/index.ts';

export type Parameterization = 'ntk' | 'standard';

export interface DeepLinearOptions {
  /** L >= 1: there are L + 1 weight matrices. */
  depth: number;
  /** n, the width of the hidden layers. */
  width: number;
  parameterization: Parameterization;
  seed: number;
}

/** beta of the parameterization. */
export function outputScale({ depth, width, parameterization }: Omit<DeepLinearOptions, 'seed'>): number {
  return parameterization === 'ntk' ? width ** (-depth / 2) : 1;
}

/** One sample x = y = 1, loss (f - 1)^2 / 2 + (lambda / 2) sum |W_l|^2. */
export class DeepLinear {
  readonly #options: DeepLinearOptions;
  /** W_0 [n, 1], W_1 .. W_(L-1) [n, n], W_L [1, n]. */
  readonly weights: Matrix[];
  readonly beta: number;

  constructor(options: DeepLinearOptions) {
    const { depth, width, seed } = options;
    for (const [name, value] of Object.entries({ depth, width })) {
      if (!(Number.isInteger(value) && value > 0))
        throw new RangeError(`${name} must be a whole number > 0, not ${value}`);
    }
    this.beta = outputScale(options);
    this.#options = options;
    this.weights = Array.from({ length: depth + 1 }, (_, layer) =>
      Matrix.zeros(layer === depth ? 1 : width, layer === 0 ? 1 : width),
    );
    this.perturb(1, seed);
  }

  /** Adds `size` times a new draw of initial values: fixed points that are not stable are left. */
  perturb(size: number, seed: number): void {
    this.weights.forEach((matrix, layer) => {
      const { rows, columns } = matrix;
      const deviation = this.#options.parameterization === 'ntk' ? 1 : 1 / Math.sqrt(columns);
      normals(seed, layer, rows * columns).forEach((value, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        matrix.set(row, column, matrix.get(row, column) + size * deviation * value);
      });
    });
  }

  /** W_(l-1) ... W_0 for l = 0 .. L + 1, from [1] to the product of all. */
  #forward(): Matrix[] {
    const products = [Matrix.ones(1, 1)];
    for (const matrix of this.weights) products.push(matrix.mmul(products.at(-1) as Matrix));
    return products;
  }

  f(): number {
    return this.beta * (this.#forward().at(-1) as Matrix).get(0, 0);
  }

  /** One step of gradient descent. Returns the largest change of a weight, over eta: 0 at a fixed point. */
  step(eta: number, lambda: number): number {
    const below = this.#forward();
    const error = this.beta * (below.at(-1) as Matrix).get(0, 0) - 1;
    let above = Matrix.ones(1, 1);
    let largest = 0;
    for (let layer = this.weights.length - 1; layer >= 0; layer -= 1) {
      const matrix = this.weights[layer] as Matrix;
      const input = below[layer] as Matrix;
      const rates = above;
      above = above.mmul(matrix);
      for (let row = 0; row < matrix.rows; row += 1) {
        const pull = this.beta * error * rates.get(0, row);
        for (let column = 0; column < matrix.columns; column += 1) {
          const change = pull * input.get(column, 0) + lambda * matrix.get(row, column);
          largest = Math.max(largest, Math.abs(change));
          matrix.set(row, column, matrix.get(row, column) - eta * change);
        }
      }
    }
    return largest;
  }

  /** |W_l|_F^2 of every layer. */
  squaredNorms(): number[] {
    return this.weights.map((matrix) => matrix.norm('frobenius') ** 2);
  }

  /** Second over first singular value of every layer: 0 for rank 1 (and for the vectors W_0, W_L). */
  rankRatios(): number[] {
    return this.weights.map((matrix) => {
      const [first = 0, second = 0] = new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal;
      return first === 0 ? 0 : second / first;
    });
  }
}

/** f^(L-1) (1-f)^(L+1), which (S20) equates with lambda^(L+1) / beta^2 for one sample x = y = 1. */
export function fixedPointCurve(depth: number, f: number): number {
  return f ** (depth - 1) * (1 - f) ** (depth + 1);
}

/** The largest lambda^(L+1) / beta^2 with a fixed point f > 0: at f = (L-1) / (2 L). 1 for L = 1, 27/256 for L = 2, 16/729 for L = 3. */
export function collapse(depth: number): { f: number; strength: number } {
  const f = (depth - 1) / (2 * depth);
  return { f, strength: fixedPointCurve(depth, f) };
}

/** Fixed points f > 0 of (S20) for a strength lambda^(L+1) / beta^2, descending: the first is stable, a second one not. */
export function fixedPoints(depth: number, strength: number): number[] {
  if (!(strength >= 0)) throw new RangeError(`strength must be a number >= 0, not ${strength}`);
  const top = collapse(depth);
  if (strength > top.strength) return [];
  const bisect = (low: number, high: number): number => {
    const rising = fixedPointCurve(depth, high) > fixedPointCurve(depth, low);
    for (let iteration = 0; iteration < 200; iteration += 1) {
      const middle = (low + high) / 2;
      if (fixedPointCurve(depth, middle) > strength === rising) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  };
  const stable = bisect(top.f, 1);
  return depth === 1 ? [stable].filter((f) => f > 0) : [stable, bisect(0, top.f)];
}

/** (S21) as printed, lambda^2 n = f - 1, solved for f: above 1 for any lambda > 0, which no gradient descent ends at. */
export function printedFixedPoint(strength: number): number {
  return 1 + strength;
}
