/** A run made up for tests, without a test around it. */
import {
  NUMERICS,
  SCHEMA,
  hashConfig,
  runPath,
  type Measure,
  type RunConfig,
  type RunHeader,
} from '../../lib/runs/index.ts';

export function exampleConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    model: { kind: 'fc', sizes: [784, 64, 10], bias: true },
    sigmaW: Math.SQRT2,
    sigmaB: 0,
    data: { name: 'mnist', trainSamples: 512, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
    batchSize: 512,
    loss: 'cross-entropy/k',
    l2Convention: 'half',
    eta: 0.1,
    lambda: 0.001,
    momentum: 0,
    schedule: { kind: 'constant' },
    steps: 20,
    seed: 0,
    measure: { every: 1 },
    ...changes,
  };
}

export function exampleHeader(config: RunConfig = exampleConfig(), changes: Partial<RunHeader> = {}): RunHeader {
  return {
    kind: 'run',
    schema: SCHEMA,
    numerics: NUMERICS,
    sweep: 'fc-eta-lambda',
    preset: 'smoke',
    config,
    hash: hashConfig(config),
    datasets: {},
    git: { commit: '0'.repeat(40), dirty: false },
    versions: { node: process.versions.node },
    device: 'cpu',
    threads: 1,
    cpu: 'synthetic',
    startedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

export function examplePath(root: string, header: RunHeader): string {
  return runPath(root, header, ['eta', 'lambda']);
}

export function exampleMeasure(step: number, changes: Partial<Measure> = {}): Measure {
  return {
    kind: 'measure',
    step,
    epoch: step,
    seconds: step / 10,
    trainLoss: 0.23 / (1 + step),
    trainError: 0.9 / (1 + step),
    testLoss: 0.23 / (1 + step / 2),
    testError: 0.9 / (1 + step / 2),
    l2Norm: 1000 - step,
    eta: 0.1,
    lambda: 0.001,
    ...changes,
  };
}
