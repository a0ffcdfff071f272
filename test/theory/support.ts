/** Runs of the theory in memory, with planted observations. */

import type { Observation, Run, RunConfig } from '../../lib/runs/index.ts';
import type { TrainedCurve } from '../../lib/theory/index.ts';
import { evenOddConfig } from '../../lib/theory/experiments/kernel-decay.ts';
import { plantedHeader } from '../analysis/planted.ts';

type Values = Observation['values'];

/** A finished run with these observations, by step. */
export function plantedRun(sweep: string, config: RunConfig, observed: Readonly<Record<number, Values>>): Run {
  const header = plantedHeader(sweep, 'desk', config);
  return {
    file: `${sweep}/desk/planted-${header.hash.slice(0, 8)}.jsonl`,
    header,
    measures: [],
    observations: Object.entries(observed).map(([step, values]) => ({
      kind: 'observe',
      step: Number(step),
      seconds: 0,
      values,
    })),
    events: [],
    end: { kind: 'end', reason: 'finished', step: config.steps, seconds: 1 },
    torn: false,
  };
}

/** Two samples, eta lambda = 0.01, 100 steps. */
export function twoSamples(model: RunConfig['model'], seed = 0, lambda = 0.5): RunConfig {
  return evenOddConfig(2, { model, eta: 0.02, lambda, steps: 100, seed, measure: { every: 100 } });
}

/** Figure 5c's curve of one network that ends at `trained`; `changes` of everything else. */
export function plantedCurve(
  width: number,
  lambda: number,
  trained: number,
  changes: Partial<TrainedCurve> = {},
): TrainedCurve {
  const final = {
    step: 100,
    time: 1,
    trained,
    k2: 0,
    k1: 0.8,
    k2InSteps: 0,
    distance2: 0,
    distance1: 0.8,
    distanceInSteps: 0,
    overshoot: 0,
  };
  return {
    width,
    lambda,
    strength: lambda ** 2 * width,
    stepSize: 1,
    rows: [{ ...final, step: 1, time: 0.01 }, final],
    largest2: 0.1,
    largest1: 0.8,
    largestInSteps: 0.01,
    final,
    ...changes,
  };
}
