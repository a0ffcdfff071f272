/** The lines of a run file: `data/runs/<sweep>/<preset>/<what varies>-<hash8>.jsonl`, one JSON object a line, append-only. */

import type { RunRole } from './sweep.ts';

/** Versions of the line formats in this file, all of them read: 1 without, 2 with a running digest in every line (`digest.ts`). */
export const SCHEMAS = [1, 2] as const;

/** The version that new runs get; a run that is resumed keeps its own. No number depends on it. */
export const SCHEMA: (typeof SCHEMAS)[number] = 2;

/** Raised whenever code changes the numbers a run produces; analysis refuses to mix versions in one figure. */
export const NUMERICS = 1;

/** `half`: (lambda/2) sum theta^2, the paper's text. `full`: lambda sum theta^2, the authors' code (used for WRN). */
export type L2Convention = 'half' | 'full';

/**
 * Cross-entropy divided by the number of classes (paper), plain cross-entropy, half the mean squared error over batch and classes,
 * or half the SUM of squared errors over samples, without a mean (the paper's theory).
 */
export type LossName = 'cross-entropy/k' | 'cross-entropy' | 'mse' | 'sum-of-squares/2';

/** When to measure: every step below `everyBelow`, then `pointsPerDecade` log-spaced steps; or every `every` steps. Always step 0 and the last. */
export type MeasureSchedule = { pointsPerDecade: number; everyBelow: number } | { every: number };

/**
 * How eta moves: `constant`; `steps`, multiplied by `factor` at each fraction of the run (paper: 0.2 at 0.3, 0.6, 0.9); `epochs`,
 * the authors' code for the same, `drops` boundaries at multiples of int(fraction T) epochs; `warmup`, ResNet-50's.
 */
export type EtaSchedule =
  | { kind: 'constant' }
  | { kind: 'steps'; fractions: number[]; factor: number }
  | { kind: 'epochs'; fraction: number; drops: number; factor: number }
  | { kind: 'warmup'; warmupEpochs: number; drops: number[]; of: number; factor: number };

/** How minibatches are drawn: over all samples, or as the authors' code does, each shard shuffling its own fixed part. */
export type Shuffle = { kind: 'plain' } | { kind: 'sharded'; shards: number };

/** Flip with probability 1/2, crop from `crop` pixels of padding, mixup with one Beta(1, 1) weight a sample, in this order. */
export interface Augmentation {
  flip?: boolean;
  crop?: number;
  mixup?: boolean;
}

/** Everything that changes the numbers of a run, and nothing else. Its canonical JSON is what the hash is taken of. */
export interface RunConfig {
  /**
   * e.g. { kind: 'fc', sizes: [784, 2048, 2048, 2048, 10], bias: true } or { kind: 'wrn', depth: 28, widen: 10 }; kind `own` has the hash of its
   * `source` and the settings of its model function (lib/own).
   */
  model: { kind: string; [parameter: string]: unknown };
  sigmaW: number;
  sigmaB: number;
  data: {
    /** `own`: of a sweep of one's own (lib/own), with a `title` and the `sha256` of all their values. */
    name: 'mnist' | 'cifar10' | 'imagenet' | 'synthetic' | 'own';
    trainSamples: number;
    testSamples: number;
    subset: 'first';
    /** One mean and deviation over all pixels and channels of each set (the authors' code), none, or the TPU reference's constants. */
    normalization: 'per-set' | 'none' | 'imagenet';
    /** Averages windows of shrink x shrink pixels before normalising: 2 makes 16x16 of CIFAR-10. Default 1. */
    shrink?: number;
    [parameter: string]: unknown;
  };
  batchSize: number;
  loss: LossName;
  l2Convention: L2Convention;
  eta: number;
  lambda: number;
  momentum: number;
  schedule: EtaSchedule;
  /** Length of the run in optimizer steps. */
  steps: number;
  /** Seeds initial weights, batches and augmentation through the counter-based generator. */
  seed: number;
  measure: MeasureSchedule;
  /** Nesterov's form of the momentum; default false. */
  nesterov?: boolean;
  /** Whether the L2 term has batch-norm scales and offsets; default true. ResNet-50: false. */
  l2BatchNorm?: boolean;
  /** Seeds the initial weights where they are not to move with `seed` (WRN code: always 0). */
  weightSeed?: number;
  /** Samples of a training batch that share batch statistics, and pair up in mixup; default the whole batch. */
  batchNormGroup?: number;
  /** Test samples measured together (batch statistics: WRN code 1250); default the whole test set. */
  evaluationGroup?: number;
  /** Parts of a batch whose gradients are added up before the update, for batches that do not fit; default 1. */
  accumulate?: number;
  /** Default plain. Without meaning where a batch is the whole set. */
  shuffle?: Shuffle;
  augmentation?: Augmentation;
  /** What training loss and error are of: the whole set (default), or the next batch with its augmentation (WRN code). */
  measureTraining?: 'set' | 'next-batch';
  /** AutoL2 instead of a constant lambda, starting from `lambda`. */
  autoL2?: { reading: 'paper' | 'code'; every: number; factor: number; refractory: number };
  /**
   * AdamW in place of SGD: lambda is its decoupled decay, theta -= eta (m / (sqrt(v) + epsilon) + lambda theta), as in optax. Then momentum is 0
   * and l2Convention `half`: weights lose eta lambda of themselves a step.
   */
  adamW?: { beta1: number; beta2: number; epsilon: number };
  /** Further settings of single sweeps, flat and JSON-able. */
  [option: string]: unknown;
}

