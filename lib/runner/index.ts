/** What a command may ask about a sweep before it makes it: which runs, how far they are, what they cost. Loads no TensorFlow. */
export { costOf, forwardFlops, gpuHours, gpus } from './cost.ts';
export type { Cost } from './cost.ts';
export { isOver, planRuns, selectRuns, statusOf } from './plan.ts';
export type { PlannedRun, RunState, RunStatus } from './plan.ts';
