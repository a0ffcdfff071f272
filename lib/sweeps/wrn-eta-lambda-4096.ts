/**
 * As wrn-eta-lambda on four times as many images: there the peak of test accuracy that L2 makes stands clear of the early one on the way
 * to the fit. Figures 2d, 2e, 2f; also S6.
 *
 *   npm run train -- wrn-eta-lambda-4096 --preset desk
 *
 * paper  the runs of wrn-eta-lambda: all of CIFAR-10.
 * desk   WRN 16-2 on 4,096 images of 8 x 8, 5,000 test images, batch 128: a stand-in, larger than wrn-eta-lambda's. 5/(2 eta lambda) steps:
 *        five decay times. Pilots of one run each (no logs): eta 0.4, lambda 5e-4 fits at step 681 with 0.421, is early at 0.450 and has its
 *        maximum of 0.476 at 2.9 decay times; eta 0.8, lambda 1.25e-4 fits at 464 with 0.437, early 0.448, maximum 0.474 at 2.5. Between the
 *        fit and one decay time test accuracy falls first (0.41), hence 30 measurements a decade. Two seeds, a pair's one after the other.
 *        Planned on 2026-11-29, after all logs of wrn-eta-lambda had been seen.
 *        Expected: four and a half hours on two cores [675,000 steps of 30 ms a core, 4,500 measurements of 3 s].
 * smoke  WRN 10-1 on 128 images, seconds.
 */
import { decimal, pairs, product, toRuns } from './grid.ts';
import type { Sweep } from '../runs/index.ts';
import { wrnDesk, wrnSmoke } from './wrn.ts';
import { paperRuns } from './wrn-eta-lambda.ts';

const VARYING = ['eta', 'lambda', 'seed'];
const SEEDS = [0, 1];
/** Weights shrink to exp(-5) by L2 alone; lambda as the code has it. */
const DECAY_TIMES = 5;
const ETAS = [0.2, 0.4, 0.8, 1.6];
const PRODUCTS = [8e-4, 4e-4, 2e-4, 1e-4];
/** The smallest eta lambda, and the runs without L2, at these two only. */
const MIDDLE_ETAS = [0.4, 0.8];
const SMALLEST_PRODUCT = 5e-5;
const STEPS_WITHOUT_L2 = 25_000;

const desk = {
  ...wrnDesk,
  data: { ...wrnDesk.data, trainSamples: 4096, testSamples: 5000 },
  measure: { pointsPerDecade: 30, everyBelow: 20 },
};
const stepsOf = (eta: number, lambda: number): number => Math.ceil(decimal(DECAY_TIMES / (2 * product(eta, lambda))));

export const wrnEtaLambda4096: Sweep = {
  name: 'wrn-eta-lambda-4096',
  title: 'WRN on 4,096 images of CIFAR-10, SGD, eta x lambda',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return paperRuns();
      case 'desk': {
        const grid = [
          ...ETAS.flatMap((eta) => PRODUCTS.map((rate) => ({ eta, lambda: decimal(rate / eta) }))),
          ...MIDDLE_ETAS.map((eta) => ({ eta, lambda: decimal(SMALLEST_PRODUCT / eta) })),
        ].map(({ eta, lambda }) => ({ ...desk, eta, lambda, steps: stepsOf(eta, lambda) }));
        const withoutL2 = MIDDLE_ETAS.map((eta) => ({ ...desk, eta, lambda: 0, steps: STEPS_WITHOUT_L2 }));
        return toRuns(
          [...grid, ...withoutL2].flatMap((config) => SEEDS.map((seed) => ({ ...config, seed }))),
          VARYING,
        );
      }
      case 'smoke': {
        const smoke = { ...wrnSmoke, data: { ...wrnSmoke.data, trainSamples: 128 } };
        return toRuns(
          [
            ...pairs([0.4, 1.6], [0.016, 0.1]).map(({ eta, lambda }) => ({ ...smoke, eta, lambda, steps: 12 })),
            { ...smoke, eta: 0.4, lambda: 0, steps: 12 },
          ],
          VARYING,
        );
      }
    }
  },
};
