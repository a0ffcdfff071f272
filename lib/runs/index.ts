/** The run file: write, read, verify, resume. Imports nothing of the rest of lib. */

export { checkpointPath, readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.ts';
export type { Checkpoint, CheckpointArray } from './checkpoint.ts';
export { codeVersion } from './code.ts';
export { canonicalJson, hashConfig, runPath } from './config.ts';
export type { RunIdentity } from './config.ts';
export { RunFileError } from './error.ts';
export { git } from './git.ts';
export { MEASURED } from './lines.ts';
export { lockOwner, type LockOwner } from './lock.ts';
export { openRun, planFile } from './open.ts';
export type { OpenRun, RunFacts, RunPlan } from './open.ts';
export { COMMITTED_LOGS, DATASETS, HANDOVER, NOTEBOOKS, OWN_LOGS, REPORT, ROOT } from './places.ts';
export { readRun } from './read.ts';
export { DATA_FOLDERS, readRuns } from './scan.ts';
export type { RunSelection, Scan } from './scan.ts';
export { measureSteps } from './schedule.ts';
export { presets } from './sweep.ts';
export type { Preset, RunRole, Sweep, SweepRun } from './sweep.ts';
export { NUMERICS, SCHEMA, SCHEMAS } from './types.ts';
export type {
  Augmentation,
  EtaSchedule,
  L2Convention,
  L2DecayEvent,
  LossName,
  Measure,
  MeasureSchedule,
  Observation,
  ResumeEvent,
  Run,
  RunConfig,
  RunEnd,
  RunEvent,
  RunHeader,
  RunLine,
  Shuffle,
} from './types.ts';
export { verifyRuns } from './verify.ts';
export type { Verification } from './verify.ts';
export { RunWriter } from './write.ts';
