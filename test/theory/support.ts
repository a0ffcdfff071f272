/** Runs of the theory in memory, with planted observations. */

import { hashConfig, NUMERICS, SCHEMA } from '../../lib/runs/index.ts';
import type { Observation, Run, RunConfig } from '../../lib/runs/index.ts';
import { evenOddConfig } from '../../lib/theory/experiments/kernel-decay.ts';

type Values = Observation['values'];

/** A finished run with these observations, by step. */
export function plantedRun(sweep: string, config: RunConfig, observed: Readonly<Record<number, Values>>): Run {
  const hash = hashConfig(config);
  return {
    file: `${sweep}/desk/planted-${hash.slice(0, 8)}.jsonl`,
    header: {
      kind: 'run',
      schema: SCHEMA,
      numerics: NUMERICS,
      sweep,
      preset: 'desk',
      config,
      hash,
      datasets: {},
      git: { commit: '0'.repeat(40), dirty: false },
      versions: {},
      device: 'cpu',
      threads: 1,
      cpu: 'planted',
      startedAt: '2026-01-01T00:00:00.000Z',
    },
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
