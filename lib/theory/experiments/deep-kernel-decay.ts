/**
 * Theorem 1 for depth: ReLU networks of k = 2, 3, 4 layers, as kernel-decay.ts but for float32 and 200 steps (lambda t = 2).
 * desk: widths 64 to 4096, 57 runs, about 4 minutes of one core. paper: to 16384, where k = 4 needs 6 GB and some 4 s a step.
 */
import { measureSteps, type Preset, type Sweep, type SweepRun } from '../../runs/index.ts';
import type { Experiment, Progress } from '../record.ts';
import { evenOddDigits, upperTriangle } from '../samples.ts';
import { evenOddConfig, mnistChecksums } from './kernel-decay.ts';

const WIDTHS = {
  smoke: [32, 64],
  desk: [64, 128, 256, 512, 1024, 2048],
  paper: [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
};

function run(layers: number, width: number, seed: number, steps: number): SweepRun {
  const config = evenOddConfig(8, {
    model: { kind: 'deep-relu', parameterization: 'ntk', layers, width },
    eta: 0.02,
    lambda: 0.5,
    steps,
    seed,
    measure: { pointsPerDecade: 4, everyBelow: 2 },
  });
  return { config, varying: ['model.layers', 'model.width', 'seed'], role: 'grid' };
}

export const deepKernelDecay: Sweep = {
  name: 'deep-kernel-decay',
  title: 'theorem 1: the tangent kernel of ReLU networks of k = 2, 3, 4 layers in training',
  runs(preset: Preset) {
    const [seeds, steps] = preset === 'smoke' ? [[0], 10] : [[0, 1, 2], 200];
    const grid = WIDTHS[preset].flatMap((width) =>
      [2, 3, 4].flatMap((k) => seeds.map((seed) => run(k, width, seed, steps))),
    );
    // One seed at the width that takes as long as all others together.
    return preset === 'desk' ? [...grid, ...[2, 3, 4].map((k) => run(k, 4096, 0, steps))] : grid;
  },
};

export const deepKernelDecayExperiment: Experiment = {
  checksums: mnistChecksums,
  async *run(config): AsyncGenerator<Progress, void, void> {
    const { DeepRelu } = await import('../deep-relu.ts');
    const { gram, target } = await evenOddDigits(config.data.trainSamples);
    const { layers, width } = config.model as unknown as { layers: number; width: number };
    const network = new DeepRelu({ layers, width, gram, target, seed: config.seed });
    const due = new Set(measureSteps(config.measure, config.steps));
    const digits = (value: number): number => Number(value.toPrecision(9));
    try {
      for (let step = 0; step <= config.steps; step += 1) {
        if (due.has(step)) {
          const { f, kernel } = network.measure();
          const values = { f: Array.from(f, digits), kernel: upperTriangle(kernel).map(digits) };
          yield {
            step,
            values: step === 0 ? { ...values, target: Array.from(target), gram: upperTriangle(gram) } : values,
          };
        }
        if (step < config.steps) network.step(config.eta, config.lambda);
      }
    } finally {
      network.dispose();
    }
  },
};
