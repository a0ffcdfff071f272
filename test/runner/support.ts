import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Measure, RunConfig, RunHeader } from '../../lib/runs/index.ts';
import { planRuns, type PlannedRun } from '../../lib/runner/index.ts';
import type { Sweep } from '../../lib/sweeps/index.ts';
import { exampleHeader as headerOf } from '../runs/example.ts';

export const fakeChild = join(import.meta.dirname, 'fake-child.ts');

/** A folder of its own for a test file, removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'l2-sweeps-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function exampleConfig(seed: number, changes: Partial<RunConfig> = {}): RunConfig {
  return {
    model: { kind: 'fc', sizes: [784, 8, 10], bias: true },
    sigmaW: 1,
    sigmaB: 0,
    data: { name: 'synthetic', trainSamples: 10, testSamples: 10, subset: 'first', normalization: 'per-set' },
    batchSize: 10,
    loss: 'cross-entropy/k',
    l2Convention: 'half',
    eta: 0.1,
    lambda: 0.1,
    momentum: 0,
    schedule: { kind: 'constant' },
    steps: 5,
    measure: { every: 1 },
    ...changes,
    seed,
  };
}

/** Runs seed=0, seed=1, ... of a made-up sweep, with these changes. */
export function exampleRuns(root: string, changes: readonly Partial<RunConfig>[]): PlannedRun[] {
  const sweep: Sweep = {
    name: 'made-up',
    title: 'for tests',
    runs: () =>
      changes.map((change, seed) => ({ config: exampleConfig(seed, change), varying: ['seed'], role: 'grid' })),
  };
  return planRuns(sweep, 'smoke', root);
}

export const exampleHeader = (config: RunConfig, threads = 1): RunHeader =>
  headerOf(config, { threads, sweep: 'made-up', cpu: 'made up' });

export function exampleMeasure({ eta, lambda }: RunConfig, step: number): Measure {
  const value = 1 / (1 + step);
  return {
    kind: 'measure',
    step,
    epoch: step,
    seconds: step,
    trainLoss: value,
    trainError: value,
    testLoss: value,
    testError: value,
    l2Norm: value,
    eta,
    lambda,
  };
}
