/**
 * FC 784-2048-2048-2048-10 on the first 512 MNIST digits with mean squared error, full batch, eta x lambda. Figure S5.
 *
 *   npm run train -- fc-mse-eta-lambda --preset desk
 *
 * paper  8 eta x 13 lambda, 2/(eta lambda) epochs [A]; lambda = 0: 1e6/eta. Where eta lambda > 2 weights diverge: up to 1,000 steps.
 *        MSE is half the mean over batch and classes of (f - one-hot)^2, as the WRN code has it [A].
 * desk   the same network and data, the pairs with 1e-3 <= eta lambda < 2, then lambda = 0 for two eta up to 3,000 steps.
 *        Expected: 40 minutes on two cores [33,000 steps' worth of 130 ms a core, of which measuring is a third].
 * smoke  width 32, 256 digits, seconds.
 */
import type { RunConfig } from '../runs/index.ts';
import { fcBase, fcSmokeBase, fcSteps } from './fc-eta-lambda.ts';
import { pairs, product, toRuns } from './grid.ts';
import type { Sweep } from './types.ts';

const ETAS = [0.001, 0.005, 0.01, 0.02, 0.035, 0.05, 0.15, 0.3];
const LAMBDAS = [1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 50, 100];
const VARYING = ['eta', 'lambda'];

export const fcMseEtaLambda: Sweep = {
  name: 'fc-mse-eta-lambda',
  figures: ['S5'],
  title: 'FC 3x2048 on 512 MNIST digits with MSE, full batch, eta x lambda',
  runs(preset) {
    const base = { ...(preset === 'smoke' ? fcSmokeBase : fcBase), loss: 'mse' } satisfies Partial<RunConfig>;
    const grid = (points: readonly { eta: number; lambda: number }[]) =>
      toRuns(
        points.map(({ eta, lambda }) => ({ ...base, eta, lambda, steps: fcSteps(eta, lambda) })),
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
      case 'desk': {
        const inside = (eta: number, lambda: number) => product(eta, lambda) >= 1e-3 && product(eta, lambda) < 2;
        return [...grid(pairs(ETAS, LAMBDAS, inside)), ...withoutL2([0.05, 0.3], () => 3000)];
      }
      case 'smoke':
        return [...grid(pairs([0.05, 0.3], [0.1, 1])), ...withoutL2([0.3], () => 50)];
    }
  },
};
