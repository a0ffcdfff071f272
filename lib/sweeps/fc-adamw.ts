/**
 * FC networks trained by AdamW, full batch, over eta and decay, for t* against 1/(eta lambda). As Figure 2b, but beyond the paper, which has SGD
 * alone. lambda is the decoupled decay: weights lose eta lambda of themselves a step.
 *
 *   npm run train -- fc-adamw --preset desk
 *
 * paper  width 2048 as in figure 2; eta lambda from 1e-4 to 0.1, of our choice: the paper has no such runs.
 * desk   width 512. A trial at eta = 1e-3, before the grid was chosen: eta lambda = 0.01 and 1e-3 fit after 25 and 22 steps and are best (0.8586 both)
 *        after 50 and 63 steps. Two more seeds where runs are short.
 *        Expected: half an hour on two cores.
 * smoke  width 32, 256 digits, seconds.
 */
import type { RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { fcBase, fcSmokeBase } from './fc-eta-lambda.ts';
import { decimal, otherSeeds, stepsFor, toRuns } from './grid.ts';

const ADAMW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const ETAS = [1e-4, 3e-4, 1e-3];
/** eta lambda: the axis of the law, over two decades and more. */
const DECAYS = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1];
/** Training length in units of 1/(eta lambda): weights could shrink to exp(-3). */
const LENGTH = 3;
const VARYING = ['eta', 'lambda'];

function grid(
  base: Omit<RunConfig, 'eta' | 'lambda' | 'steps'>,
  etas: readonly number[],
  decays: readonly number[],
): SweepRun[] {
  const longest = stepsFor(LENGTH, 1, Math.min(...decays));
  return toRuns(
    etas.flatMap((eta) => [
      ...decays.map(
        (decay) =>
          ({
            ...base,
            adamW: ADAMW,
            eta,
            lambda: decimal(decay / eta),
            steps: stepsFor(LENGTH, 1, decay),
          }) as RunConfig,
      ),
      { ...base, adamW: ADAMW, eta, lambda: 0, steps: longest } as RunConfig,
    ]),
    VARYING,
  );
}

const narrow = { ...fcBase, model: { kind: 'fc', sizes: [784, 512, 512, 512, 10], bias: true } };

export const fcAdamW: Sweep = {
  name: 'fc-adamw',
  title: 'FC on 512 MNIST digits, full batch, AdamW, eta x decay',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return grid(fcBase, ETAS, DECAYS);
      case 'desk': {
        const runs = grid(
          narrow,
          ETAS,
          DECAYS.filter((decay) => decay >= 1e-3),
        );
        return [
          ...runs,
          ...otherSeeds(
            runs.filter(({ config }) => config.lambda > 0 && config.steps <= 600),
            [1, 2],
          ),
        ];
      }
      case 'smoke':
        return grid(fcSmokeBase, [1e-3, 3e-3], [0.05, 0.1, 0.2]);
    }
  },
};
