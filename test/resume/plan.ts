import { findSweep } from '../../lib/sweeps/index.ts';
import type { RunPlan } from '../../lib/runs/index.ts';

const fc = findSweep('fc-eta-lambda').runs('smoke')[0]!;
const cnn = findSweep('cnn-bn-lambda').runs('smoke')[0]!;

/** Smoke runs made long enough to be hit anywhere. */
export const plans = {
  'full batch': {
    sweep: 'fc-eta-lambda',
    preset: 'smoke',
    config: { ...fc.config, eta: 0.15, lambda: 0.002, steps: 4000 },
    varying: fc.varying,
  },
  /** Everything that a checkpoint must carry: momentum, the batches' order, augmentation, AutoL2, a schedule. */
  minibatches: {
    sweep: 'cnn-bn-lambda',
    preset: 'smoke',
    config: {
      ...cnn.config,
      eta: 0.02,
      lambda: 0.1,
      steps: 400,
      momentum: 0.9,
      schedule: { kind: 'steps', fractions: [0.5], factor: 0.2 },
      augmentation: { flip: true, crop: 4, mixup: true },
      autoL2: { reading: 'code', every: 10, factor: 10, refractory: 0.1 },
      measure: { pointsPerDecade: 20, everyBelow: 10 },
    },
    varying: cnn.varying,
  },
} satisfies Record<string, RunPlan>;

export type PlanName = keyof typeof plans;
