/**
 * WRN on CIFAR-10 with momentum, augmentation and the learning-rate schedule: a fixed budget against T = 0.1/lambda, over lambda, for
 * several initial scales. Figures 1a (sigma_w = 1) and S12.
 *
 *   npm run train -- wrn-budget --preset desk
 *
 * paper  WRN 28-10; T = 200 epochs against T = 0.1/lambda epochs (equal at 5e-4). Lambdas of 1a and sigma_w of S12 are not given: those of
 *        1b with 5e-4 and 5e-3; 0.5, 1, 2 [A].
 * desk   WRN 16-2 on 1,024 images of 8 x 8 (lib/sweeps/wrn.ts), crops from 1 pixel: a stand-in. 1,000 steps against 1/lambda steps
 *        (equal at 1e-3). The net was tried without the schedule and at sigma_w = 1 only (see wrn-momentum-lambda).
 *        Then two more seeds, first at sigma_w = 1, last at the other scales.
 *        Then the paper's clock, 4.8/lambda steps (0.1/lambda epochs of 48), three seeds: at 1/lambda the scales lay 0.024 to 0.077 apart
 *        late, after 1.5 to 3 decay times where the paper has 7 or more. Planned on 2026-11-29, after all runs above had been seen.
 *        Expected: 15 minutes on two cores [38,000 steps of 34 ms a core], 10 for the other seeds at sigma_w = 1 and 20 for the rest; two
 *        hours for the paper's clock [376,000 steps of 38 ms a core].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import type { RunConfig, RunRole, Sweep, SweepRun } from '../runs/index.ts';
import { decimal, inOrder, otherSeeds, threeSeeds } from './grid.ts';
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

const VARYING = ['lambda', 'steps', 'sigmaW'];
const SIGMAS = [0.5, 1, 2];
const PAPER_LAMBDAS = [5e-6, 1e-5, 5e-5, 1e-4, 2e-4, 4e-4, 5e-4, 1e-3, 2e-3, 5e-3];
const DESK_LAMBDAS = [2e-4, 5e-4, 1e-3, 2e-3, 5e-3];
/** The paper's 0.1/lambda epochs, in steps. */
const PAPER_PACE = 4.8;

export const wrnBudget: Sweep = {
  name: 'wrn-budget',
  title: 'WRN on CIFAR-10 with schedule, a fixed budget against T ~ 1/lambda, three initial scales',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return budgets({ ...wrnBase, ...withMomentum, schedule: wrnSchedule }, PAPER_LAMBDAS, SIGMAS, {
          'fixed budget': () => 200 * STEPS_AN_EPOCH,
          'budget 1/lambda': (lambda) => Math.round(decimal(0.1 / lambda)) * STEPS_AN_EPOCH,
        });
      case 'desk': {
        const base = { ...wrnDesk, ...deskMomentum, schedule: deskSchedule };
        const runs = budgets(base, DESK_LAMBDAS, SIGMAS, {
          'fixed budget': () => 1000,
          'budget 1/lambda': (lambda) => Math.round(decimal(1 / lambda)),
        });
        const figure1a = runs.filter(({ config }) => config.sigmaW === 1);
        const others = runs.filter(({ config }) => config.sigmaW !== 1);
        const paperClock = budgets(base, DESK_LAMBDAS, SIGMAS, {
          'paper clock': (lambda) => Math.round(decimal(PAPER_PACE / lambda)),
        });
        return [
          ...runs,
          ...otherSeeds(figure1a, [1, 2]),
          ...otherSeeds(others, [1, 2]),
          ...threeSeeds(paperClock).sort((a, b) => a.config.steps - b.config.steps),
        ];
      }
      case 'smoke':
        return budgets({ ...wrnSmoke, ...withMomentum, schedule: deskSchedule }, [0.05, 0.1], [1, 2], {
          'fixed budget': () => 10,
          'budget 1/lambda': (lambda) => Math.round(decimal(1 / lambda)),
        });
    }
  },
};

function budgets(
  base: Omit<RunConfig, 'lambda' | 'steps'>,
  lambdas: readonly number[],
  sigmas: readonly number[],
  lengths: Partial<Record<RunRole, (lambda: number) => number>>,
): SweepRun[] {
  return inOrder(
    sigmas.flatMap((sigmaW) =>
      lambdas.flatMap((lambda) => {
        const steps = Object.entries(lengths).map(([role, of]) => ({ role: role as RunRole, steps: of(lambda) }));
        const alike = steps.length > 1 && new Set(steps.map((each) => each.steps)).size === 1;
        return steps.map((each) => ({
          config: { ...base, sigmaW, lambda, steps: each.steps } as RunConfig,
          varying: VARYING,
          role: alike ? 'both budgets' : each.role,
        }));
      }),
    ),
  );
}
