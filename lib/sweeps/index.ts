/** Every sweep, as data: what is trained, in which order, with which settings. Imports no network and no theory that runs. */
export { findSweep, sweeps, trainingSweeps } from './registry.ts';
export type { Preset, Sweep, SweepRun } from '../runs/index.ts';
