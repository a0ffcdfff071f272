/** The samples of figure 5c: MNIST digits labelled +1 (even) and -1 (odd), and their Gram matrix. */

import { loadMnist } from '../datasets/index.ts';
import { symmetricModes } from './evolution.ts';

export interface LabelledSamples {
  /** N */
  count: number;
  /** Input dimension d. */
  dimension: number;
  /** [N, d], row by row, normalised by the one mean and deviation of these samples. */
  inputs: Float32Array;
  /** +1 for an even digit, -1 for an odd one. */
  target: Float64Array;
  /** x.x' / d, N rows. */
  gram: Float64Array[];
  checksums: Record<string, string>;
}

/** The first `count` training digits of MNIST. Throws a DatasetError when the files are missing and cannot be fetched. */
export async function evenOddDigits(count: number): Promise<LabelledSamples> {
  const { trainImages, trainLabels, checksums } = await loadMnist({ trainSamples: count, testSamples: 1 });
  const inputs = Float32Array.from(trainImages);
  const dimension = inputs.length / count;
  const target = Float64Array.from(trainLabels, (label) => (label % 2 === 0 ? 1 : -1));
  return { count, dimension, inputs, target, gram: gramMatrix(inputs, count), checksums };
}

/** x.x' / d of the rows of `inputs` [count, d], in double precision. */
export function gramMatrix(inputs: ArrayLike<number>, count: number): Float64Array[] {
  const dimension = inputs.length / count;
  const gram = Array.from({ length: count }, () => new Float64Array(count));
  for (let a = 0; a < count; a += 1) {
    for (let b = 0; b <= a; b += 1) {
      let sum = 0;
      for (let i = 0; i < dimension; i += 1) {
        sum += (inputs[a * dimension + i] as number) * (inputs[b * dimension + i] as number);
      }
      (gram[a] as Float64Array)[b] = sum / dimension;
      (gram[b] as Float64Array)[a] = sum / dimension;
    }
  }
  return gram;
}

/** The symmetric square root of a Gram matrix; eigenvalues that rounding made negative count as 0. */
export function squareRoot(gram: readonly ArrayLike<number>[]): Float64Array[] {
  const { values, vectors } = symmetricModes(gram);
  return gram.map((_, a) =>
    Float64Array.from(gram, (__, b) => {
      let sum = 0;
      values.forEach((value, mode) => {
        const vector = vectors[mode] as Float64Array;
        sum += Math.sqrt(Math.max(0, value)) * (vector[a] as number) * (vector[b] as number);
      });
      return sum;
    }),
  );
}

/** Upper triangle of a symmetric matrix, row by row with the diagonal: what run files store of a kernel. */
export function upperTriangle(matrix: readonly ArrayLike<number>[]): number[] {
  return matrix.flatMap((row, a) => Array.from(row).slice(a));
}

/** Back from `upperTriangle`. Throws a RangeError when the length is not N (N + 1) / 2. */
export function fromUpperTriangle(triangle: ArrayLike<number>): Float64Array[] {
  const size = (Math.sqrt(8 * triangle.length + 1) - 1) / 2;
  if (!Number.isInteger(size)) throw new RangeError(`${triangle.length} entries are no upper triangle`);
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  let index = 0;
  for (let a = 0; a < size; a += 1) {
    for (let b = a; b < size; b += 1) {
      const value = triangle[index] as number;
      (matrix[a] as Float64Array)[b] = value;
      (matrix[b] as Float64Array)[a] = value;
      index += 1;
    }
  }
  return matrix;
}
