/** Losses, updates and the training loop. */
export { meanError, meanLoss } from './losses.ts';
export { measureSteps } from './schedule.ts';
export {
  train,
  type Checkpoint,
  type Progress,
  type TrainingEvent,
  type TrainingState,
  type TrainOptions,
} from './train.ts';
export { planFile, recordRun, type RecordOptions, type RunPlan } from './record.ts';
