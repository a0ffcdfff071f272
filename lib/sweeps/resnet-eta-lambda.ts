/**
 * ResNet-50 on ImageNet, not overparameterized: eta x lambda at one length, and lambda x length at one eta. Figure S8.
 *
 *   npm run train -- resnet-eta-lambda --preset desk
 *
 * The paper's TPU reference: batch 8192, Nesterov 0.9, base rate eta per 256 samples, 5 epochs of warm-up, divided by 10 at 30, 60, 80 of
 * 90 epochs, the L2 term with the half and without batch-norm variables, loss not divided by 1000. "14,232 epochs" must be steps: 91
 * epochs. Both grids are not given [A]; whether the paper's eta is the base rate is not stated: here it is, so eta = 0.1 trains at 3.2.
 * paper  ImageNet from the user's own folder, named by L2_DYNAMICS_IMAGENET (lib/datasets/README.md). Batch statistics over 256 samples [A].
 * desk   WRN 10-1 (77,000 parameters) on all of CIFAR-10 averaged to 8 x 8, batch 128, the same schedule over 3,000 steps: a stand-in that
 *        is not overparameterized either. Tried: 100 steps at eta 0.05 and lambda 1e-4, test accuracy 0.388, 11 ms a step, one thread.
 *        Lambda is doubled where eta is, so that lines of equal eta lambda have up to four runs; (b) has 1,500 to 12,000 steps. Lambda above
 *        0.0016 in (a) and above 0.0032 in (b) was added after the first logs, in which the best was at that edge. Three seeds where (b) is decided:
 *        the longest runs of three lambda.
 *        On 2026-11-29, after all of these had been seen: the grid of (a) over 12,000 steps too, since after 3,000 no lambda has settled, and in (b)
 *        24,000 steps and lambda = 0, three seeds each.
 *        Expected: half an hour on two cores [255,000 steps, measurements of 10,000 test images], and an hour and a quarter for those of
 *        2026-11-29 [650,000 steps].
 * smoke  WRN 10-1 on 64 images, seconds.
 */
