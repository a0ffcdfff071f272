import {
  NUMERICS,
  RunWriter,
  SCHEMA,
  hashConfig,
  runPath,
  type Measure,
  type RunConfig,
  type RunHeader,
} from '../../lib/runs/index.ts';

/** What a synthetic run of known answers looks like. Never training: closed curves with the maximum at `c / (eta^a lambda^b)` steps. */
export interface SyntheticRun {
  eta: number;
  lambda: number;
  /** Step of the maximum. */
  peak: number;
  /** Planned and, unless `cut`, measured length. */
  steps: number;
  /** Step at which training accuracy becomes 1. */
  fit: number;
  max?: number;
  /** No measurement after this step, and no end line. */
  cut?: number;
  diverged?: boolean;
  numerics?: number;
  datasets?: Record<string, string>;
}

/** Steps 0 to 19, then 20 a decade, and the last. */
export function measuredSteps(steps: number): number[] {
  const all = new Set<number>([0, steps]);
  for (let step = 0; step < Math.min(20, steps); step++) all.add(step);
  for (let i = 0; 20 * 10 ** (i / 20) < steps; i++) all.add(Math.round(20 * 10 ** (i / 20)));
  return [...all].sort((a, b) => a - b);
}

/** Test accuracy is a parabola in log(1 + step) with its top, `max`, at `peak`: t* is a fixed share of it. Quantised to 10,000 test images. */
export function syntheticMeasure(run: SyntheticRun, step: number): Measure {
  const accuracy = (run.max ?? 0.83) - 0.03 * Math.log((1 + step) / (1 + run.peak)) ** 2;
  return {
    kind: 'measure',
    step,
    epoch: step,
    seconds: step / 100,
    trainLoss: run.diverged && step > 5 ? NaN : 0.23 * Math.exp(-step / run.fit),
    trainError: step >= run.fit ? 0 : Math.ceil(512 * 0.9 * (1 - step / run.fit)) / 512,
    testLoss: 0.25 - 0.1 * accuracy,
    testError: run.diverged && step > 5 ? NaN : Math.round(10_000 * (1 - Math.max(0.1, accuracy))) / 10_000,
    l2Norm: 1e4 * Math.exp(-2 * run.eta * run.lambda * step),
    eta: run.eta,
    lambda: run.lambda,
  };
}

export function writeSynthetic(root: string, run: SyntheticRun): string {
  const config: RunConfig = {
    model: { kind: 'fc', sizes: [784, 2048, 2048, 2048, 10], bias: true },
    sigmaW: Math.SQRT2,
    sigmaB: 0,
    data: { name: 'mnist', trainSamples: 512, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
    batchSize: 512,
    loss: 'cross-entropy/k',
    l2Convention: 'half',
    eta: run.eta,
    lambda: run.lambda,
    momentum: 0,
    schedule: { kind: 'constant' },
    steps: run.steps,
    seed: 0,
    measure: { pointsPerDecade: 20, everyBelow: 20 },
  };
  const header: RunHeader = {
    kind: 'run',
    schema: SCHEMA,
    numerics: run.numerics ?? NUMERICS,
    sweep: 'fc-eta-lambda',
    preset: 'desk',
    config,
    hash: hashConfig(config),
    datasets: run.datasets ?? { synthetic: '0'.repeat(64) },
    git: { commit: '0'.repeat(40), dirty: false },
    versions: {},
    device: 'cpu',
    threads: 1,
    cpu: 'synthetic',
    startedAt: '2026-01-01T00:00:00.000Z',
  };
  const file = runPath(root, header, ['eta', 'lambda']);
  const writer = RunWriter.create(file, header);
  const last = run.cut ?? (run.diverged ? Math.min(10, run.steps) : run.steps);
  for (const step of measuredSteps(run.steps)) if (step <= last) writer.measure(syntheticMeasure(run, step));
  if (run.cut !== undefined) writer.close();
  else writer.end({ reason: run.diverged ? 'diverged' : 'finished', step: last, seconds: 1 });
  return file;
}

export const ETAS = [0.0025, 0.01, 0.02, 0.025, 0.03, 0.05, 0.08, 0.15, 0.3, 0.5, 1, 1.5, 2, 5, 10, 25, 50];
export const LAMBDAS = [1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 50, 100];

/** The desk grid of figure 2: pairs with 1e-3 <= eta lambda < 2, 2/(eta lambda) steps. */
export function deskGrid(): { eta: number; lambda: number; steps: number }[] {
  return ETAS.flatMap((eta) => LAMBDAS.map((lambda) => ({ eta, lambda, product: eta * lambda })))
    .filter(({ product }) => product > 1e-3 * (1 - 1e-9) && product < 2)
    .map(({ eta, lambda, product }) => ({ eta, lambda, steps: Math.ceil(2 / product - 1e-9) }));
}

/** A whole sweep that obeys t* = c eta^-a lambda^-b, plus runs that a fit must leave out. */
export function writeSyntheticSweep(root: string, law = { a: 1, b: 1, c: 0.35 }): void {
  for (const { eta, lambda, steps } of deskGrid()) {
    const peak = law.c / (eta ** law.a * lambda ** law.b);
    const max = 0.83 - 0.02 * Math.max(0, Math.log10(lambda) + 1) - (eta > 4 ? 0.05 : 0);
    writeSynthetic(root, {
      eta,
      lambda,
      steps,
      peak,
      max,
      fit: eta > 20 ? Infinity : 2 + 3 / eta,
      diverged: eta > 20 && lambda > 0.01,
    });
  }
}