/** First line: what was run, by what, on what. */
export interface RunHeader {
  kind: 'run';
  schema: number;
  numerics: number;
  sweep: string;
  preset: string;
  config: RunConfig;
  /** SHA-256 of the configuration's canonical JSON, hex. The file name carries its first 8 digits. */
  hash: string;
  /** SHA-256, hex, of each data file read, by file name. */
  datasets: Record<string, string>;
  git: { commit: string; dirty: boolean };
  versions: Record<string, string>;
  device: 'cpu' | 'gpu';
  threads: number;
  cpu: string;
  /** ISO 8601. */
  startedAt: string;
}

/** One measurement, taken BEFORE the update of step `step` (after `step` updates). Losses are without the L2 term. */
export interface Measure {
  kind: 'measure';
  step: number;
  epoch: number;
  /** Seconds of training and measuring since the run started, over all its sessions. The only field a resume may change. */
  seconds: number;
  trainLoss: number;
  /** Fraction of wrong answers, 0 to 1. */
  trainError: number;
  testLoss: number;
  testError: number;
  /** Sum of squares of the penalised parameters. */
  l2Norm: number;
  /** Values in force for the next update. */
  eta: number;
  lambda: number;
}

export interface ResumeEvent {
  kind: 'resume';
  step: number;
  at: string;
}

export interface L2DecayEvent {
  kind: 'l2-decay';
  step: number;
  lambda: number;
}

export type RunEvent = ResumeEvent | L2DecayEvent;

/**
 * What a run of lib/theory measures instead of losses, e.g. the function on every sample and the tangent kernel; or the training loss and
 * error by which AutoL2 decided between two measurements. BEFORE the update of `step`.
 */
export interface Observation {
  kind: 'observe';
  step: number;
  /** As in `Measure`: the only field a resume may change. */
  seconds: number;
  values: Record<string, number | number[]>;
}

/** Last line. `diverged`: loss or norm was no longer finite at `step`. */
export interface RunEnd {
  kind: 'end';
  reason: 'finished' | 'diverged' | 'stopped' | 'failed';
  step: number;
  seconds: number;
  message?: string;
}

export type RunLine = RunHeader | Measure | Observation | RunEvent | RunEnd;

/** A run file as read, or as `openSweeps` gives it with its role. `end` is absent while the run is unfinished; `torn` tells of a cut last line that was skipped. */
export interface Run {
  file: string;
  /** What its sweep's plan makes it for. Absent in a run as read from its file, and in one that is beyond the plan. */
  role?: RunRole;
  header: RunHeader;
  measures: Measure[];
  observations: Observation[];
  events: RunEvent[];
  end?: RunEnd;
  torn: boolean;
}
