/** Losses, updates and the training loop. */
export { AutoL2, type AutoL2Options, type AutoL2Reading, type AutoL2State } from './auto-l2.ts';
export { autoL2ForLayers, type LayersAutoL2, type LayersAutoL2Options } from './layers-model.ts';
export type { Network } from './network.ts';
export { learningRate, type LearningRate } from './learning-rate.ts';
export { meanError, meanLoss } from './losses.ts';
export {
  train,
  type Checkpoint,
  type Progress,
  type TrainingEvent,
  type TrainingState,
  type TrainOptions,
} from './train.ts';
export { recordRun, type RecordOptions } from './record.ts';
