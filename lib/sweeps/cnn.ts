/** What the CNN sweeps share. Not a sweep. */
import type { Preset, RunConfig, Sweep, SweepRun } from '../runs/index.ts';
import { decimal, threeSeeds, toRuns } from './grid.ts';

/** Whole batches of 128 in a pass over 50,000 images; the rest is dropped [A]. */
export const CNN_STEPS_AN_EPOCH = 390;
const PAPER_LAMBDAS = [5e-5, 1e-4, 5e-4, 1e-3, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2];
/** Denser where training accuracy 1 is reached: with batch norm from 5e-3 down, without from about 2e-3. */
const DESK_LAMBDAS = {
  batchNorm: [3e-4, 5e-4, 1e-3, 1.4e-3, 2e-3, 3e-3, 5e-3, 0.01, 0.02, 0.05, 0.1],
  plain: [5e-4, 7e-4, 1e-3, 1.4e-3, 2e-3, 5e-3, 0.02, 0.1],
};
/** The largest at which the net without batch norm recovers from its first steps (loss 0.7 to 1.8, then below 0.26). */
const DESK_ETA = 0.2;
const VARYING = ['eta', 'lambda'];

export const cnnBase = (batchNorm: boolean) =>
  ({
    model: { kind: 'cnn', channels: 300, dense: 500, batchNorm },
    sigmaW: Math.SQRT2,
    sigmaB: 0,
    data: { name: 'cifar10', trainSamples: 50_000, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
    batchSize: 128,
    evaluationGroup: 1250,
    measureTraining: 'next-batch',
    loss: 'cross-entropy/k',
    l2Convention: 'half',
    eta: 0.01,
    momentum: 0,
    schedule: { kind: 'constant' },
    seed: 0,
    measure: { pointsPerDecade: 40, everyBelow: 20 },
  }) satisfies Partial<RunConfig>;

/** 32 channels on 1,024 images averaged to 16 x 16. */
export const cnnDesk = (batchNorm: boolean) => {
  const base = cnnBase(batchNorm);
  return {
    ...base,
    model: { kind: 'cnn', channels: 32, dense: 100, batchNorm, imageSize: 16 },
    data: { ...base.data, trainSamples: 1024, testSamples: 2500, shrink: 2 },
    measureTraining: 'set',
    eta: DESK_ETA,
    measure: { pointsPerDecade: 20, everyBelow: 20 },
  } satisfies Partial<RunConfig>;
};

/** 8 channels on 64 images: seconds. */
export const cnnSmoke = (batchNorm: boolean) => {
  const base = cnnDesk(batchNorm);
  return {
    ...base,
    model: { kind: 'cnn', channels: 8, dense: 16, batchNorm, imageSize: 16 },
    data: { ...base.data, trainSamples: 64, testSamples: 64 },
    batchSize: 32,
    evaluationGroup: 64,
    measure: { pointsPerDecade: 5, everyBelow: 3 },
  } satisfies Partial<RunConfig>;
};

/** Figure 3's sweep over lambda at one eta, with or without batch norm. */
export function cnnSweep(batchNorm: boolean, about: Pick<Sweep, 'name' | 'title'>, epochsAtZero: number): Sweep {
  const runs = (preset: Preset): SweepRun[] => {
    switch (preset) {
      case 'paper': {
        const base = cnnBase(batchNorm);
        return toRuns(
          [
            ...PAPER_LAMBDAS.map((lambda) => ({
              ...base,
              lambda,
              steps: Math.ceil(decimal(CNN_STEPS_AN_EPOCH / lambda)),
            })),
            { ...base, lambda: 0, steps: epochsAtZero * CNN_STEPS_AN_EPOCH },
          ],
          VARYING,
        );
      }
      case 'desk': {
        const base = cnnDesk(batchNorm);
        const runs = toRuns(
          [
            ...DESK_LAMBDAS[batchNorm ? 'batchNorm' : 'plain'].map((lambda) => ({
              ...base,
              lambda,
              steps: Math.ceil(decimal(3.9 / (DESK_ETA * lambda))),
            })),
            { ...base, lambda: 0, steps: 10_000 },
          ],
          VARYING,
        );
        // Those that fit span a factor of 4 to 5 in lambda: one seed's t* leaves wide intervals.
        return threeSeeds(runs);
      }
      case 'smoke': {
        const base = cnnSmoke(batchNorm);
        return toRuns(
          [0, 0.1, 1].map((lambda) => ({ ...base, lambda, steps: 12 })),
          VARYING,
        );
      }
    }
  };
  return { ...about, runs };
}
