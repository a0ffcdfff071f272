/** The empirical tangent kernel of any network on a batch: J J^T, contracted in blocks of rows so that the Jacobian J never exists whole. */

import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../compute/index.ts';

type Tensor = tfTypes.Tensor;

/** What the kernel needs of a network; a `Model` of lib/models is one. */
export interface Network {
  /** Logits [n, classes] of x [n, ...]. */
  logits(parameters: readonly Tensor[], x: Tensor): Tensor;
}

export interface TangentKernelOptions {
  /**
   * Bytes that Jacobian rows may take, default 512 MB. Two blocks of rows are held and a third while one is stacked, so a block
   * has floor(memory / (12 P)) rows for P parameters, at least one: below 12 P bytes the bound is 12 P. More memory, fewer passes:
   * with B blocks every row is computed (B + 1) / 2 times.
   */
  memory?: number;
  /**
   * One factor a parameter tensor: the kernel for parameters omega of theta = scale omega. The NTK parameterization of a network kept
   * in the standard one is scale = sigma_w / sqrt(fan_in). Default 1.
   */
  scales?: readonly number[];
  /** Called after every block pair, with the fraction done. */
  onProgress?: (fraction: number) => void;
}

/**
 * Theta(x, x') of every pair of samples and outputs: [N C, N C], rows ordered sample by sample, outputs within. Gradients are float32,
 * contracted in float32 within a parameter tensor and summed over tensors in double precision. `parameters` and `inputs` stay the caller's.
 */
export function tangentKernel(
  network: Network,
  parameters: readonly Tensor[],
  inputs: Tensor,
  options: TangentKernelOptions = {},
): Float64Array[] {
  const { memory = 512e6, scales = parameters.map(() => 1), onProgress } = options;
  if (scales.length !== parameters.length) {
    throw new RangeError(`scales must have ${parameters.length} entries, one a parameter tensor, not ${scales.length}`);
  }
  if (!(memory > 0)) throw new RangeError(`memory must be a number of bytes > 0, not ${memory}`);
  const samples = inputs.shape[0] as number;
  const outputs = tf.tidy(() => network.logits(parameters, inputs.slice([0], [1])).shape[1] as number);
  const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  const count = samples * outputs;
  const height = Math.max(1, Math.min(count, Math.floor(memory / (12 * size))));
  const blocks = Math.ceil(count / height);

  /** Gradients of rows [from, to): one tensor [to - from, size of the parameter] a parameter, scaled. */
  const jacobian = (block: number): Tensor[] =>
    tf.tidy(() => {
      const rows: Tensor[][] = [];
      for (let row = block * height; row < Math.min(count, (block + 1) * height); row += 1) {
        const [sample, output] = [Math.floor(row / outputs), row % outputs];
        rows.push(
          tf.tidy(() => {
            const x = inputs.slice([sample], [1]);
            const gradient = tf.grads((...values: Tensor[]) =>
              network.logits(values, x).slice([0, output], [1, 1]).asScalar(),
            );
            return gradient([...parameters]).map((g, i) => g.flatten().mul(scales[i] as number));
          }),
        );
      }
      return parameters.map((_, i) => {
        const stacked = tf.stack(rows.map((row) => row[i] as Tensor));
        for (const row of rows) row[i]?.dispose();
        return stacked;
      });
    });

  const kernel = Array.from({ length: count }, () => new Float64Array(count));
  let done = 0;
  for (let i = 0; i < blocks; i += 1) {
    const left = jacobian(i);
    for (let j = i; j < blocks; j += 1) {
      const right = j === i ? left : jacobian(j);
      left.forEach((rows, tensor) => {
        const product = tf.tidy(() =>
          tf.matMul(rows as tfTypes.Tensor2D, right[tensor] as tfTypes.Tensor2D, false, true),
        );
        const values = product.dataSync();
        const width = product.shape[1] as number;
        product.dispose();
        values.forEach((value, at) => {
          const a = i * height + Math.floor(at / width);
          const b = j * height + (at % width);
          const entry = kernel[a] as Float64Array;
          entry[b] = (entry[b] as number) + value;
          if (i !== j) {
            const mirrored = kernel[b] as Float64Array;
            mirrored[a] = (mirrored[a] as number) + value;
          }
        });
      });
      if (right !== left) tf.dispose(right);
      done += 1;
      onProgress?.(done / ((blocks * (blocks + 1)) / 2));
    }
    tf.dispose(left);
  }
  return kernel;
}
