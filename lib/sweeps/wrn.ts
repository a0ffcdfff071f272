/** What the WRN sweeps share: the paper's run as the authors' code makes it, and the sizes of the other presets. Not a sweep. */
import type { RunConfig } from '../runs/index.ts';

/** Steps of a pass over CIFAR-10 in the authors' code: 8 shards of 6,250 images in batches of 128, the last 106 dropped. */
export const STEPS_AN_EPOCH = 48;

/** The authors' learning-rate schedule, where a figure uses one: 0.2 at int(0.3 T) epochs x 1, 2, 3. */
export const wrnSchedule: RunConfig['schedule'] = { kind: 'epochs', fraction: 0.3, drops: 3, factor: 0.2 };

/** The same without epochs, for presets whose data set is smaller. */
export const deskSchedule: RunConfig['schedule'] = { kind: 'steps', fractions: [0.3, 0.6, 0.9], factor: 0.2 };

/** WRN 28-10, batch 1024 on what were 8 devices: batch statistics over 128 samples, shards that never mix, weights from seed 0. */
export const wrnBase = {
  model: { kind: 'wrn', depth: 28, widen: 10 },
  sigmaW: 1,
  sigmaB: 0,
  data: { name: 'cifar10', trainSamples: 50_000, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
  batchSize: 1024,
  batchNormGroup: 128,
  evaluationGroup: 1250,
  shuffle: { kind: 'sharded', shards: 8 },
  measureTraining: 'next-batch',
  loss: 'cross-entropy/k',
  l2Convention: 'full',
  momentum: 0,
  schedule: { kind: 'constant' },
  seed: 0,
  weightSeed: 0,
  // The paper measures every 10 steps; log-spaced points keep a run of 480,000 steps below 100 kB and t* within 3 %.
  measure: { pointsPerDecade: 80, everyBelow: 20 },
} satisfies Partial<RunConfig>;

/**
 * WRN 16-2 on 1,024 images averaged to 16 x 16, batch 128: about 77 ms a step on two slow threads (TensorFlow Python, batch norm over
 * the whole batch). Chosen in trials because training accuracy 1 is reached after 160 to 190 steps (eta 1.6, no augmentation).
 */
export const wrnDesk = {
  ...wrnBase,
  model: { kind: 'wrn', depth: 16, widen: 2, imageSize: 16 },
  data: { ...wrnBase.data, trainSamples: 1024, testSamples: 2500, shrink: 2 },
  batchSize: 128,
  shuffle: { kind: 'plain' },
  measureTraining: 'set',
  measure: { pointsPerDecade: 20, everyBelow: 20 },
} satisfies Partial<RunConfig>;

/** WRN 10-1 on 64 images: seconds. */
export const wrnSmoke = {
  ...wrnDesk,
  model: { kind: 'wrn', depth: 10, widen: 1, imageSize: 16 },
  data: { ...wrnDesk.data, trainSamples: 64, testSamples: 64 },
  batchSize: 32,
  batchNormGroup: 32,
  evaluationGroup: 64,
  measure: { pointsPerDecade: 5, everyBelow: 3 },
} satisfies Partial<RunConfig>;

/** In this order: flip, crop from 4 pixels of zeros, mixup with one weight a sample. */
export const wrnAugmentation = { flip: true, crop: 4, mixup: true } as const;

/** The settings of figures 1 and 4 beside the network. */
export const withMomentum = { momentum: 0.9, eta: 0.2, augmentation: wrnAugmentation } as const;
