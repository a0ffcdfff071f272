/** What a sweep is: a named list of run configurations in three sizes. */
import type { RunConfig } from './types.ts';

/**
 * `paper`: exactly the paper's grid, for GPUs or a cluster. `desk`: what two CPU cores make in about two hours a seed with real data.
 * `smoke`: the same shape in seconds, for tests.
 */
export type Preset = 'paper' | 'desk' | 'smoke';

export const presets: readonly Preset[] = ['paper', 'desk', 'smoke'];

/** One run of a sweep, and the settings its file name shows. */
export interface SweepRun {
  config: RunConfig;
  /** Keys of the configuration, dotted when nested; see runPath. */
  varying: readonly string[];
  /** What the run is for, where settings alone do not say it; outside the configuration and its hash. */
  role?: string;
}

export interface Sweep {
  /** File and folder name: what it trains, not which figure it feeds. */
  name: string;
  /** Figures of the paper that read these runs. */
  figures: readonly string[];
  /** One line for `npm run train -- --list`. */
  title: string;
  /** The runs of a preset in the order they are to be made, cheapest first; no configuration twice. */
  runs(preset: Preset): SweepRun[];
}
