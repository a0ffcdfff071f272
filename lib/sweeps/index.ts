/** Every sweep, as data: what is trained, in which order, with which settings. Imports no network and no theory that runs. */
export { FIGURES, figuresOf, panelNames, partsOf } from './figures.ts';
export type { FigureName, FigurePart, PartName } from './figures.ts';
export { findSweep, sweeps, trainingSweeps } from './registry.ts';
export type { Preset, Sweep, SweepRun } from '../runs/index.ts';
