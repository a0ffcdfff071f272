import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitFactor, fitPowerLaw, regress } from '../../lib/analysis/index.ts';

/** Normal deviates from a fixed seed. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32 + 2 ** -33;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function near(actual: number, expected: number, tolerance: number, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual} is not within ${tolerance} of ${expected}`);
}

test('a regression gives the slopes, intervals and R2 of the textbook formulas', () => {
  // The first ten rows of R's cars data.
  const speed = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11];
  const dist = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17];
  const { constant, slopes, residual, r2, n } = regress(dist, { speed });
  const n0 = 10;
  const mx = 8;
  const my = 15.9;
  const sxx = speed.reduce((s, x) => s + (x - mx) ** 2, 0);
  const sxy = speed.reduce((s, x, i) => s + (x - mx) * (dist[i]! - my), 0);
  const b = sxy / sxx;
  const a = my - b * mx;
  const sse = dist.reduce((s, y, i) => s + (y - a - b * speed[i]!) ** 2, 0);
  const s = Math.sqrt(sse / (n0 - 2));
  const t = 2.306004135; // 97.5 % of t with 8 degrees of freedom, from tables
  assert.equal(n, n0);
  near(slopes['speed']!.value, b, 1e-10);
  near(constant.value, a, 1e-10);
  near(residual, s, 1e-10);
  near(slopes['speed']!.high - b, (t * s) / Math.sqrt(sxx), 1e-6);
  near(constant.high - a, t * s * Math.sqrt(1 / n0 + mx ** 2 / sxx), 1e-6);
  near(r2, 1 - sse / dist.reduce((q, y) => q + (y - my) ** 2, 0), 1e-10);
});

test('a power law without noise is found to rounding, over many decades of both predictors', () => {
  const eta = [1e-3, 1e-2, 0.1, 1, 10, 0.5, 2];
  const lambda = [100, 1e-4, 3, 0.2, 1e-5, 1, 7];
  const y = eta.map((e, i) => 0.3 * e ** -1.1 * lambda[i]! ** -0.9);
  const law = fitPowerLaw(y, { eta, lambda });
  near(law.exponents['eta']!.value, -1.1, 1e-10);
  near(law.exponents['lambda']!.value, -0.9, 1e-10);
  near(law.factor.value, 0.3, 1e-10);
  near(law.r2, 1, 1e-12);
});

test('95 % intervals hold the truth in about 95 % of noisy data sets', () => {
  const normal = normals(7);
  const counts = { eta: 0, lambda: 0, factor: 0 };
  const trials = 400;
  for (let trial = 0; trial < trials; trial++) {
    const eta = Array.from({ length: 12 }, () => 10 ** normal());
    const lambda = eta.map(() => 10 ** (2 * normal()));
    const y = eta.map((e, i) => (0.35 / (e * lambda[i]!)) * Math.exp(0.3 * normal()));
    const law = fitPowerLaw(y, { eta, lambda });
    for (const name of ['eta', 'lambda'] as const)
      if (law.exponents[name]!.low < -1 && -1 < law.exponents[name]!.high) counts[name]++;
    if (law.factor.low < 0.35 && 0.35 < law.factor.high) counts.factor++;
  }
  // Three standard deviations of a binomial with p = 0.95.
  for (const [name, count] of Object.entries(counts))
    near(count / trials, 0.95, 3 * Math.sqrt((0.95 * 0.05) / trials), name);
});

test('with fixed exponents the factor is the geometric mean', () => {
  const { factor, scatter, n } = fitFactor([2, 8], [1, 1]);
  near(factor.value, 4, 1e-12);
  near(scatter, Math.exp(Math.log(2) * Math.SQRT2), 1e-12);
  assert.equal(n, 2);
});

test('too few points, values that were not measured and predictors that move together are errors', () => {
  assert.throws(
    () => fitPowerLaw([1, 2, 3], { eta: [1, 2, 3], lambda: [3, 1, 2] }),
    /3 observations cannot fix 3 coefficients.*4 are needed/,
  );
  assert.throws(() => regress([1, NaN, 3, 4], { x: [1, 2, 3, 4] }), /finite/);
  assert.throws(
    () => fitPowerLaw([1, 2, 3, 4, 5], { eta: [1, 2, 3, 4, 5], lambda: [2, 4, 6, 8, 10] }),
    /eta and lambda do not vary independently/,
  );
});
