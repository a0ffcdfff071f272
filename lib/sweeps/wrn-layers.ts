/**
 * WRN with momentum and augmentation, and without either, parameter by parameter: squared norms, and the angle that one update turns each by.
 * Figure 4 and beyond: weights before batch norm settle at a norm where an update turns them by sqrt(2 eta lambda / (1 + momentum)).
 *
 *   npm run train -- wrn-layers --preset desk
 *
 * paper  WRN 28-10 with momentum at three lambda, for 5 decay times.
 * desk   WRN 16-2 on 1,024 images of 8 x 8 (lib/sweeps/wrn.ts): three lambda with momentum and augmentation, one pair without either, 5 decay
 *        times each, looked at every 25 steps.
 *        Expected: a quarter of an hour on two cores [10,000 steps of 38 ms a core, 320 measurements].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import { decimal, toRuns } from './grid.ts';
import type { RunConfig, Sweep } from '../runs/index.ts';
import { deskMomentum, withMomentum, wrnBase, wrnDesk, wrnSmoke } from './wrn.ts';

const VARYING = ['eta', 'lambda', 'momentum'];
const LAMBDAS = [5e-4, 1e-3, 2e-3];
/** Weights could shrink to exp(-5) by L2 alone. */
const DECAY_TIMES = 5;

/** 1/rate is 1/(2 eta lambda) steps, with momentum a tenth of that. */
const stepsOf = ({ eta, momentum }: { eta: number; momentum: number }, lambda: number): number =>
  Math.ceil(decimal((DECAY_TIMES * (1 - momentum)) / (2 * eta * lambda)));

const watched = (base: { eta: number; momentum: number }, lambda: number, every: number): RunConfig =>
  ({ ...base, lambda, steps: stepsOf(base, lambda), measure: { every }, observe: 'layers' }) as unknown as RunConfig;

export const wrnLayers: Sweep = {
  name: 'wrn-layers',
  title: 'WRN on CIFAR-10, norm and angle of every parameter',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return toRuns(
          LAMBDAS.map((lambda) => watched({ ...wrnBase, ...withMomentum }, lambda, 25)),
          VARYING,
        );
      case 'desk':
        return toRuns(
          [
            ...LAMBDAS.map((lambda) => watched({ ...wrnDesk, ...deskMomentum }, lambda, 25)),
            watched({ ...wrnDesk, eta: 0.8, momentum: 0 }, 1e-3, 50),
          ],
          VARYING,
        );
      case 'smoke':
        return toRuns([{ ...watched({ ...wrnSmoke, ...withMomentum }, 0.01, 3), steps: 12 }], VARYING);
    }
  },
};
