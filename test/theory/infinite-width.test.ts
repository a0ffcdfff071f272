import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
import {
  descendFunction,
  evolveFunction,
  evolveFunctionMatrix,
  evolveMode,
  integrate,
  lateTail,
  linearMode,
  solveGradientFlow,
  symmetricExponential,
  symmetricModes,
} from '../../lib/theory/index.ts';
import type { FunctionProblem, Mode } from '../../lib/theory/index.ts';

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] as number))));
}

/** A kernel of rank 4 on 5 samples, so one mode has gamma = 0: eigenvalues from 0 to about 10. */
const features = [
  [1.3, -0.4, 0.2, 1.9],
  [0.1, 1.1, -0.7, 0.3],
  [-0.8, 0.5, 1.6, 0.4],
  [2.0, 0.2, 0.1, -0.3],
  [0.6, -1.2, 0.9, 0.05],
];
const kernel = features.map((row) =>
  features.map((other) => row.reduce((sum, x, i) => sum + x * (other[i] as number), 0)),
);
const initial = [0.3, -1.1, 0.7, 0.2, -0.5];
const target = [1, -1, 1, 1, -1];

/** exp(matrix) by scaling and squaring of a [8/8] Pade approximant: no eigenvectors involved. */
function exponential(matrix: Matrix): Matrix {
  const size = matrix.rows;
  const squarings = Math.max(0, Math.ceil(Math.log2(matrix.norm('frobenius') + 1e-300)) + 1);
  const scaled = Matrix.mul(matrix, 2 ** -squarings);
  let [numerator, denominator, power, coefficient] = [Matrix.eye(size), Matrix.eye(size), Matrix.eye(size), 1];
  for (let order = 1; order <= 8; order += 1) {
    coefficient *= (8 - order + 1) / (order * (16 - order + 1));
    power = power.mmul(scaled);
    numerator = Matrix.add(numerator, Matrix.mul(power, coefficient));
    denominator = Matrix.add(denominator, Matrix.mul(power, order % 2 === 0 ? coefficient : -coefficient));
  }
  let result = solve(denominator, numerator);
  for (let index = 0; index < squarings; index += 1) result = result.mmul(result);
  return result;
}

describe('equation 3', () => {
  it('agrees with an ODE solver to 1e-10 for k = 1, 1.5, 2, 3, 4 and gamma from 0 to 30', () => {
    for (const k of [1, 1.5, 2, 3, 4]) {
      for (const lambda of [0, 0.01, 0.3]) {
        for (const gamma of [0, 1e-4, 0.01, 1, 30]) {
          const mode: Mode = { k, lambda, gamma, initial: 0.7, target: -1.3 };
          const times = [0, 0.1, 1, 7, 40, 150];
          const problem: FunctionProblem = { k, lambda, kernel: [[gamma]], initial: [0.7], target: [-1.3] };
          const solved = solveGradientFlow(problem, times);
          times.forEach((time, index) => {
            const error = Math.abs(evolveMode(mode, time) - (solved[index]?.[0] as number));
            assert.ok(error < 1e-10, `k=${k} lambda=${lambda} gamma=${gamma} t=${time}: ${error}`);
          });
        }
      }
    }
  });

  it('for k = 1 is the linear model that ends at gamma / (gamma + lambda) y', () => {
    const mode: Mode = { k: 1, lambda: 0.01, gamma: 0.05, initial: 0.4, target: 1 };
    for (const time of [0, 1, 10, 100, 1000]) {
      assert.ok(Math.abs(evolveMode(mode, time) - linearMode(mode, time)) < 1e-14);
    }
    assert.ok(Math.abs(evolveMode(mode, 1e4) - 0.05 / 0.06) < 1e-14);
    // lambda alone ends the memory here, long before gamma does
    const weak = { lambda: 1, gamma: 1e-4, initial: 0, target: 1 };
    assert.ok(Math.abs(evolveMode({ ...weak, k: 1 }, 1e5) / linearMode(weak, 1e5) - 1) < 1e-13);
  });

  it('goes to the linear model as k -> 1, with a distance proportional to k - 1', () => {
    const mode = { lambda: 0.01, gamma: 0.3, initial: 1, target: 2 };
    const distance = (k: number): number => evolveMode({ ...mode, k }, 80) - linearMode(mode, 80);
    for (const excess of [1e-3, 1e-5, 1e-7]) {
      const ratio = distance(1 + excess) / excess / (distance(1 + 1e-4) / 1e-4);
      assert.ok(Math.abs(ratio - 1) < 0.01, `${ratio}`);
    }
  });

  it('without L2 is exp(-gamma t) relaxation for every k', () => {
    const mode = { lambda: 0, gamma: 0.3, initial: 1, target: 2 };
    for (const k of [1, 2, 3]) assert.ok(Math.abs(evolveMode({ ...mode, k }, 5) - (2 - Math.exp(-1.5))) < 1e-14);
  });

  it('stays finite and decays to 0 for k >= 2 at times where the kernel has underflowed', () => {
    for (const k of [2, 3, 4]) {
      const value = evolveMode({ k, lambda: 0.01, gamma: 100, initial: 1, target: 1 }, 30_000);
      assert.ok(value >= 0 && value < 1e-100, `${value}`);
    }
  });

  it('reaches its late-time tail, as t exp(-2 lambda t) for k = 2 and exp(-k lambda t) beyond', () => {
    for (const k of [1, 2, 3, 4]) {
      for (const gamma of [0.001, 0.1, 10]) {
        const mode: Mode = { k, lambda: 0.01, gamma, initial: 0.5, target: 1 };
        const tail = lateTail(mode);
        const early = Math.abs(evolveMode(mode, 500) / tail.at(500) - 1);
        const late = Math.abs(evolveMode(mode, 2500) / tail.at(2500) - 1);
        assert.ok(late < 1e-10 && late <= early + 1e-14, `k=${k} gamma=${gamma}: ${early} then ${late}`);
      }
    }
  });

  it('refuses k < 1, negative lambda, gamma and time by name', () => {
    const mode: Mode = { k: 2, lambda: 0.01, gamma: 1, initial: 0, target: 1 };
    assert.throws(() => evolveMode({ ...mode, k: 0.5 }, 1), /k must be a number >= 1.*0\.5/);
    assert.throws(() => evolveMode({ ...mode, lambda: -1 }, 1), /lambda must be .*-1/);
    assert.throws(() => evolveMode({ ...mode, gamma: Number.NaN }, 1), /gamma must be .*NaN/);
    assert.throws(() => evolveMode(mode, -1), /time must be .*-1/);
  });
});

