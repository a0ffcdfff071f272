/** What a sweep is: a named list of run configurations in three sizes. */
import type { RunConfig } from './types.ts';

/**
 * `paper`: exactly the paper's grid, for GPUs or a cluster. `desk`: what two CPU cores make in about two hours a seed with real data.
 * `smoke`: the same shape in seconds, for tests.
 */
export type Preset = 'paper' | 'desk' | 'smoke';

export const presets: readonly Preset[] = ['paper', 'desk', 'smoke'];

/**
 * What a sweep makes a run for. Stands beside the configuration, outside its hash: two figures may use one run, and what it is for is no
 * part of what it computes. A run that no plan has is read without a role.
 *
 * - `grid`: a point of a grid of eta and lambda, or of width; `without L2`: the same at lambda = 0.
 * - `lengths`: another length at one eta, figure S8b; `grid and lengths`: a point of the grid that is one of these, too.
 * - `constant`: a constant lambda that others are compared with; `AutoL2`: lambda decays by AutoL2.
 * - `short`: gives c = t* lambda; `predicted`, `predicted, 2c`: of length T at lambda = c/T or 2c/T.
 * - `fixed budget`, `budget 1/lambda`: the two lengths of figure 1a; `both budgets`: where they are equal; `paper clock`: 0.1/lambda epochs.
 * - `kernel`, `training`: what figure 5c measures of its network.
 */
export type RunRole =
  | 'grid'
  | 'without L2'
  | 'lengths'
  | 'grid and lengths'
  | 'constant'
  | 'AutoL2'
  | 'short'
  | 'predicted'
  | 'predicted, 2c'
  | 'fixed budget'
  | 'budget 1/lambda'
  | 'both budgets'
  | 'paper clock'
  | 'kernel'
  | 'training';

/** One run of a sweep, what it is for, and the settings its file name shows. */
export interface SweepRun {
  config: RunConfig;
  /** Keys of the configuration, dotted when nested; see runPath. */
  varying: readonly string[];
  role: RunRole;
}

export interface Sweep {
  /** File and folder name: what it trains, not which figure it feeds. */
  name: string;
  /** One line for `npm run train -- --list`. */
  title: string;
  /** Of a sweep of one's own: the file whose default export it is, an absolute path. */
  definition?: string;
  /** The runs of a preset in the order they are to be made, cheapest first; no configuration twice. */
  runs(preset: Preset): SweepRun[];
}
