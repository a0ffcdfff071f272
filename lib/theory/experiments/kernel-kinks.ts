/**
 * Lemma 2 for ReLU: how much of the kernel's correction comes from units that cross their kink. The two-layer ReLU runs of
 * kernel-decay.ts with a second kernel logged, in which every unit is open where it was at step 0, and the share of gates that flipped.
 * Kernel minus frozen kernel is the kinks' part; the rest of the correction is smooth in the weights.
 *
 * Seeds other than those of kernel-decay, so that the two sweeps are independent. 200 steps (lambda t = 2); 8 digits of every number.
 * desk: 56 runs, widths 256 to 16384, about half a minute of one core.
 */
import { measureSteps, type Preset, type Sweep, type SweepRun } from '../../runs/index.ts';
import type { Experiment, Progress } from '../record.ts';
import { evenOddDigits, upperTriangle } from '../samples.ts';
import { TwoLayer } from '../two-layer.ts';
import { evenOddConfig, mnistChecksums } from './kernel-decay.ts';

const WIDTHS = {
  smoke: [64, 128],
  desk: [256, 512, 1024, 2048, 4096, 8192, 16384],
  paper: [256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536],
};

function run(width: number, seed: number, steps: number): SweepRun {
  const config = evenOddConfig(8, {
    model: { kind: 'two-layer', parameterization: 'ntk', width, power: 1 },
    eta: 0.02,
    lambda: 0.5,
    steps,
    seed,
    measure: { pointsPerDecade: 2, everyBelow: 1 },
  });
  return { config: { ...config, observe: 'frozen-gates' }, varying: ['model.width', 'seed'], role: 'grid' };
}

export const kernelKinks: Sweep = {
  name: 'kernel-kinks',
  title: 'lemma 2 for ReLU: the part of the kernel that units crossing their kink change, widths 256 to 16384',
  runs(preset: Preset) {
    const [seeds, steps] = preset === 'smoke' ? [[4], 20] : [[4, 5, 6, 7, 8, 9, 10, 11], 200];
    return WIDTHS[preset].flatMap((width) => seeds.map((seed) => run(width, seed, steps)));
  },
};

export const kernelKinksExperiment: Experiment = {
  checksums: mnistChecksums,
  async *run(config): AsyncGenerator<Progress, void, void> {
    const { gram, target } = await evenOddDigits(config.data.trainSamples);
    const { width, power } = config.model as unknown as { width: number; power: number };
    const network = new TwoLayer({ width, power, gram, target, seed: config.seed });
    const start = network.gates();
    const due = new Set(measureSteps(config.measure, config.steps));
    const stored = (kernel: Float64Array[]): number[] =>
      upperTriangle(kernel).map((value) => Number(value.toPrecision(8)));
    for (let step = 0; step <= config.steps; step += 1) {
      if (due.has(step)) {
        const flips = network.gates().reduce((sum, gate, i) => sum + (gate === start[i] ? 0 : 1), 0);
        const kernel = stored(network.kernel());
        yield {
          step,
          values:
            step === 0 ? { kernel } : { kernel, frozen: stored(network.kernel(start)), flipped: flips / start.length },
        };
      }
      if (step < config.steps) network.step(config.eta, config.lambda);
    }
  },
};
