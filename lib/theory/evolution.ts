/** Equations 1 and 2 for a whole training set: eigenmodes of the kernel, the matrix form (S10), and an ODE solver beside both. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { checkDynamics, evolveMode } from './modes.ts';
import type { Dynamics } from './modes.ts';
import { integrate } from './quadrature.ts';

export interface FunctionProblem extends Dynamics {
  /** Tangent kernel at t = 0, N x N, symmetric, rows of numbers. */
  kernel: readonly ArrayLike<number>[];
  /** f_0 on the N samples. */
  initial: ArrayLike<number>;
  /** y on the N samples. */
  target: ArrayLike<number>;
}

/** Eigenvalues ascending with their orthonormal eigenvectors: `vectors[i]` belongs to `values[i]`. */
export interface SymmetricModes {
  values: Float64Array;
  vectors: Float64Array[];
}

/** Eigenmodes of a symmetric matrix. Throws a RangeError if it is not square, or not symmetric to 1e-5 of its largest entry. */
export function symmetricModes(matrix: readonly ArrayLike<number>[]): SymmetricModes {
  const size = matrix.length;
  let largest = 0;
  let skew = 0;
  matrix.forEach((row, i) => {
    if (row.length !== size)
      throw new RangeError(`a kernel must be square: row ${i} has ${row.length} entries, not ${size}`);
    for (let j = 0; j < size; j += 1) {
      largest = Math.max(largest, Math.abs(row[j] as number));
      skew = Math.max(skew, Math.abs((row[j] as number) - (matrix[j]?.[i] as number)));
    }
  });
  if (!(skew <= 1e-5 * largest))
    throw new RangeError(`a kernel must be symmetric: entries differ by ${skew} of ${largest}`);
  const symmetric = new Matrix(size, size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      symmetric.set(i, j, ((matrix[i]?.[j] as number) + (matrix[j]?.[i] as number)) / 2);
    }
  }
  const decomposition = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = decomposition.realEigenvalues.map((_, index) => index);
  order.sort((a, b) => (decomposition.realEigenvalues[a] as number) - (decomposition.realEigenvalues[b] as number));
  return {
    values: Float64Array.from(order, (index) => decomposition.realEigenvalues[index] as number),
    vectors: order.map((index) => Float64Array.from(decomposition.eigenvectorMatrix.getColumn(index))),
  };
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

function check({ kernel, initial, target, ...dynamics }: FunctionProblem): void {
  checkDynamics(dynamics);
  for (const [name, values] of Object.entries({ initial, target })) {
    if (values.length !== kernel.length) {
      throw new RangeError(`${name} must have ${kernel.length} entries, one a row of the kernel, not ${values.length}`);
    }
  }
}

/**
 * f_t on the training set at each of `times`, by equation 3 on the kernel's eigenmodes. One Float64Array of N entries a time.
 * Eigenvalues that rounding made negative count as 0. Throws a RangeError for shapes that do not fit or times below 0.
 */
export function evolveFunction(problem: FunctionProblem, times: ArrayLike<number>): Float64Array[] {
  check(problem);
  const { values, vectors } = symmetricModes(problem.kernel);
  const modes = vectors.map((vector, index) => ({
    k: problem.k,
    lambda: problem.lambda,
    gamma: Math.max(0, values[index] as number),
    initial: dot(vector, problem.initial),
    target: dot(vector, problem.target),
  }));
  return Array.from(times, (time) => {
    const f = new Float64Array(problem.kernel.length);
    modes.forEach((mode, index) => {
      const coefficient = evolveMode(mode, time);
      const vector = vectors[index] as Float64Array;
      for (let sample = 0; sample < f.length; sample += 1)
        f[sample] = (f[sample] as number) + coefficient * (vector[sample] as number);
    });
    return f;
  });
}

/**
 * Equations 1 and 2 in steps of gradient descent instead of gradient flow, f after each of `steps` (ascending): with keep = 1 - eta lambda,
 * theta' = keep theta - eta g gives at infinite width f' = keep^k (f - (eta / keep) Theta (f - y)) and Theta' = keep^(2 (k - 1)) Theta, exactly.
 * Where eta times the largest eigenvalue is of order 1 the first steps differ visibly from the flow. Throws as `evolveFunction` does.
 */
export function descendFunction(problem: FunctionProblem, eta: number, steps: readonly number[]): Float64Array[] {
  check(problem);
  const { k, lambda, initial, target } = problem;
  const keep = 1 - eta * lambda;
  const { values, vectors } = symmetricModes(problem.kernel);
  const components = Float64Array.from(vectors, (vector) => dot(vector, initial));
  const labels = vectors.map((vector) => dot(vector, target));
  let now = 0;
  return steps.map((step) => {
    if (!(step >= now)) throw new RangeError(`steps must ascend from 0: ${step} follows ${now}`);
    for (; now < step; now += 1) {
      const decay = keep ** (2 * (k - 1) * now);
      components.forEach((f, mode) => {
        const pull = (eta / keep) * decay * (values[mode] as number) * (f - (labels[mode] as number));
        components[mode] = keep ** k * (f - pull);
      });
    }
    return Float64Array.from(vectors, (_, sample) =>
      components.reduce((sum, f, mode) => sum + f * ((vectors[mode] as Float64Array)[sample] as number), 0),
    );
  });
}

/** exp(scale * matrix) of a symmetric matrix given by its modes, as an N x N ml-matrix. */
export function symmetricExponential({ values, vectors }: SymmetricModes, scale: number): Matrix {
  const size = values.length;
  const result = Matrix.zeros(size, size);
  values.forEach((value, mode) => {
    const weight = Math.exp(scale * value);
    const vector = vectors[mode] as Float64Array;
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) {
        result.set(i, j, result.get(i, j) + weight * (vector[i] as number) * (vector[j] as number));
      }
    }
  });
  return result;
}

/**
 * f_t by (S10) as printed, for k > 1 and lambda > 0: matrix exponentials of (Theta_t - Theta_t') / (2 (k - 1) lambda) at every
 * node t' of the quadrature. O(N^3) a node: `evolveFunction` gives the same faster; this is its check.
 */
export function evolveFunctionMatrix(problem: FunctionProblem, time: number, panels = 32): Float64Array {
  check(problem);
  const { k, lambda, kernel, initial, target } = problem;
  const c = 2 * (k - 1) * lambda;
  if (!(c > 0))
    throw new RangeError(`(S10) divides by 2 (k - 1) lambda: k must be > 1 and lambda > 0, not ${k} and ${lambda}`);
  const modes = symmetricModes(kernel);
  const decay = (at: number): number => Math.exp(-c * at);
  const between = (from: number): Matrix => symmetricExponential(modes, (decay(time) - decay(from)) / c);
  const pull = Matrix.columnVector(Array.from(kernel, (row) => dot(row, target)));
  const start = between(0).mmul(Matrix.columnVector(Array.from(initial)));
  // The integrand is a vector: its N components share the matrices of a node.
  const cache = new Map<number, Matrix>();
  const integrand = (from: number, sample: number): number => {
    let column = cache.get(from);
    if (column === undefined) {
      column = between(from)
        .mmul(pull)
        .mul(Math.exp(-(k - 2) * lambda * from));
      cache.set(from, column);
    }
    return column.get(sample, 0);
  };
  return Float64Array.from(kernel, (_, sample) => {
    const driven = integrate((from) => integrand(from, sample), 0, time, panels);
    return Math.exp(-k * lambda * time) * (start.get(sample, 0) + driven);
  });
}
