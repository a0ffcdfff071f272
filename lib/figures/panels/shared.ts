/** What panels share: axes, points with intervals, a run's curve. */

import { meanOf, measured } from '../../analysis/index.ts';
import type { Estimate } from '../../analysis/index.ts';
import type { Run } from '../../runs/index.ts';
import type { LinePoint } from '../lines.ts';

export const LAMBDA = { title: 'L2 coefficient λ', log: true } as const;

/** The axis of the paper's curves of AutoL2. */
export const EPOCHS_EVEN = { title: 'epochs' } as const;

export const EPOCHS = { title: 'epochs', log: true } as const;

export const ACCURACY = { title: 'maximum test accuracy', format: '.2f' } as const;

export const point = (x: number, { value, low, high }: Estimate): LinePoint => ({ x, y: value, low, high });

/** The mean of seeds with its standard error, and each of them as a dot: a t interval of three seeds hides what they say. */
export function meanPoint(x: number, seeds: readonly number[]): LinePoint {
  const { value } = meanOf(seeds);
  if (seeds.length < 2) return { x, y: value };
  const variance = seeds.reduce((sum, seed) => sum + (seed - value) ** 2, 0) / (seeds.length - 1);
  const error = Math.sqrt(variance / seeds.length);
  return { x, y: value, low: value - error, high: value + error, seeds };
}

/** How `meanPoint` is drawn, for a panel's second line. */
export const SEEDS = 'dots: seeds; bars: standard error';

/** What was measured over epochs, up to a step. */
export function curve(
  run: Run,
  value: 'test accuracy' | 'training accuracy' | 'training loss' | 'test loss',
  within = Infinity,
): LinePoint[] {
  return measured(run)
    .filter(({ epoch, step }) => epoch > 0 && step <= within)
    .map(({ epoch, testError, trainError, trainLoss, testLoss }) => ({
      x: epoch,
      y: {
        'test accuracy': 1 - testError,
        'training accuracy': 1 - trainError,
        'training loss': trainLoss,
        'test loss': testLoss,
      }[value],
    }));
}
