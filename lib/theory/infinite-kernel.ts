/** The tangent kernel of an infinitely wide fully connected ReLU network, by the arc-cosine recursion (Cho & Saul 2009; Jacot et al. 2018). */

export interface InfiniteKernelOptions {
  /** x.x' / d of the samples, N rows. */
  gram: readonly ArrayLike<number>[];
  /** Hidden ReLU layers; 0 is the linear model. */
  hidden: number;
  /** W = sigmaW / sqrt(fan_in) times standard normal parameters. ReLU homogeneity: sqrt 2 keeps the kernel's scale. */
  sigmaW: number;
  /** b = sigmaB times standard normal parameters; default 0, which keeps the network homogeneous. */
  sigmaB?: number;
}

export interface InfiniteKernel {
  /** Tangent kernel in the NTK parameterization, N rows. */
  ntk: Float64Array[];
  /** Covariance of the outputs at initialization, N rows. */
  nngp: Float64Array[];
}

/**
 * With K the covariance of a layer's pre-activations and u, v ~ N(0, K): E[relu(u) relu(v)] = sqrt(K_aa K_bb) (sin t + (pi - t) cos t) / (2 pi)
 * and E[relu'(u) relu'(v)] = (pi - t) / (2 pi), where cos t = K_ab / sqrt(K_aa K_bb). Then K <- sigmaW^2 E[relu relu] + sigmaB^2 and
 * Theta <- K + sigmaW^2 Theta E[relu' relu'], from K = Theta = sigmaW^2 gram + sigmaB^2.
 */
export function infiniteKernel({ gram, hidden, sigmaW, sigmaB = 0 }: InfiniteKernelOptions): InfiniteKernel {
  if (!(Number.isInteger(hidden) && hidden >= 0))
    throw new RangeError(`hidden must be a whole number >= 0, not ${hidden}`);
  let nngp = gram.map((row) => Float64Array.from(row, (value) => sigmaW ** 2 * value + sigmaB ** 2));
  let ntk = nngp.map((row) => Float64Array.from(row));
  for (let layer = 0; layer < hidden; layer += 1) {
    const variance = nngp.map((row, a) => row[a] as number);
    const slopes = nngp.map((row) => new Float64Array(row.length));
    nngp = nngp.map((row, a) =>
      row.map((covariance, b) => {
        const norm = Math.sqrt((variance[a] as number) * (variance[b] as number));
        // Rounding may leave the cosine of a sample with itself above 1.
        const angle = a === b || norm === 0 ? 0 : Math.acos(Math.min(1, Math.max(-1, covariance / norm)));
        (slopes[a] as Float64Array)[b] = (Math.PI - angle) / (2 * Math.PI);
        const mean = (norm * (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle))) / (2 * Math.PI);
        return sigmaW ** 2 * mean + sigmaB ** 2;
      }),
    );
    ntk = ntk.map((row, a) =>
      row.map(
        (theta, b) =>
          ((nngp[a] as Float64Array)[b] as number) + sigmaW ** 2 * theta * ((slopes[a] as Float64Array)[b] as number),
      ),
    );
  }
  return { ntk, nngp };
}
