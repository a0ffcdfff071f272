/**
 * FC 784-2048-2048-2048-10 on the first 512 MNIST digits, full-batch SGD over eta x lambda.
 * Figures 2a, 2b, 2c; also S1, S6, S11.
 *
 *   npm run train -- fc-eta-lambda --preset desk
 *
 * paper  17 eta x 16 lambda, 2/(eta lambda) epochs (the numerator is illegible, below 10 [A]); lambda = 0: 1e6/eta epochs (exponent
 *        damaged). 64 pairs have eta lambda > 2, where the decay step itself diverges; the formula would give them one step, so
 *        they get up to 1000 and end as diverged.
 * desk   the same network, data and convention, truncated to the pairs that a CPU can finish: 1e-3 <= eta lambda < 2 (118 runs), then
 *        2e-4 <= eta lambda < 1e-3 (19), then lambda = 0 for four eta, 5,000 steps: 80 times what training accuracy 1 takes at the smallest of them (63
 *        steps). From step 2,512 to 5,000 test accuracy still rises there by 0.0006 to 0.0019. Steps in all: see --dry-run.
 *        At eta = 1 every lambda but 0 also has two more seeds, for AutoL2's comparison: the 8 runs of one seed are 6,666 steps.
 *        Expected: 3.8 hours on two cores, of which the first 118 runs take one, the 19 two, lambda = 0 half and the seeds a quarter [145 ms a
 *        step and core, 0.7 s a measurement].
 * smoke  width 32, 256 digits, seconds.
 *
 * One epoch is one step. Measured at every step below 20, then 20 points a decade [A: the paper's cadence is unknown].
 * Which 512 digits is not said in the paper: the first [A].
 */
import type { RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { otherSeeds, pairs, product, stepsFor, toRuns } from './grid.ts';

const ETAS = [0.0025, 0.01, 0.02, 0.025, 0.03, 0.05, 0.08, 0.15, 0.3, 0.5, 1, 1.5, 2, 5, 10, 25, 50];
const LAMBDAS = [1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 50, 100];
/** Three seeds of what AutoL2 is compared with (lib/sweeps/autol2.ts). */
const SEEDED_ETA = 1;
/** Training length in units of 1/(eta lambda). */
const LENGTH = 2;
/** Where eta lambda > 2, |1 - eta lambda| > 1: weights grow without bound whatever the gradient does. */
const DIVERGING_STEPS = 1000;

/** Steps of an FC run: 2/(eta lambda). */
export const fcSteps = (eta: number, lambda: number): number =>
  product(eta, lambda) > 2 ? DIVERGING_STEPS : stepsFor(LENGTH, eta, lambda);

/** The paper's FC run on MNIST, every setting but what a sweep varies. */
export const fcBase = {
  model: { kind: 'fc', sizes: [784, 2048, 2048, 2048, 10], bias: true },
  sigmaW: Math.SQRT2,
  sigmaB: 0,
  data: { name: 'mnist', trainSamples: 512, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
  batchSize: 512,
  loss: 'cross-entropy/k',
  l2Convention: 'half',
  momentum: 0,
  schedule: { kind: 'constant' },
  seed: 0,
  measure: { pointsPerDecade: 20, everyBelow: 20 },
} satisfies Partial<RunConfig>;

/** The same shape in seconds, for tests. */
export const fcSmokeBase = {
  ...fcBase,
  model: { kind: 'fc', sizes: [784, 32, 32, 32, 10], bias: true },
  data: { ...fcBase.data, trainSamples: 256, testSamples: 500 },
  batchSize: 256,
} satisfies Partial<RunConfig>;

const VARYING = ['eta', 'lambda'];

export const fcEtaLambda: Sweep = {
  name: 'fc-eta-lambda',
  title: 'FC 3x2048 on 512 MNIST digits, full batch, eta x lambda',
  runs(preset) {
    switch (preset) {
      case 'paper':
        return [...grid(fcBase, pairs(ETAS, LAMBDAS)), ...withoutL2(fcBase, ETAS, (eta) => Math.ceil(1e6 / eta))];
      case 'desk':
        return [
          ...grid(fcBase, between(1e-3, 2)),
          ...grid(fcBase, between(2e-4, 1e-3)),
          ...withoutL2(fcBase, [0.15, 0.5, 1, 2], () => 5000),
          ...otherSeeds(
            grid(fcBase, between(2e-4, 2)).filter(({ config }) => config.eta === SEEDED_ETA),
            [1, 2],
          ),
        ];
      case 'smoke':
        return [
          // The last pair has eta lambda > 2 and diverges.
          ...grid(fcSmokeBase, [...pairs([0.15, 0.5], [0.05, 0.1, 0.5]), { eta: 50, lambda: 0.1 }]),
          ...withoutL2(fcSmokeBase, [0.5], () => 200),
        ];
    }
  },
};

function between(low: number, high: number): { eta: number; lambda: number }[] {
  return pairs(ETAS, LAMBDAS, (eta, lambda) => product(eta, lambda) >= low && product(eta, lambda) < high);
}

function grid(base: typeof fcBase, points: readonly { eta: number; lambda: number }[]): SweepRun[] {
  return toRuns(
    points.map(({ eta, lambda }) => ({ ...base, eta, lambda, steps: fcSteps(eta, lambda) })),
    VARYING,
  );
}

function withoutL2(base: typeof fcBase, etas: readonly number[], steps: (eta: number) => number): SweepRun[] {
  return toRuns(
    etas.map((eta) => ({ ...base, eta, lambda: 0, steps: steps(eta) })),
    VARYING,
  );
}