describe('(S10) on a training set', () => {
  it('agrees with its eigenmodes and with an ODE solver to 1e-10 for k = 2 and 3', () => {
    for (const k of [2, 3]) {
      const problem: FunctionProblem = { k, lambda: 0.05, kernel, initial, target };
      const times = [0, 0.2, 1, 5, 20, 60];
      const modes = evolveFunction(problem, times);
      const solved = solveGradientFlow(problem, times);
      times.forEach((time, index) => {
        const f = modes[index] as Float64Array;
        assert.ok(largestDifference(f, solved[index] as Float64Array) < 1e-10, `ODE, k=${k} t=${time}`);
        assert.ok(largestDifference(f, evolveFunctionMatrix(problem, time)) < 1e-10, `matrix form, k=${k} t=${time}`);
      });
    }
  });

  it('agrees with an ODE solver for k = 1, where the kernel stays', () => {
    const problem: FunctionProblem = { k: 1, lambda: 0.05, kernel, initial, target };
    const times = [0.2, 5, 60];
    const solved = solveGradientFlow(problem, times);
    evolveFunction(problem, times).forEach((f, index) => {
      assert.ok(largestDifference(f, solved[index] as Float64Array) < 1e-10);
    });
  });

  it('is the limit of its steps of gradient descent, with a distance proportional to eta', () => {
    for (const k of [1, 2, 3]) {
      const problem: FunctionProblem = { k, lambda: 0.05, kernel, initial, target };
      const [flow] = evolveFunction(problem, [2]) as [Float64Array];
      const [coarse, fine] = [1e-3, 5e-4].map((eta) => {
        const [f] = descendFunction(problem, eta, [Math.round(2 / eta)]) as [Float64Array];
        return largestDifference(f, flow);
      }) as [number, number];
      assert.ok(coarse < 1e-3 && Math.abs(coarse / fine - 2) < 0.05, `k=${k}: ${coarse} and ${fine}`);
    }
  });

  it('takes matrix exponentials that agree with scaling and squaring', () => {
    for (const scale of [-3, -0.1, 0.2]) {
      const ours = symmetricExponential(symmetricModes(kernel), scale);
      const theirs = exponential(Matrix.mul(new Matrix(kernel), scale));
      const error = Matrix.sub(ours, theirs).norm('frobenius') / theirs.norm('frobenius');
      assert.ok(error < 1e-12, `${error}`);
    }
  });

  it('refuses kernels that are not square or not symmetric, and vectors of another length', () => {
    assert.throws(() => symmetricModes([[1, 2]]), /must be square: row 0 has 2/);
    assert.throws(() => symmetricModes([[1, 2], [0, 1]]), /must be symmetric/); // prettier-ignore
    assert.throws(
      () => evolveFunction({ k: 2, lambda: 0.1, kernel, initial: [1], target }, [1]),
      /initial must have 5 entries/,
    );
  });
});

describe('integrate', () => {
  it('is exact to rounding on a polynomial of degree 39 with one panel and on exp', () => {
    assert.ok(Math.abs(integrate((x) => 40 * x ** 39, 0, 1, 1) - 1) < 1e-14);
    assert.ok(Math.abs(integrate(Math.exp, -1, 2) - (Math.exp(2) - Math.exp(-1))) < 1e-13);
    assert.throws(() => integrate(Math.exp, 0, Infinity), /limits must be finite/);
  });
});
