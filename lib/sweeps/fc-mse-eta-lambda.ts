/**
 * FC 784-2048-2048-2048-10 on the first 512 MNIST digits with mean squared error, full batch, eta x lambda. Figure S5.
 *
 *   npm run train -- fc-mse-eta-lambda --preset desk
 *
 * paper  8 eta x 13 lambda, 2/(eta lambda) epochs [A]; lambda = 0: 1e6/eta. Where eta lambda > 2 weights diverge: up to 1,000 steps.
 *        MSE is half the mean over batch and classes of (f - one-hot)^2, as the WRN code has it [A].
 *        With that, all 14 runs tried at width 2048 with eta >= 0.05 diverged within 8 steps; eta = 0.035 learns, but leaves 5 % of the
 *        training set wrong after 464 steps at lambda = 0.02: it takes smaller lambda, and about 4 hours of two cores for a grid like desk's.
 * desk   width 512, a stand-in, on the same data and with the same 2/(eta lambda): the kernel's eigenvalues, and with them the largest eta
 *        and the largest lambda that fits, go with the width. 16 pairs where runs fit (tried: eta 0.05, lambda 0.005), 4 of the paper's eta and
 *        2 of ours; lambda = 0 once.
 *        Expected: 25 minutes on two cores [206,000 steps of 12 ms and 1,500 measurements of 0.15 s a core].
 * smoke  width 32, 256 digits, seconds.
 */
import type { RunConfig, Sweep } from '../runs/index.ts';
import { fcBase, fcSmokeBase, fcSteps } from './fc-eta-lambda.ts';
import { pairs, toRuns } from './grid.ts';

const ETAS = [0.001, 0.005, 0.01, 0.02, 0.035, 0.05, 0.15, 0.3];
const LAMBDAS = [1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 50, 100];
/** Every eta with the largest lambda that may fit and smaller ones, down to eta lambda = 1e-4; lines of equal lambda over 3 eta or more. */
const DESK_PAIRS = [
  ...pairs([0.01], [0.01]),
  ...pairs([0.02], [0.005, 0.007, 0.01]),
  ...pairs([0.035], [0.003, 0.005, 0.007, 0.01]),
  ...pairs([0.05], [0.002, 0.003, 0.005, 0.007]),
  ...pairs([0.08], [0.002, 0.003]),
  ...pairs([0.1], [0.001, 0.002]),
];
/** Narrow enough that runs which fit end. */
const fcDeskBase = {
  ...fcBase,
  model: { kind: 'fc', sizes: [784, 512, 512, 512, 10], bias: true },
} satisfies Partial<RunConfig>;
const VARYING = ['eta', 'lambda'];

export const fcMseEtaLambda: Sweep = {
  name: 'fc-mse-eta-lambda',
  title: 'FC 3x2048 on 512 MNIST digits with MSE, full batch, eta x lambda',
  runs(preset) {
    const network = { paper: fcBase, desk: fcDeskBase, smoke: fcSmokeBase }[preset];
    const base = { ...network, loss: 'mse' } satisfies Partial<RunConfig>;
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
      case 'desk':
        return [...grid(DESK_PAIRS), ...withoutL2([0.05], () => 1500)];
      case 'smoke':
        return [...grid(pairs([0.05, 0.3], [0.1, 1])), ...withoutL2([0.3], () => 50)];
    }
  },
};
