/**
 * WRN on CIFAR-10, SGD without momentum, augmentation or schedule, over eta x lambda (lambda as the code has it: no half).
 * Figures 2d, 2e, 2f; also S1, S6.
 *
 *   npm run train -- wrn-eta-lambda --preset desk
 *
 * paper  WRN 28-10, 8 eta x 10 lambda for 1 + int(0.1/(eta lambda)) epochs of 48 steps, of which the 58 pairs of at most 4,000 epochs are
 *        run, eta = 0.2, lambda = 6.25e-5 with its 8,000, and lambda = 0 for 10,000.
 * desk   WRN 16-2 on 1,024 images of 8 x 8, batch 128: a stand-in; lib/sweeps/wrn.ts has the trials. 4.8/(eta lambda) steps, the
 *        paper's clock, where that is at most 6,000, and one pair of 12,000; lambda = 0 for 3,000. After those were seen, eta = 0.1,
 *        more eta without L2 (figure S1 had four pairs at small eta) and three pairs of 24,000 and 48,000 steps: with eta lambda
 *        from 8e-4 up the weights decay about as fast as the images are fitted, t* came out between 35 and 2,000 steps, and its
 *        exponents stayed open. At eta = 0.8, lambda = 1.25e-4 the best look, 0.379 after 71 steps, comes before the fit (141) and is
 *        what lambda = 0 has (0.378): here L2 adds nothing to an early peak. A trial on 4,096 images (eta 1.6, lambda 2.5e-4, 6,000
 *        steps) fits them after 631 steps with 0.453 and is at 0.474 once, then thrown out of the fit four times.
 *        On 2026-11-29, after all of these had been seen: eta = 0.0125 without L2, and lambda = 4e-3 at eta 0.05 and 0.1 for 3,000 steps, long
 *        enough to fit, for figure S1. The larger set of 4,096 images is a sweep of its own, wrn-eta-lambda-4096.
 *        Expected: 65 minutes on two cores [204,000 steps of 36 ms a core].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import { decimal, pairs, product, toRuns } from './grid.ts';
import type { Sweep, SweepRun } from '../runs/index.ts';
import { STEPS_AN_EPOCH, wrnBase, wrnDesk, wrnSmoke } from './wrn.ts';

const ETAS = [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
const LAMBDAS = [1.5625e-5, 6.25e-5, 1.25e-4, 2.5e-4, 5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 0.016];
/** Of the desk grid, beyond 6,000 steps. */
const DESK_LONG = [
  { eta: 1.6, lambda: 2.5e-4 },
  { eta: 0.8, lambda: 2.5e-4 },
  { eta: 0.4, lambda: 5e-4 },
  { eta: 0.8, lambda: 1.25e-4 },
];
const VARYING = ['eta', 'lambda'];

/** 0.1 / (eta lambda): epochs of the paper's data set. */
const length = (eta: number, lambda: number): number => decimal(0.1 / product(eta, lambda));
const deskSteps = (eta: number, lambda: number): number => Math.ceil(decimal(STEPS_AN_EPOCH * length(eta, lambda)));

/** The paper's runs: figures 2d, 2e, 2f. */
export function paperRuns(): SweepRun[] {
  const grid = [...pairs(ETAS, LAMBDAS, (eta, lambda) => length(eta, lambda) <= 4000), { eta: 0.2, lambda: 6.25e-5 }];
  return [
    ...toRuns(
      grid.map(({ eta, lambda }) => ({
        ...wrnBase,
        eta,
        lambda,
        steps: (1 + Math.trunc(length(eta, lambda))) * STEPS_AN_EPOCH,
      })),
      VARYING,
    ),
    ...toRuns(
      ETAS.map((eta) => ({ ...wrnBase, eta, lambda: 0, steps: 10_000 * STEPS_AN_EPOCH })),
      VARYING,
    ),
  ];
}

export const wrnEtaLambda: Sweep = {
  name: 'wrn-eta-lambda',
  title: 'WRN on CIFAR-10, SGD, eta x lambda',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return paperRuns();
      case 'desk':
        return toRuns(
          [
            ...[
              ...pairs([0.1, 0.2, 0.4, 0.8, 1.6], LAMBDAS, (eta, lambda) => deskSteps(eta, lambda) <= 6000),
              ...DESK_LONG,
            ].map(({ eta, lambda }) => ({ ...wrnDesk, eta, lambda, steps: deskSteps(eta, lambda) })),
            ...[0.05, 0.1, 0.2, 0.4, 0.8, 1.6].map((eta) => ({ ...wrnDesk, eta, lambda: 0, steps: 3000 })),
            { ...wrnDesk, eta: 0.025, lambda: 0, steps: 6000 },
            { ...wrnDesk, eta: 0.0125, lambda: 0, steps: 12_000 },
            ...[0.05, 0.1].map((eta) => ({ ...wrnDesk, eta, lambda: 4e-3, steps: 3000 })),
          ],
          VARYING,
        );
      case 'smoke':
        return toRuns(
          [
            ...pairs([0.4, 1.6], [0.016, 0.1]).map(({ eta, lambda }) => ({ ...wrnSmoke, eta, lambda, steps: 12 })),
            { ...wrnSmoke, eta: 0.4, lambda: 0, steps: 12 },
          ],
          VARYING,
        );
    }
  },
};
