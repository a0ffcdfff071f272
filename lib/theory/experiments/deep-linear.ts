/**
 * B.1: where gradient descent ends for deep linear networks, L = 1, 2, 3, in both parameterizations, over the strength
 * lambda^(L+1) / beta^2 (lambda^2 n for L = 1 in the NTK parameterization). Every run goes through a list of strengths, given as
 * fractions of the strength at which the fixed points f > 0 end; `step` counts the list's entries.
 * Width 16, and 64 to see that the strength decides and not lambda: 18 runs, about two and a half minutes of one core.
 */
import type { Preset, RunConfig, Sweep, SweepRun } from '../../runs/index.ts';
import { collapse, DeepLinear, outputScale } from '../deep-linear.ts';
import type { Parameterization } from '../deep-linear.ts';
import type { Experiment, Progress } from '../record.ts';

/** A stationary point is where no weight's gradient exceeds this, or where MOST_STEPS end. */
const STATIONARY = 1e-13;
const MOST_STEPS = 200_000;

/** Before each strength of a continued path the weights get this much of a new draw: f = 0 is left where it is not stable. */
const KICK = 1e-3;

/** The width of which the names of files say nothing. */
const WIDTH = 16;
const WIDER = 64;

const UP = [0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01, 1.05, 1.2, 1.5, 2];
const UP_WIDER = [0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.01, 1.2, 2];

function run(
  parameterization: Parameterization,
  depth: number,
  path: 'fresh' | 'continued',
  fractions: number[],
  width = WIDTH,
): SweepRun {
  const config: RunConfig = {
    model: { kind: 'deep-linear', depth, width, parameterization },
    sigmaW: 1,
    sigmaB: 0,
    data: { name: 'synthetic', trainSamples: 1, testSamples: 0, subset: 'first', normalization: 'none', x: 1, y: 1 },
    batchSize: 1,
    loss: 'sum-of-squares/2',
    l2Convention: 'half',
    eta: parameterization === 'ntk' ? 0.1 : 0.02,
    // Set by the strength.
    lambda: 0,
    momentum: 0,
    schedule: { kind: 'constant' },
    steps: fractions.length - 1,
    seed: 2,
    measure: { every: 1 },
    path,
    fractions,
    ...(path === 'continued' && { kick: KICK }),
  };
  const named = width === WIDTH ? [] : ['model.width'];
  return { config, varying: ['model.parameterization', 'model.depth', 'path', ...named], role: 'grid' };
}

export const deepLinear: Sweep = {
  name: 'deep-linear',
  title: 'B.1: fixed points of deep linear networks, L = 1, 2, 3, both parameterizations',
  runs(preset: Preset) {
    if (preset === 'smoke') return [run('ntk', 1, 'fresh', [0.5, 1.5])];
    return (['ntk', 'standard'] as const).flatMap((parameterization) =>
      [1, 2, 3].flatMap((depth) => [
        run(parameterization, depth, 'fresh', UP),
        run(parameterization, depth, 'continued', [...UP, ...UP.toReversed()]),
        run(parameterization, depth, 'fresh', UP_WIDER, WIDER),
      ]),
    );
  },
};

export const deepLinearExperiment: Experiment = {
  checksums: () => ({}),
  async *run({ model, seed, eta, path, fractions, kick }): AsyncGenerator<Progress, void, void> {
    const { depth, width, parameterization } = model as unknown as {
      depth: number;
      width: number;
      parameterization: Parameterization;
    };
    const shape = { depth, width, parameterization };
    const fresh = (): DeepLinear => new DeepLinear({ ...shape, seed });
    let network = fresh();
    for (const [step, fraction] of (fractions as number[]).entries()) {
      if (path === 'fresh') network = fresh();
      else if (step > 0) network.perturb(kick as number, seed + step);
      const strength = fraction * collapse(depth).strength;
      const lambda = (strength * outputScale(shape) ** 2) ** (1 / (depth + 1));
      let updates = 0;
      let gradient = Infinity;
      for (; updates < MOST_STEPS && gradient > STATIONARY; updates += 1) gradient = network.step(eta, lambda);
      yield {
        step,
        values: {
          strength,
          lambda,
          f: network.f(),
          squaredNorms: network.squaredNorms(),
          rankRatios: network.rankRatios(),
          updates,
          gradient,
        },
      };
    }
  },
};