import { hashConfig } from '../runs/index.ts';
import type { RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { decimal, inOrder, otherSeeds, pairs, threeSeeds } from './grid.ts';

const VARYING = ['eta', 'lambda', 'steps'];
const ETAS = [0.025, 0.05, 0.1, 0.2, 0.4];
/** Of (b), in units of the base rate. */
const STRETCHED_ETA = 0.1;
const LAMBDAS = [1.25e-5, 2.5e-5, 5e-5, 1e-4, 2e-4, 4e-4, 8e-4];
const B_LAMBDAS = [1.25e-5, 2.5e-5, 5e-5, 1e-4, 2e-4];
/** Of (b): the smallest, and the two among which the best is expected. */
const DECIDING = [5e-5, 3.2e-3, 1.28e-2];
/** The longer grid of the desk, in units of its length, and what is trained for longer still: without L2, the smallest lambda, the best ones. */
const LONG_GRID = 4;
const LONGEST = 8;
const LONGEST_LAMBDAS = [0, 5e-5, 8e-4, 3.2e-3];

const schedule: RunConfig['schedule'] = { kind: 'warmup', warmupEpochs: 5, drops: [30, 60, 80], of: 90, factor: 0.1 };

const base = {
  model: { kind: 'resnet50' },
  sigmaW: 1, // the reference's variance scaling has scale 1
  sigmaB: 0,
  data: { name: 'imagenet', trainSamples: 1_281_167, testSamples: 50_000, subset: 'first', normalization: 'imagenet' },
  batchSize: 8192,
  batchNormGroup: 256,
  evaluationGroup: 250,
  accumulate: 32,
  measureTraining: 'next-batch',
  loss: 'cross-entropy',
  l2Convention: 'half',
  l2BatchNorm: false,
  momentum: 0.9,
  nesterov: true,
  schedule,
  seed: 0,
  measure: { pointsPerDecade: 40, everyBelow: 2 },
} satisfies Partial<RunConfig>;

const desk = {
  ...base,
  model: { kind: 'wrn', depth: 10, widen: 1, imageSize: 8 },
  sigmaW: 1,
  data: {
    name: 'cifar10',
    trainSamples: 50_000,
    testSamples: 10_000,
    subset: 'first',
    normalization: 'per-set',
    shrink: 4,
  },
  batchSize: 128,
  batchNormGroup: 128,
  evaluationGroup: 1250,
  accumulate: 1,
  measure: { pointsPerDecade: 20, everyBelow: 2 },
} satisfies Partial<RunConfig>;

export const resnetEtaLambda: Sweep = {
  name: 'resnet-eta-lambda',
  title: 'ResNet-50 on ImageNet, eta x lambda and lambda x length',
  runs(preset) {
    switch (preset) {
      case 'paper':
        // 256 samples a unit of the base rate.
        return grids(base, base.batchSize / 256, 14_232, [0.5, 1, 2, 4], ETAS, LAMBDAS, B_LAMBDAS);
      case 'desk': {
        const steps = 3000;
        const etas = [0.05, 0.1, 0.2, 0.4];
        const lambdas = [2e-4, 4e-4, 8e-4, 1.6e-3, 3.2e-3, 6.4e-3, 1.28e-2]; // in steps of eta, so that equal eta lambda recurs
        const stretched = [5e-5, 2e-4, 8e-4, 3.2e-3, 1.28e-2];
        const runs = grids(desk, 1, steps, [0.5, 1, 2, 4], etas, lambdas, stretched);
        const deciding = runs.filter(({ config }) => config.steps === 4 * steps && DECIDING.includes(config.lambda));
        const lengths = inOrder([
          lengthOf(desk, 0, LONG_GRID * steps),
          ...LONGEST_LAMBDAS.map((lambda) => lengthOf(desk, lambda, LONGEST * steps)),
        ]);
        const longGrid = pairs(etas, lambdas).map(({ eta, lambda }) => ({
          ...lengthOf({ ...desk, eta }, lambda, LONG_GRID * steps),
          role: 'grid' as const,
        }));
        return withLongGrid([...runs, ...otherSeeds(deciding, [1, 2]), ...threeSeeds(lengths), ...longGrid]);
      }
      case 'smoke': {
        const smoke = {
          ...desk,
          data: { ...desk.data, trainSamples: 64, testSamples: 64 },
          batchSize: 32,
          batchNormGroup: 32,
          evaluationGroup: 64,
        };
        return grids(smoke, 1, 10, [1, 2], [0.1], [1e-3, 1e-2], [1e-3]);
      }
    }
  },
};

/** A run of another length; at the learning rate of (b) where the settings have none of their own. */
const lengthOf = (settings: Omit<RunConfig, 'eta' | 'lambda' | 'steps'>, lambda: number, steps: number): SweepRun => ({
  config: { eta: STRETCHED_ETA, ...settings, lambda, steps } as RunConfig,
  varying: VARYING,
  role: 'lengths',
});

/** Without repeats, in the order given: a length that is also a point of the long grid is both. */
function withLongGrid(runs: readonly SweepRun[]): SweepRun[] {
  const byHash = new Map<string, SweepRun>();
  for (const run of runs) {
    const hash = hashConfig(run.config);
    const before = byHash.get(hash);
    byHash.set(hash, before ? { ...before, role: 'grid and lengths' } : run);
  }
  return [...byHash.values()];
}

function grids(
  settings: Omit<RunConfig, 'eta' | 'lambda' | 'steps'>,
  rateFactor: number,
  steps: number,
  stretches: readonly number[],
  etas: readonly number[],
  lambdas: readonly number[],
  stretchedLambdas: readonly number[],
): SweepRun[] {
  const run = (eta: number, lambda: number, length: number): SweepRun => ({
    config: { ...settings, eta: decimal(eta * rateFactor), lambda, steps: length } as RunConfig,
    varying: VARYING,
    role: length !== steps ? 'lengths' : eta === STRETCHED_ETA ? 'grid and lengths' : 'grid',
  });
  return inOrder([
    ...pairs(etas, lambdas).map(({ eta, lambda }) => run(eta, lambda, steps)),
    ...stretchedLambdas.flatMap((lambda) => stretches.map((stretch) => run(STRETCHED_ETA, lambda, steps * stretch))),
  ]);
}
