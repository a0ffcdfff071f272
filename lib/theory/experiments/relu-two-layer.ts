/**
 * Figure 5c: the two-layer ReLU network on 200 even and odd digits, eta = 0.01: its tangent kernel at width 5000, and its training
 * at widths up to the paper's 1e5 (78.5 M parameters).
 *
 * The paper gives neither lambda nor the loss's normalisation for 5c. Here the loss is the sum of (f - y)^2 / 2 of its theory. A mean
 * over N = 200 samples with eta and lambda is that sum with eta / N and N lambda: the preset paper has lambda = 0.01, as 5a and 5b, in
 * both readings. Training follows the infinite-width theory to f = 0 only
 * where lambda^2 n is large against y K y, 1.2e3 for these samples (B.1: otherwise a fixed point f > 0 exists), hence lambda = 1 and
 * 0.3, and narrower networks that show the crossover. Cost on one core: 0.7 to 1.4 s a step at width 1e5; the desk preset about 93 minutes.
 */
import { measureSteps, type Preset, type RunConfig, type Sweep, type SweepRun } from '../../runs/index.ts';
import type { Experiment, Progress } from '../record.ts';
import { evenOddDigits, upperTriangle } from '../samples.ts';
import { TwoLayer } from '../two-layer.ts';
import type { WideReluState } from '../wide-relu.ts';
import { evenOddConfig, mnistChecksums } from './kernel-decay.ts';

const SAMPLES = 200;
const ETA = 0.01;

/** The kernel at initialization, upper triangle with 7 digits (double precision would need 0.4 MB). */
function kernelRun(width: number, samples: number): SweepRun {
  const config: RunConfig = {
    ...evenOddConfig(samples, {
      model: { kind: 'two-layer', parameterization: 'ntk', width, power: 1 },
      eta: ETA,
      lambda: 0,
      steps: 0,
      seed: 1,
      measure: { every: 1 },
    }),
    observe: 'kernel',
  };
  return { config, varying: ['observe', 'model.width'], role: 'kernel' };
}

function trainingRun(width: number, lambda: number, steps: number, samples = SAMPLES, eta = ETA): SweepRun {
  const config: RunConfig = {
    ...evenOddConfig(samples, {
      model: { kind: 'two-layer', parameterization: 'ntk', width, power: 1 },
      eta,
      lambda,
      steps,
      seed: 0,
      measure: { pointsPerDecade: 10, everyBelow: 3 },
    }),
    observe: 'function',
  };
  return { config, varying: ['observe', 'model.width', 'lambda'], role: 'training' };
}

export const reluTwoLayer: Sweep = {
  name: 'relu-two-layer',
  title: 'figure 5c: kernel and training of the two-layer ReLU network on 200 digits, widths up to 1e5',
  runs(preset: Preset) {
    if (preset === 'smoke') return [kernelRun(50, 20), trainingRun(200, 1, 30, 20)];
    if (preset === 'paper')
      return [
        kernelRun(5000, SAMPLES),
        trainingRun(100_000, 0.01, 60_000),
        trainingRun(100_000, 0.01 * SAMPLES, 60_000, SAMPLES, ETA / SAMPLES),
      ];
    return [
      kernelRun(5000, SAMPLES),
      trainingRun(1000, 1, 1000),
      trainingRun(10_000, 1, 1000),
      trainingRun(100_000, 1, 1000),
      trainingRun(1000, 0.3, 3000),
      trainingRun(10_000, 0.3, 3000),
      trainingRun(1000, 0.1, 8000),
      trainingRun(10_000, 0.1, 8000),
      trainingRun(100_000, 0.3, 3000),
    ];
  },
};

/** Float32 in shortest decimal form: 9 digits bring it back to the bit. */
const digits = (count: number) => (value: number) => Number(value.toPrecision(count));

export const reluTwoLayerExperiment: Experiment = {
  checksums: mnistChecksums,
  async *run(config, from): AsyncGenerator<Progress, void, void> {
    const { gram, target } = await evenOddDigits(config.data.trainSamples);
    const { width } = config.model as unknown as { width: number };
    if (config['observe'] === 'kernel') {
      const network = new TwoLayer({ width, power: 1, gram, target, seed: config.seed });
      yield { step: 0, values: { target: Array.from(target), kernel: upperTriangle(network.kernel()).map(digits(7)) } };
      return;
    }
    // Only training needs TensorFlow.
    const { WideRelu } = await import('../wide-relu.ts');
    const saved = from && (from.arrays as unknown as WideReluState);
    const network = new WideRelu({ width, gram, target, seed: config.seed }, saved);
    const due = new Set(measureSteps(config.measure, config.steps));
    try {
      for (let step = from?.step ?? 0; step <= config.steps; step += 1) {
        const state = (): Record<string, Float32Array<ArrayBuffer>> => ({ ...network.state() });
        if (due.has(step)) {
          const f = Array.from(network.f(), digits(9));
          yield { step, state, values: step === 0 ? { f, target: Array.from(target) } : { f } };
        } else {
          // Lets signals in between two blocking steps.
          await new Promise((resolve) => setImmediate(resolve));
          yield { step, state };
        }
        if (step < config.steps) network.step(config.eta, config.lambda);
      }
    } finally {
      network.dispose();
    }
  },
};
