/** Which runs a command means, and how far each of them is. Reads run files; loads no TensorFlow. */
import { existsSync } from 'node:fs';
import {
  hashConfig,
  lockOwner,
  readRun,
  runPath,
  type Preset,
  type Run,
  type RunConfig,
  type Sweep,
  type SweepRun,
} from '../runs/index.ts';

/** A run with its place on disk. */
export interface PlannedRun extends SweepRun {
  sweep: string;
  preset: Preset;
  /** What the file name shows, e.g. `eta=0.1,lambda=0.01`. */
  name: string;
  file: string;
  /** As of its sweep. */
  definition?: string;
  /** Where to stop before its end, and why: a search compares runs there. */
  until?: { step: number; why: string };
}

/**
 * `interrupted`: begun, not ended, nobody is at it. `damaged`: the file cannot be read; `message` says why.
 * `waiting`: not begun.
 */
export type RunState = 'finished' | 'diverged' | 'running' | 'interrupted' | 'failed' | 'damaged' | 'waiting';

export interface RunStatus {
  run: PlannedRun;
  state: RunState;
  /** Steps done as far as the log tells. */
  step: number;
  /** Seconds of computing so far. */
  seconds: number;
  /** Thread count of a run that was begun: it must go on with it. */
  threads?: number;
  message?: string;
}

/** The runs of a sweep, in order, with their files below `root`. */
export function planRuns(sweep: Sweep, preset: Preset, root: string): PlannedRun[] {
  return sweep.runs(preset).map((run) => {
    const identity = { sweep: sweep.name, preset, config: run.config, hash: hashConfig(run.config) };
    const file = runPath(root, identity, run.varying);
    const name = file
      .slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
      .replace(/-[0-9a-f]{8}\.jsonl$/, '');
    const { definition } = sweep;
    return { ...run, sweep: sweep.name, preset, name, file, ...(definition !== undefined && { definition }) };
  });
}

/** Done for good: another command need not touch it. */
export const isOver = (state: RunState): boolean => state === 'finished' || state === 'diverged';

export function statusOf(run: PlannedRun): RunStatus {
  const status = (state: RunState, rest: Partial<RunStatus> = {}): RunStatus => ({
    run,
    state,
    step: 0,
    seconds: 0,
    ...rest,
  });
  const busy = lockOwner(run.file) !== undefined;
  if (!existsSync(run.file)) return status(busy ? 'running' : 'waiting');
  let read: Run;
  try {
    read = readRun(run.file);
  } catch (error) {
    return status('damaged', { message: (error as Error).message });
  }
  const { header, end, measures, observations } = read;
  const last = measures.at(-1) ?? observations.at(-1);
  const progress = {
    step: end?.step ?? last?.step ?? 0,
    seconds: end?.seconds ?? last?.seconds ?? 0,
    threads: header.threads,
  };
  if (end?.reason === 'finished' || end?.reason === 'diverged') return status(end.reason, progress);
  if (busy) return status('running', progress);
  if (end?.reason === 'failed') return status('failed', { ...progress, message: end.message ?? 'no reason recorded' });
  return status('interrupted', progress);
}

/**
 * Runs that fit any of the selectors, each a list of settings that must all hold: `eta=0.1,lambda=0.01`. Keys may be dotted
 * (`model.widen`). Throws RangeError for a selector that is no list of settings or fits no run.
 */
export function selectRuns<Chosen extends { config: RunConfig; varying?: readonly string[] }>(
  runs: readonly Chosen[],
  selectors: readonly string[],
): Chosen[] {
  if (selectors.length === 0) return [...runs];
  const chosen = new Set<Chosen>();
  for (const selector of selectors) {
    const settings = selector.split(',').map((setting) => {
      const parts = /^\s*([\w.]+)\s*=\s*(.+?)\s*$/.exec(setting);
      if (!parts) throw new RangeError(`--only ${selector}: expected settings such as eta=0.1,lambda=0.01`);
      return { key: parts[1]!, value: parts[2]! };
    });
    for (const { key, value } of settings) {
      const known = new Set(runs.map((run) => String(setting(run, key))));
      if (![...known].some((candidate) => same(candidate, value))) {
        const have = known.has('undefined') && known.size === 1 ? 'no run has that setting' : [...known].join(' ');
        throw new RangeError(`--only ${selector}: no run has ${key}=${value}; there is: ${have}`);
      }
    }
    const fitting = runs.filter((run) => settings.every(({ key, value }) => same(String(setting(run, key)), value)));
    if (fitting.length === 0) throw new RangeError(`--only ${selector}: no run has all of these`);
    for (const run of fitting) chosen.add(run);
  }
  return runs.filter((run) => chosen.has(run));
}

/** `width` finds `model.width` where the run's file name shows it as width. */
function setting({ config, varying = [] }: { config: RunConfig; varying?: readonly string[] }, key: string): unknown {
  const whole = varying.find((shown) => shown.endsWith(`.${key}`)) ?? key;
  return whole
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], config);
}

/** 1e-3 is 0.001. */
function same(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b));
}

/** Runs of the user's own folder; where a run is finished among the committed logs, that one: nobody makes it again. */
export function preferCommitted(own: readonly PlannedRun[], committed: readonly PlannedRun[]): PlannedRun[] {
  return own.map((run, i) => {
    const log = committed[i];
    return log && !existsSync(run.file) && isOver(statusOf(log).state) ? log : run;
  });
}
