/**
 * AutoL2 on the FC network and the two CNNs, against the constant lambdas of fc-eta-lambda, cnn-lambda and cnn-bn-lambda. Figure S11.
 *
 *   npm run train -- fc-autol2 --preset desk
 *   npm run train -- cnn-autol2 --preset desk
 *
 * Neither eta nor the first lambda of S11 is given: the etas of S6 (0.15, 0.01), for FC also 1, and 0.1 as for WRN [A]. AutoL2 measures
 * every 10 steps, both readings of it.
 * paper  the paper's networks; FC 100,000 steps, CNN 200 epochs.
 * desk   the exact FC network, 10,000 steps; the desk CNN of lib/sweeps/cnn.ts, 10,000 steps. The nets were tried (fc-eta-lambda,
 *        cnn-lambda); AutoL2 on them NOT. The CNN with three seeds.
 *        Expected: FC about two hours, CNN half an hour a seed on two cores [170 ms and 46 ms a step and core, and a measurement every 10 steps].
 * smoke  seconds.
 */
import type { RunConfig } from '../runs/index.ts';
import { AUTO_L2_START, AUTO_L2_VARYING, autoL2Code, autoL2Paper } from './auto-l2.ts';
import { CNN_STEPS_AN_EPOCH, cnnBase, cnnDesk, cnnSmoke } from './cnn.ts';
import { fcBase, fcSmokeBase } from './fc-eta-lambda.ts';
import { otherSeeds, toRuns } from './grid.ts';
import type { Sweep, SweepRun } from './types.ts';

export const fcAutoL2: Sweep = {
  name: 'fc-autol2',
  figures: ['S11'],
  title: 'FC 3x2048 on 512 MNIST digits, AutoL2',
  runs(preset) {
    const [base, steps] = { paper: [fcBase, 100_000], desk: [fcBase, 10_000], smoke: [fcSmokeBase, 100] }[preset] as [
      typeof fcBase,
      number,
    ];
    return readings([0.15, 1].map((eta) => ({ ...base, eta, steps })));
  },
};

export const cnnAutoL2: Sweep = {
  name: 'cnn-autol2',
  figures: ['S11'],
  title: 'CNN on CIFAR-10 with and without batch norm, AutoL2',
  runs(preset) {
    const network = { paper: cnnBase, desk: cnnDesk, smoke: cnnSmoke }[preset];
    const steps = { paper: 200 * CNN_STEPS_AN_EPOCH, desk: 10_000, smoke: 30 }[preset];
    const runs = readings(
      [false, true].map((batchNorm) => ({ ...network(batchNorm), steps })),
      ['model.batchNorm'],
    );
    return preset === 'desk' ? [...runs, ...otherSeeds(runs, [1, 2])] : runs;
  },
};

function readings(bases: readonly Omit<RunConfig, 'lambda'>[], varying: readonly string[] = []): SweepRun[] {
  return toRuns(
    bases.flatMap((base) =>
      [autoL2Paper(10), autoL2Code].map((autoL2) => ({ ...base, lambda: AUTO_L2_START, autoL2 }) as RunConfig),
    ),
    [...varying, ...AUTO_L2_VARYING],
  );
}
