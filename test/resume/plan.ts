import { findSweep } from '../../lib/sweeps/index.ts';
import type { RunPlan } from '../../lib/training/index.ts';

const smoke = findSweep('fc-eta-lambda').runs('smoke')[0]!;

/** A smoke run made long enough, about two seconds, to be hit anywhere. */
export const plan: RunPlan = {
  sweep: 'fc-eta-lambda',
  preset: 'smoke',
  config: { ...smoke.config, eta: 0.15, lambda: 0.002, steps: 4000 },
  varying: smoke.varying,
};
