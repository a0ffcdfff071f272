/**
 * AutoL2 on the FC network and the two CNNs, against the constant lambdas of fc-eta-lambda, cnn-lambda and cnn-bn-lambda. Figure S11.
 *
 *   npm run train -- fc-autol2 --preset desk
 *   npm run train -- cnn-autol2 --preset desk
 *
 * Neither eta nor the first lambda of S11 is given: for FC the eta of S6 (0.15) and 1, for the CNNs 0.01, and 0.1 as for WRN [A]. AutoL2 looks
 * every 10 steps, both readings of it. At eta = 1 a first lambda of 0.1 shrinks FC's weights by e in the 10 steps between two looks: they were
 * gone before it fell; the desk CNN's (eta = 0.2) fell short of constants, too. So desk has 0.01 as well, chosen after those logs were seen.
 * paper  the paper's networks; FC 100,000 steps, CNN 200 epochs.
 * desk   the exact FC network at eta = 1, 2,000 steps; the desk CNN of lib/sweeps/cnn.ts, 10,000 steps; three seeds.
 *        Expected: FC ten minutes a seed, CNN twelve on two cores [130 and 16 to 20 ms a step and core].
 * smoke  seconds.
 */
import type { RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { AUTO_L2_START, AUTO_L2_VARYING, autoL2Code, autoL2Paper } from './auto-l2.ts';
import { CNN_STEPS_AN_EPOCH, cnnBase, cnnDesk, cnnSmoke } from './cnn.ts';
import { fcBase, fcSmokeBase } from './fc-eta-lambda.ts';
import { threeSeeds, toRuns } from './grid.ts';

/** Another first lambda at the desk: see above. */
const SMALLER_START = 0.01;

export const fcAutoL2: Sweep = {
  name: 'fc-autol2',
  title: 'FC 3x2048 on 512 MNIST digits, AutoL2',
  runs(preset) {
    const base = preset === 'smoke' ? fcSmokeBase : fcBase;
    const steps = { paper: 100_000, desk: 2000, smoke: 100 }[preset];
    // At eta = 0.15 the constants that AutoL2 is compared with need 13,000 steps and more.
    const etas = preset === 'desk' ? [1] : [0.15, 1];
    const bases = etas.map((eta) => ({ ...base, eta, steps }));
    const runs = readings(bases);
    return preset === 'desk' ? threeSeeds([...runs, ...readings(bases, ['lambda'], SMALLER_START)]) : runs;
  },
};

export const cnnAutoL2: Sweep = {
  name: 'cnn-autol2',
  title: 'CNN on CIFAR-10 with and without batch norm, AutoL2',
  runs(preset) {
    const network = { paper: cnnBase, desk: cnnDesk, smoke: cnnSmoke }[preset];
    const steps = { paper: 200 * CNN_STEPS_AN_EPOCH, desk: 10_000, smoke: 30 }[preset];
    const bases = [false, true].map((batchNorm) => ({ ...network(batchNorm), steps }));
    const runs = readings(bases, ['model.batchNorm']);
    if (preset !== 'desk') return runs;
    return threeSeeds([...runs, ...readings(bases, ['lambda', 'model.batchNorm'], SMALLER_START)]);
  },
};

function readings(
  bases: readonly Omit<RunConfig, 'lambda'>[],
  varying: readonly string[] = [],
  lambda = AUTO_L2_START,
): SweepRun[] {
  return toRuns(
    bases.flatMap((base) => [autoL2Paper(10), autoL2Code].map((autoL2) => ({ ...base, lambda, autoL2 }) as RunConfig)),
    [...varying, ...AUTO_L2_VARYING],
    'AutoL2',
  );
}
