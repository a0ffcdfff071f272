import { hashConfig } from '../runs/index.ts';
import type { Run, RunConfig } from '../runs/index.ts';

/** How much of a planned grid is there. */
export interface Coverage {
  planned: number;
  /** Planned runs that ended: finished or diverged. */
  ended: number;
  diverged: number;
  /** Planned runs that were begun and not ended. */
  unfinished: number;
  /** Configurations without a file. */
  missing: RunConfig[];
  /** Runs that are there and not in the plan. */
  extra: Run[];
}

/** Compares runs with the configurations that a sweep plans, by hash. */
export function coverage(runs: readonly Run[], planned: readonly { config: RunConfig }[]): Coverage {
  const byHash = new Map(runs.map((run) => [run.header.hash, run]));
  const configs = new Map(planned.map(({ config }) => [hashConfig(config), config]));
  const found = [...configs.keys()].map((hash) => byHash.get(hash)).filter((run) => run !== undefined);
  const isOver = (run: Run) => run.end?.reason === 'finished' || run.end?.reason === 'diverged';
  return {
    planned: configs.size,
    ended: found.filter(isOver).length,
    diverged: found.filter((run) => run.end?.reason === 'diverged').length,
    unfinished: found.filter((run) => !isOver(run)).length,
    missing: [...configs].filter(([hash]) => !byHash.has(hash)).map(([, config]) => config),
    extra: runs.filter((run) => !configs.has(run.header.hash)),
  };
}
