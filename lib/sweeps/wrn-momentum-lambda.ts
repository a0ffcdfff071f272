/**
 * WRN on CIFAR-10 with momentum 0.9 and augmentation, eta = 0.2, over lambda: tuned constants against the predicted lambda = c/T.
 * Figures 1b, 4; also S2, S3, S4.
 *
 *   npm run train -- wrn-momentum-lambda --preset desk
 *
 * paper  WRN 28-10. One run of 2,000 epochs a lambda gives every budget T as a running maximum (no schedule); each predicted lambda is a
 *        run of its own T; c comes from 2 epochs at lambda = 0.01 (t* = 0.656 epochs there).
 * desk   WRN 16-2 on 1,024 images of 16 x 16 (lib/sweeps/wrn.ts): a stand-in, NOT TRIED YET with augmentation. Budgets in steps; the
 *        predicted lambdas carry the paper's c = 0.0066 epochs = 0.3168 steps until the short run here has been measured. S4's 2 c too.
 *        Expected: about 2 hours on two cores [estimate at 300 GFLOP/s].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import { decimal, toRuns } from './grid.ts';
import type { Sweep, SweepRun } from './types.ts';
import { STEPS_AN_EPOCH, withMomentum, wrnBase, wrnDesk, wrnSmoke } from './wrn.ts';

const VARYING = ['lambda', 'steps'];
/** c = t* lambda in epochs, from figure 1b's seven predicted values. */
const C = 0.00656;
const PAPER_BUDGETS = [50, 100, 250, 500, 1000, 1500, 2000];
const PAPER_LAMBDAS = [5e-6, 1e-5, 5e-5, 1e-4, 2e-4, 4e-4, 1e-3, 2e-3];
const DESK_BUDGETS = [500, 1000, 2000, 4000, 8000];
const DESK_LAMBDAS = [5e-5, 1e-4, 2e-4, 4e-4, 1e-3, 2e-3, 5e-3];
const SHORT = { lambda: 0.01, epochs: 2 };

/** Three digits, as the paper gives them: 1.31e-4 for 50 epochs. */
const predicted = (c: number, budget: number): number => Number((c / budget).toPrecision(3));

export const wrnMomentumLambda: Sweep = {
  name: 'wrn-momentum-lambda',
  figures: ['1b', '4', 'S2', 'S3', 'S4'],
  title: 'WRN on CIFAR-10, momentum and augmentation, lambda and the predicted lambda',
  runs(preset) {
    switch (preset) {
      case 'paper': {
        const run = (lambda: number, epochs: number) => ({
          ...wrnBase,
          ...withMomentum,
          lambda,
          steps: epochs * STEPS_AN_EPOCH,
        });
        return groups(
          [run(SHORT.lambda, SHORT.epochs)],
          PAPER_BUDGETS.flatMap((budget) => [run(predicted(C, budget), budget), run(predicted(2 * C, budget), budget)]),
          PAPER_LAMBDAS.map((lambda) => run(lambda, 2000)),
        );
      }
      case 'desk': {
        const run = (lambda: number, steps: number) => ({ ...wrnDesk, ...withMomentum, lambda, steps });
        const c = decimal(C * STEPS_AN_EPOCH);
        return groups(
          [run(SHORT.lambda, SHORT.epochs * STEPS_AN_EPOCH)],
          DESK_BUDGETS.flatMap((budget) => [run(predicted(c, budget), budget), run(predicted(2 * c, budget), budget)]),
          DESK_LAMBDAS.map((lambda) => run(lambda, 8000)),
        );
      }
      case 'smoke': {
        const run = (lambda: number, steps: number) => ({ ...wrnSmoke, ...withMomentum, lambda, steps });
        return groups(
          [run(0.01, 6)],
          [run(0.002, 12)],
          [0.001, 0.01].map((lambda) => run(lambda, 20)),
        );
      }
    }
  },
};

/** The short run that gives c first, then the predictions, then the long constants. */
const groups = (...lists: Parameters<typeof toRuns>[0][]): SweepRun[] => lists.flatMap((list) => toRuns(list, VARYING));
