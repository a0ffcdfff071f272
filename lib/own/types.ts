/** What a sweep of your own is made of. Imports no TensorFlow: a file that defines a sweep can be read without it. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import type { ImageSets } from '../datasets/index.ts';
import type { Model } from '../models/index.ts';
import type { MeasureSchedule, RunConfig, Sweep } from '../runs/index.ts';

/** A setting that a grid varies or a run has. */
export type SettingValue = number | string | boolean;

/** One set of labelled samples. */
export interface OwnSet {
  /** n samples row by row, each of `shape`. Uint8Array stays at a byte a value in memory; Int32Array reaches the model as int32 (tokens). */
  x: Uint8Array | Float32Array | Int32Array;
  /** The class of each sample, 0 to classes - 1: [n], or [n, ...labelShape] where the model has logits at several places (e.g. of each token). */
  y: Uint8Array | Int32Array;
}

export interface OwnData {
  /** One word for logs and tables, e.g. `fashion-mnist`. */
  name: string;
  /** Of one sample of x, e.g. [28, 28, 1]. */
  shape: readonly number[];
  /** Of the labels of one sample; default []: one label. */
  labelShape?: readonly number[];
  classes: number;
  train: OwnSet;
  test: OwnSet;
  /**
   * `per-set`: x becomes float32, minus the mean and over the deviation of all values of its own set (the paper's way). Default: as it is; uint8
   * becomes 0 to 255 as float32.
   */
  normalization?: 'per-set' | 'none';
}

/** Where `random` draws a setting from; logarithmically unless `log` is false. `whole`: rounded to whole numbers. */
export interface Range {
  from: number;
  to: number;
  log?: boolean;
  whole?: boolean;
}

/** The values of each setting, by its name. */
export type Grid = Readonly<Record<string, SettingValue | readonly SettingValue[] | Range>>;

type Widened<Value> = Value extends number
  ? number
  : Value extends string
    ? string
    : Value extends boolean
      ? boolean
      : never;

/** One value of each setting of a grid. */
export type Point<G extends Grid = Grid> = {
  [Key in keyof G]: G[Key] extends Range ? number : Widened<G[Key] extends readonly (infer Value)[] ? Value : G[Key]>;
};

/** What every model function is given: tfjs, what the data are like, and the run's length and seed. */
export interface GivenToModels {
  tf: typeof tfTypes;
  /** Shape of one sample. */
  inputShape: number[];
  classes: number;
  seed: number;
  steps: number;
  batchSize: number;
}

/** The same with the settings of a grid. */
export type ModelArguments<G extends Grid = Grid> = GivenToModels & Point<G>;

/**
 * Either tfjs layers with LOGITS [n, ...labelShape, classes] as their only output (no softmax: the loss has it), or a network as lib/models
 * has them: parameters and a pure function.
 */
export type OwnModel = tfTypes.LayersModel | Model;

/** Settings of training, as in a run's configuration (lib/runs/types.ts says what each means). */
export type TrainingSettings = Partial<
  Pick<
    RunConfig,
    | 'batchSize'
    | 'loss'
    | 'l2Convention'
    | 'l2BatchNorm'
    | 'momentum'
    | 'nesterov'
    | 'schedule'
    | 'autoL2'
    | 'adamW'
    | 'sigmaW'
    | 'sigmaB'
    | 'weightSeed'
  >
> & {
  /** The first so many samples; default all. */
  trainSamples?: number;
  testSamples?: number;
};

export interface OwnDefinition<G extends Grid = Grid> extends TrainingSettings {
  /** Name of the sweep and of its folder: small letters, digits and -. */
  name: string;
  /** One line for people. */
  title?: string;
  /** The data, or a function that loads them. Their SHA-256 is part of every run's configuration. */
  data: OwnData | ImageSets | (() => OwnData | ImageSets | Promise<OwnData | ImageSets>);
  /** Makes the network of one run. What it does must follow from its arguments and from the code alone. */
  model: (settings: ModelArguments<G>) => OwnModel;
  /**
   * The values of each setting; every combination is a run. `eta` (learning rate) and `lambda` (L2 coefficient) must be there; settings of training
   * (e.g. `momentum`, `batchSize`, `trainSamples`) act as such, every other name reaches the model function.
   */
  grid: G;
  /**
   * So many points drawn at random from the grid, whose settings may then be ranges, in place of all combinations. More of them keep the first;
   * `keep` may leave some out.
   */
  random?: { runs: number; seed?: number };
  /** Leaves out combinations for which it is false. */
  keep?: (settings: Point<G>) => boolean;
  /** Length of a run in optimizer steps; a function is given the run's settings. */
  steps: number | ((settings: Point<G>) => number);
  /** When a run measures itself; default 20 points a decade and every step below 20. */
  measure?: MeasureSchedule;
  /** Seeds of initial weights, batches and dropout; default [0]. */
  seeds?: readonly number[];
  /** What is different in `--preset smoke`, the same sweep in seconds. Without it there is no such preset. */
  smoke?: Partial<
    Pick<OwnDefinition<G>, 'keep' | 'random' | 'steps' | 'measure' | 'seeds' | keyof TrainingSettings>
  > & {
    grid?: { readonly [Key in keyof G]: SettingValue | readonly SettingValue[] | Range };
  };
}

/** A definition that was found right, with its data. */
export interface OwnSweep extends Sweep {
  data: OwnData;
  /** Of shapes, types and values of the data. */
  dataSha256: string;
  /** Of the source of the model function and of everything in its file, and in files it imports, that it reaches. */
  modelSha256: string;
  model: (settings: never) => OwnModel;
}

/** A definition that cannot be trained as it stands: what was found, what is expected, what to do. */
export class DefinitionError extends RangeError {
  override readonly name = 'DefinitionError';
}
