/** Sweeps as data, and what a command may ask about them. Loads no TensorFlow. */
export { costOf, forwardFlops, gpuHours, gpus } from './cost.ts';
export type { Cost } from './cost.ts';
export { isOver, planRuns, selectRuns, statusOf } from './plan.ts';
export type { PlannedRun, RunState, RunStatus } from './plan.ts';
export { findSweep, sweeps, trainingSweeps } from './registry.ts';
export { presets } from './types.ts';
export type { Preset, Sweep, SweepRun } from './types.ts';
