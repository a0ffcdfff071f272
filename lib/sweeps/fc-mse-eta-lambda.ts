/**
 * FC 784-2048-2048-2048-10 on the first 512 MNIST digits with mean squared error, full batch, eta x lambda. Figure S5.
 *
 *   npm run train -- fc-mse-eta-lambda --preset desk
 *
 * paper  8 eta x 13 lambda, 2/(eta lambda) epochs [A]; lambda = 0: 1e6/eta. Where eta lambda > 2 weights diverge: up to 1,000 steps.
 *        MSE is half the mean over batch and classes of (f - one-hot)^2, as the WRN code has it [A].
 * desk   the same network and data, and a grid of our own where runs can fit their data: with cross-entropy none of lambda > 0.01 does, which
 *        leaves 3 of the paper's pairs that a CPU finishes. 12 pairs with lambda <= 0.01 over 5 eta (0.1 and 0.2 are ours), one above, and
 *        lambda = 0 once; 1.2/(eta lambda) steps, so that t* up to 0.6/(eta lambda) is known (cross-entropy: 0.3).
 *        Expected: 20 minutes on two cores [13,600 steps of 0.13 s and 760 measurements of 0.9 s a core].
 * smoke  width 32, 256 digits, seconds.
 */
import type { RunConfig } from '../runs/index.ts';
import { fcBase, fcSmokeBase, fcSteps } from './fc-eta-lambda.ts';
import { pairs, stepsFor, toRuns } from './grid.ts';
import type { Sweep } from './types.ts';

const ETAS = [0.001, 0.005, 0.01, 0.02, 0.035, 0.05, 0.15, 0.3];
const LAMBDAS = [1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 50, 100];
/** Lines of equal lambda, 0.01 over all eta, and of equal eta; lambda 0.02 tells whether more than 0.01 fits. */
const DESK_PAIRS = [
  ...pairs([0.3], [0.003, 0.005, 0.007, 0.01]),
  ...pairs([0.2], [0.005, 0.007, 0.01]),
  ...pairs([0.15], [0.005, 0.007, 0.01, 0.02]),
  ...pairs([0.1], [0.01]),
  ...pairs([0.05], [0.01]),
];
/** Training length at the desk in units of 1/(eta lambda). */
const DESK_LENGTH = 1.2;
const VARYING = ['eta', 'lambda'];

export const fcMseEtaLambda: Sweep = {
  name: 'fc-mse-eta-lambda',
  figures: ['S5'],
  title: 'FC 3x2048 on 512 MNIST digits with MSE, full batch, eta x lambda',
  runs(preset) {
    const base = { ...(preset === 'smoke' ? fcSmokeBase : fcBase), loss: 'mse' } satisfies Partial<RunConfig>;
    const grid = (points: readonly { eta: number; lambda: number }[], steps = fcSteps) =>
      toRuns(
        points.map(({ eta, lambda }) => ({ ...base, eta, lambda, steps: steps(eta, lambda) })),
        VARYING,
      );
    const withoutL2 = (etas: readonly number[], steps: (eta: number) => number) =>
      toRuns(
        etas.map((eta) => ({ ...base, eta, lambda: 0, steps: steps(eta) })),
        VARYING,
      );
    switch (preset) {
      case 'paper':
        return [...grid(pairs(ETAS, LAMBDAS)), ...withoutL2(ETAS, (eta) => Math.ceil(1e6 / eta))];
      case 'desk':
        return [
          ...grid(DESK_PAIRS, (eta, lambda) => stepsFor(DESK_LENGTH, eta, lambda)),
          ...withoutL2([0.3], () => 300),
        ];
      case 'smoke':
        return [...grid(pairs([0.05, 0.3], [0.1, 1])), ...withoutL2([0.3], () => 50)];
    }
  },
};
