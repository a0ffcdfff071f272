/**
 * WRN on CIFAR-10 with momentum and augmentation, eta = 0.2: AutoL2 from 0.1 against constant lambda, without and with the learning-rate
 * schedule. Figures 1c, S9, S10.
 *
 *   npm run train -- wrn-autol2 --preset desk
 *
 * paper  WRN 28-10, 200 epochs; AutoL2 as the code does it and as Algorithm 1 writes it (k = 10, figure 1c; k = 5, appendix); constants
 *        5e-4, 1e-4, 1e-5.
 * desk   WRN 16-2 on 1,024 images of 8 x 8 (lib/sweeps/wrn.ts), crops from 1 pixel: a stand-in. 2,500 steps, constants also 2e-3 and
 *        1e-3: fewer steps want a larger lambda. Tried: AutoL2 as the code has it, 1,200 steps: lambda falls at 40, 60, 170 and 1,180, 0.461 at
 *        the end; constants: see wrn-momentum-lambda.
 *        Three seeds, the first of all runs first. Then two more of the code's AutoL2 and the constants without schedule, planned on 2026-11-29
 *        after three had been seen: AutoL2 ended 0.016 [-0.013, 0.045] above, which three seeds cannot decide.
 *        Expected: 17 minutes a seed on two cores [40,000 steps of 34 ms a core, and AutoL2's measurements every 10 steps, of 0.3 s], 20 for
 *        the last two seeds.
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import type { RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { AUTO_L2_START, AUTO_L2_VARYING, autoL2Code, autoL2Paper } from './auto-l2.ts';
import { otherSeeds, threeSeeds, toRuns } from './grid.ts';
import {
  deskMomentum,
  deskSchedule,
  STEPS_AN_EPOCH,
  withMomentum,
  wrnBase,
  wrnDesk,
  wrnSchedule,
  wrnSmoke,
} from './wrn.ts';

export const wrnAutoL2: Sweep = {
  name: 'wrn-autol2',
  title: 'WRN on CIFAR-10, AutoL2 against constant lambda, without and with the eta schedule',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return both({ ...wrnBase, ...withMomentum, steps: 200 * STEPS_AN_EPOCH }, wrnSchedule, [5e-4, 1e-4, 1e-5]);
      case 'desk': {
        const runs = both({ ...wrnDesk, ...deskMomentum, steps: 2500 }, deskSchedule, [2e-3, 1e-3, 5e-4, 1e-4, 1e-5]);
        const deciding = runs.filter(
          ({ config: { schedule, autoL2 } }) =>
            schedule.kind === 'constant' && (autoL2 === undefined || autoL2.reading === 'code'),
        );
        return [...threeSeeds(runs), ...otherSeeds(deciding, [3, 4])];
      }
      case 'smoke':
        return both({ ...wrnSmoke, ...withMomentum, steps: 30 }, deskSchedule, [5e-4]);
    }
  },
};

function both(
  base: Omit<RunConfig, 'lambda'>,
  schedule: RunConfig['schedule'],
  constants: readonly number[],
): SweepRun[] {
  return [base, { ...base, schedule }].flatMap((settings) => [
    ...toRuns(
      [autoL2Paper(10), autoL2Paper(5), autoL2Code].map(
        (autoL2) => ({ ...settings, lambda: AUTO_L2_START, autoL2 }) as RunConfig,
      ),
      AUTO_L2_VARYING,
      'AutoL2',
    ),
    ...toRuns(
      constants.map((lambda) => ({ ...settings, lambda }) as RunConfig),
      ['lambda', 'schedule.kind'],
      'constant',
    ),
  ]);
}
