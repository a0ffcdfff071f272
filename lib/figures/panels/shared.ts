/** What panels share: axes, points with intervals, a run's curve. */

import { measured } from '../../analysis/index.ts';
import type { Estimate } from '../../analysis/index.ts';
import type { Run } from '../../runs/index.ts';
import type { LinePoint } from '../lines.ts';

export const LAMBDA = { title: 'L2 coefficient λ', log: true } as const;

export const EPOCHS = { title: 'epochs', log: true } as const;

export const ACCURACY = { title: 'maximum test accuracy', format: '.2f' } as const;

export const point = (x: number, { value, low, high }: Estimate): LinePoint => ({ x, y: value, low, high });

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
