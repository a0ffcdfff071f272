/**
 * Theorem 1 and lemma 2 in training: the tangent kernel of two-layer networks of degree k = 2, 3, 4 while they train with L2.
 * k = 2 twice: lemma 2 rests on derivatives of every order, which ReLU does not have; a linear network has them.
 *
 * 8 digits, so that the kernel's 36 numbers are logged whole at every measuring step; lambda = 0.5 keeps lambda^2 n above the
 * scale at which fixed points other than f = 0 exist (B.1) for all but the narrowest networks; eta lambda = 0.01, 600 steps.
 * 144 runs, about five minutes of one core.
 */
import { storedDatasets } from '../../datasets/index.ts';
import { measureSteps, type Preset, type RunConfig, type Sweep, type SweepRun } from '../../runs/index.ts';
import type { Experiment, Progress } from '../record.ts';
import { evenOddDigits, upperTriangle } from '../samples.ts';
import { TwoLayer } from '../two-layer.ts';

const WIDTHS = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

/** What every run on even and odd digits shares: the loss of the paper's theory, full batch, plain gradient descent. */
export function evenOddConfig(
  samples: number,
  settings: Pick<RunConfig, 'model' | 'eta' | 'lambda' | 'steps' | 'seed' | 'measure'>,
): RunConfig {
  return {
    sigmaW: 1,
    sigmaB: 0,
    data: {
      name: 'mnist',
      trainSamples: samples,
      testSamples: 0,
      subset: 'first',
      normalization: 'per-set',
      labels: 'even-odd',
    },
    batchSize: samples,
    loss: 'sum-of-squares/2',
    l2Convention: 'half',
    momentum: 0,
    schedule: { kind: 'constant' },
    ...settings,
  };
}

export function mnistChecksums(): Record<string, string> {
  return Object.fromEntries((storedDatasets['mnist']?.files ?? []).map(({ name, sha256 }) => [name, sha256]));
}

interface TwoLayerModel {
  width: number;
  power: number;
  activation?: 'linear';
}

function run(width: number, power: number, seed: number, steps: number, activation?: 'linear'): SweepRun {
  const config = evenOddConfig(8, {
    model: { kind: 'two-layer', parameterization: 'ntk', width, power, ...(activation && { activation }) },
    eta: 0.02,
    lambda: 0.5,
    steps,
    seed,
    measure: { pointsPerDecade: 4, everyBelow: 2 },
  });
  return {
    config,
    varying: [...(activation ? ['model.activation'] : []), 'model.power', 'model.width', 'seed'],
    role: 'grid',
  };
}

export const kernelDecay: Sweep = {
  name: 'kernel-decay',
  title: 'theorem 1: the tangent kernel of two-layer networks (k = 2, 3, 4) in training, widths 64 to 16384',
  runs(preset: Preset) {
    const [widths, seeds, steps] = preset === 'smoke' ? [[64, 128], [0], 20] : [WIDTHS, [0, 1, 2, 3], 600];
    return widths.flatMap((width) => [
      ...seeds.map((seed) => run(width, 1, seed, steps, 'linear')),
      ...[1, 2, 3].flatMap((power) => seeds.map((seed) => run(width, power, seed, steps))),
    ]);
  },
};

export const kernelDecayExperiment: Experiment = {
  checksums: mnistChecksums,
  async *run(config): AsyncGenerator<Progress, void, void> {
    const { gram, target } = await evenOddDigits(config.data.trainSamples);
    const { width, power, activation } = config.model as unknown as TwoLayerModel;
    const network = new TwoLayer({ width, power, ...(activation && { activation }), gram, target, seed: config.seed });
    const due = new Set(measureSteps(config.measure, config.steps));
    for (let step = 0; step <= config.steps; step += 1) {
      if (due.has(step)) {
        const values = { f: Array.from(network.f()), kernel: upperTriangle(network.kernel()) };
        yield {
          step,
          values: step === 0 ? { ...values, target: Array.from(target), gram: upperTriangle(gram) } : values,
        };
      }
      if (step < config.steps) network.step(config.eta, config.lambda);
    }
  },
};
