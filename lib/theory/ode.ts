/** Equations 1 and 2 by an ODE solver that knows nothing of their solution: Hairer and Wanner's ODEX (extrapolation of Gragg's method). */

import { createRequire } from 'node:module';
import type { FunctionProblem } from './evolution.ts';
import { kernelDecay } from './modes.ts';

interface Odex {
  Solver: new (dimension: number) => {
    absoluteTolerance: number;
    relativeTolerance: number;
    maxSteps: number;
    solve(
      derivative: (time: number, f: number[]) => number[],
      from: number,
      start: number[],
      to: number,
    ): { y: number[]; outcome: number };
  };
  Outcome: { Converged: number };
}

// The package publishes its TypeScript source as its types, which does not pass our strict settings.
const odex = createRequire(import.meta.url)('odex') as Odex;

/**
 * f at each of `times` (ascending, from 0 on), df/dt = -Theta_t (f - y) - k lambda f, with relative and absolute tolerance
 * `tolerance`. The solver is explicit: time x largest eigenvalue above about 1e5 takes long.
 */
export function solveGradientFlow(
  problem: FunctionProblem,
  times: ArrayLike<number>,
  tolerance = 1e-13,
): Float64Array[] {
  const { k, lambda, kernel, initial, target } = problem;
  const size = kernel.length;
  const solver = new odex.Solver(size);
  solver.absoluteTolerance = tolerance;
  solver.relativeTolerance = tolerance;
  solver.maxSteps = 1_000_000;
  const derivative = (time: number, f: number[]): number[] => {
    const decay = kernelDecay({ k, lambda }, time);
    return kernel.map((row, sample) => {
      let pull = 0;
      for (let other = 0; other < size; other += 1) {
        pull += (row[other] as number) * ((f[other] as number) - (target[other] as number));
      }
      return -decay * pull - k * lambda * (f[sample] as number);
    });
  };
  let now = 0;
  let f = Array.from(initial);
  return Array.from(times, (time) => {
    if (!(time >= now)) throw new RangeError(`times must ascend from 0: ${time} follows ${now}`);
    if (time > now) {
      const { y, outcome } = solver.solve(derivative, now, f, time);
      if (outcome !== odex.Outcome.Converged)
        throw new Error(`the ODE solver stopped between ${now} and ${time} (outcome ${outcome})`);
      f = y;
      now = time;
    }
    return Float64Array.from(f);
  });
}
