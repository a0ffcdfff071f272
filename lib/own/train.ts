/** The runs of a sweep of one's own, made from a notebook or a script: what `npm run train -- <file>` does, as a function. */
import { availableParallelism } from 'node:os';
import { DATA_FOLDERS, measureSteps, OWN_LOGS, type Preset, type RunEnd } from '../runs/index.ts';
import { isOver, planRuns, selectRuns, statusOf, type PlannedRun, type RunState } from '../runner/index.ts';
import { runPool } from '../runner/pool.ts';
import type { OwnSweep } from './types.ts';

export interface TrainSweepOptions {
  /** Default `desk`. */
  preset?: Preset;
  /** Folder of the logs; default data/local (the last of L2_DYNAMICS_DATA), which workbooks and `npm run verify` read. */
  root?: string;
  /** Only the runs with these settings, e.g. ['lambda=0.01,width=8']; default all. */
  only?: readonly string[];
  /** Stops each run there, to be gone on with; see halveSweep. */
  until?: { step: number; why: string };
  /** Of the runs, those to make; default all. */
  chosen?: (run: PlannedRun) => boolean;
  /** Processes at once; default one a core. A sweep defined in a cell, without a file, is trained in this process, run after run. */
  jobs?: number;
  /** Ends after a checkpoint; the same call goes on. In a notebook: `cell.signal`. */
  signal?: AbortSignal;
  /** Told at the start and the end of each run, and about every second between. */
  onProgress?: (progress: SweepProgress) => void;
}

export interface SweepProgress {
  /** The run that this tells of, as its file is named: eta=0.1,lambda=0.01,seed=0. */
  run: string;
  state: 'running' | Ended;
  step: number;
  steps: number;
  /** Why it failed. */
  message?: string;
  /** Runs that are over, and all. */
  done: number;
  all: number;
}

type Ended = RunEnd['reason'] | 'elsewhere' | 'damaged';

/** How a run stands after the call. */
export interface TrainedRun {
  run: string;
  state: RunState;
  step: number;
  seconds: number;
  file: string;
  /** Why it failed, or what is wrong with its file. */
  message: string;
}

const PROGRESS_MS = 1000;

/** Whether the log has the last measurement up to this step, and nobody is at it. */
function hasReached(run: PlannedRun, step: number): boolean {
  const last = measureSteps(run.config.measure, run.config.steps).findLast((at) => at <= step) ?? 0;
  const { state, step: at } = statusOf(run);
  return state !== 'waiting' && state !== 'running' && at >= last;
}

/**
 * Makes every run that is not over; resumes those begun. One that fails stops no other.
 * @throws DefinitionError before any run has a log, where the model cannot be built; RangeError for `only` that fits no run
 */
export async function trainSweep(sweep: OwnSweep, options: TrainSweepOptions = {}): Promise<TrainedRun[]> {
  const { preset = 'desk', root = DATA_FOLDERS.at(-1) ?? OWN_LOGS, only = [] } = options;
  const { jobs = availableParallelism(), signal, onProgress, until, chosen = () => true } = options;
  const planned = selectRuns(planRuns(sweep, preset, root), only).filter((run) => chosen(run));
  const runs = planned.map((run) => (until ? { ...run, until } : run));
  const isThere = (run: PlannedRun): boolean => until !== undefined && hasReached(run, until.step);
  const open = runs.filter((run) => !isOver(statusOf(run).state) && !isThere(run));
  if (open.length > 0) {
    const { checkModel } = await import('./network.ts');
    for (const { config } of new Map(open.map((run) => [JSON.stringify(run.config.model), run])).values())
      checkModel(sweep, config);
  }
  let done = runs.length - open.length;
  const tell = (run: PlannedRun, state: SweepProgress['state'], step: number, message?: string): void =>
    onProgress?.({
      ...{ run: run.name, state, step, steps: run.config.steps, done, all: runs.length },
      ...(message !== undefined && { message }),
    });
  const last = new Map<PlannedRun, number>();
  const toldLately = (run: PlannedRun): boolean => {
    const now = performance.now();
    if (now - (last.get(run) ?? -Infinity) < PROGRESS_MS) return true;
    last.set(run, now);
    return false;
  };
  if (sweep.definition !== undefined) {
    await runPool(open, {
      ...{ root, jobs, threads: 1, ...(signal && { signal }) },
      onEvent(event) {
        if (event.kind === 'start') tell(event.run, 'running', event.fromStep);
        else if (event.kind === 'progress') {
          if (!toldLately(event.run)) tell(event.run, 'running', event.step);
        } else {
          if (isOver(event.outcome as RunState)) done++;
          tell(event.run, event.outcome, event.step, event.message);
        }
      },
    });
  } else await here(open);
  return runs.map((run) => {
    const { state, step, seconds, message = '' } = statusOf(run);
    return { run: run.name, state, step, seconds, file: run.file, message };
  });

  /** Without a file that a process of its own could read. */
  async function here(planned: readonly PlannedRun[]): Promise<void> {
    const { ownNetwork } = await import('./network.ts');
    const { recordRun } = await import('../training/index.ts');
    for (const run of planned) {
      if (signal?.aborted) return;
      tell(run, 'running', 0);
      try {
        const end = await recordRun(run, {
          ...{
            root,
            ...(signal && { signal }),
            ...(until && { until }),
            network: (config) => ownNetwork(sweep, config),
          },
          onEvent(event) {
            if (event.kind === 'progress' && !toldLately(run)) tell(run, 'running', event.step);
          },
        });
        if (isOver(end.reason as RunState)) done++;
        tell(run, end.reason, end.step, end.message);
      } catch (error) {
        tell(run, 'failed', 0, (error as Error).message);
      }
    }
  }
}
