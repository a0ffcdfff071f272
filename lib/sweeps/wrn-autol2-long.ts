/**
 * WRN on CIFAR-10 with momentum, augmentation and the learning-rate schedule, over the paper's 9,600 steps: AutoL2 from 0.1 against constant
 * lambda. Figure S10.
 *
 *   npm run train -- wrn-autol2-long --preset desk
 *
 * paper  the runs of wrn-autol2 with the schedule: 200 epochs are 9,600 steps.
 * desk   WRN 16-2 on 1,024 images of 8 x 8 (lib/sweeps/wrn.ts), crops from 1 pixel: a stand-in, but for the length, which is the paper's. In the
 *        2,500 steps of wrn-autol2 a lead before the first drop of eta has to show by step 625, and AutoL2 passes the constants at 700 to 800.
 *        Three seeds. Planned on 2026-11-29, after all logs of wrn-autol2 had been seen.
 *        Expected: an hour and a quarter on two cores [144,000 steps of 34 ms a core, and AutoL2's measurements every 10 steps, of 0.3 s].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import { AUTO_L2_START, AUTO_L2_VARYING, autoL2Code, autoL2Paper } from './auto-l2.ts';
import { threeSeeds, toRuns } from './grid.ts';
import type { Sweep, SweepRun } from '../runs/index.ts';
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

const STEPS = 200 * STEPS_AN_EPOCH;

export const wrnAutoL2Long: Sweep = {
  name: 'wrn-autol2-long',
  title: 'WRN on CIFAR-10 with the eta schedule over 9,600 steps, AutoL2 against constant lambda',
  runs(preset) {
    switch (preset) {
      case 'paper': {
        const base = { ...wrnBase, ...withMomentum, schedule: wrnSchedule, steps: STEPS };
        return [
          ...autoL2Runs(base, [autoL2Paper(10), autoL2Paper(5), autoL2Code]),
          ...constantRuns(base, [5e-4, 1e-4, 1e-5]),
        ];
      }
      case 'desk': {
        const base = { ...wrnDesk, ...deskMomentum, schedule: deskSchedule, steps: STEPS };
        return threeSeeds([...autoL2Runs(base, [autoL2Code]), ...constantRuns(base, [2e-3, 1e-3, 5e-4, 2e-4])]);
      }
      case 'smoke': {
        const base = { ...wrnSmoke, ...withMomentum, schedule: deskSchedule, steps: 30 };
        return [...autoL2Runs(base, [autoL2Code]), ...constantRuns(base, [5e-4])];
      }
    }
  },
};

type Base = Omit<SweepRun['config'], 'lambda'>;

const autoL2Runs = (base: Base, readings: readonly SweepRun['config']['autoL2'][]): SweepRun[] =>
  toRuns(
    readings.map((autoL2) => ({ ...base, lambda: AUTO_L2_START, autoL2 }) as SweepRun['config']),
    AUTO_L2_VARYING,
    'AutoL2',
  );

const constantRuns = (base: Base, lambdas: readonly number[]): SweepRun[] =>
  toRuns(
    lambdas.map((lambda) => ({ ...base, lambda }) as SweepRun['config']),
    ['lambda', 'schedule.kind'],
    'constant',
  );
