/** Sweeps of your own: defined in a file or a cell, made, read and reported like the paper's. Loads no TensorFlow. */
export { defineSweep } from './define.ts';
export { isDefinitionFile, openDefinition } from './load.ts';
export { halveSweep, timeScale, type Halved, type HalvingOptions, type Rung } from './halving.ts';
export { npmFile, type NpmFile } from './npm.ts';
export { trainSweep, type SweepProgress, type TrainedRun, type TrainSweepOptions } from './train.ts';
export { DefinitionError } from './types.ts';
export type {
  GivenToModels,
  Grid,
  ModelArguments,
  OwnData,
  OwnDefinition,
  OwnModel,
  OwnSet,
  OwnSweep,
  Point,
  Range,
  SettingValue,
  TrainingSettings,
} from './types.ts';
