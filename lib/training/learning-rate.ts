/** How eta moves with the step. */
import type { EtaSchedule } from '../runs/index.ts';

/** eta for the update of each step, as runs of equal values where it is piecewise constant. */
export interface LearningRate {
  at(step: number): number;
  /** First step after `step` whose eta may differ; Infinity where there is none. */
  changesAfter(step: number): number;
}

/** A factor from a step on. */
type Boundary = { from: number; factor: number };

/**
 * The schedule of a run.
 * - `steps`: multiplied by `factor` at each fraction of the run (supplement A: 0.2 at 0.3 T, 0.6 T, 0.9 T).
 * - `epochs`: the authors' code for the same: boundaries at 1, 2, 3 times int(`fraction` T) epochs, the new rate from the step
 *   AFTER the boundary.
 * - `warmup`: ResNet-50 of the TPU reference: a linear climb from 0 over `warmupEpochs`, then divided at `drops`, all of them
 *   epochs of a run of `of` epochs and stretched with the run (5, and 30, 60, 80 of 90).
 */
export function learningRate(
  schedule: EtaSchedule,
  { eta, steps, batchesPerEpoch }: { eta: number; steps: number; batchesPerEpoch: number },
): LearningRate {
  switch (schedule.kind) {
    case 'constant':
      return piecewise(eta, []);
    case 'steps': {
      const { fractions, factor } = schedule;
      return piecewise(
        eta,
        fractions.map((fraction) => ({ from: Math.round(fraction * steps), factor })),
      );
    }
    case 'epochs': {
      const { fraction, factor, drops } = schedule;
      const epochs = Math.round(steps / batchesPerEpoch);
      const first = Math.trunc(fraction * epochs) * batchesPerEpoch;
      return piecewise(
        eta,
        Array.from({ length: drops }, (_, i) => ({ from: (i + 1) * first + 1, factor })),
      );
    }
    case 'warmup': {
      const { warmupEpochs, drops, of, factor } = schedule;
      const stretch = steps / of;
      const warmup = warmupEpochs * stretch;
      const later = piecewise(
        eta,
        drops.map((epoch) => ({ from: Math.ceil(epoch * stretch - 1e-9), factor })),
      );
      return {
        at: (step) => (step < warmup ? (eta * step) / warmup : later.at(step)),
        changesAfter: (step) => (step < warmup ? step + 1 : later.changesAfter(step)),
      };
    }
    default:
      throw new RangeError(
        `no schedule ${JSON.stringify((schedule as { kind: unknown }).kind)}; known are constant, steps, epochs, warmup`,
      );
  }
}

function piecewise(eta: number, boundaries: readonly Boundary[]): LearningRate {
  return {
    at: (step) => boundaries.reduce((rate, { from, factor }) => (step >= from ? rate * factor : rate), eta),
    changesAfter: (step) => Math.min(...boundaries.map(({ from }) => from).filter((from) => from > step), Infinity),
  };
}
