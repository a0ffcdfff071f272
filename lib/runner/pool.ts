/** A pool of child processes, one run each. Knows nothing of terminals: it reports what happens. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { threadEnvironment } from '../compute/threads.ts';
import type { RunEnd } from '../runs/index.ts';
import type { FromChild, ToChild } from './messages.ts';
import { isOver, statusOf } from './plan.ts';
import type { PlannedRun } from './plan.ts';

export type PoolEvent =
  | { kind: 'start'; run: PlannedRun; threads: number; fromStep: number }
  | { kind: 'progress'; run: PlannedRun; step: number; seconds: number }
  /** `elsewhere`: another process is writing this run. `damaged`: its file cannot be read; nothing was touched. */
  | { kind: 'done'; run: PlannedRun; outcome: Outcome; seconds: number; step: number; message?: string };

export type Outcome = RunEnd['reason'] | 'elsewhere' | 'damaged';

export interface PoolOptions {
  root: string;
  /** Processes at once. */
  jobs: number;
  /** Threads of a run that is not begun yet; one that is goes on with its own. */
  threads: number;
  /** Aborted once: children write a checkpoint and end, no run starts any more. */
  signal?: AbortSignal;
  /** Aborted: children are killed. Their logs stay resumable. */
  killSignal?: AbortSignal;
  onEvent?: (event: PoolEvent) => void;
  /** Module of the child process, for tests. */
  child?: string;
}

/** Lines of a crashed child's stderr that its failure shows. */
const STDERR_LINES = 5;

/**
 * Makes every run that is not over, in order, at most `jobs` at a time; resolves with how each ended. Runs that are over are not
 * touched and not reported. A run that fails stops no other.
 */
export async function runPool(runs: readonly PlannedRun[], options: PoolOptions): Promise<Map<PlannedRun, Outcome>> {
  const { jobs, signal, onEvent } = options;
  const outcomes = new Map<PlannedRun, Outcome>();
  const queue = [...runs];
  const worker = async (): Promise<void> => {
    for (;;) {
      const run = signal?.aborted ? undefined : queue.shift();
      if (!run) return;
      // Looked at just before it starts: another command on the same folder may have made it meanwhile.
      const status = statusOf(run);
      if (isOver(status.state)) continue;
      const done =
        status.state === 'running'
          ? { outcome: 'elsewhere' as const }
          : status.state === 'damaged'
            ? { outcome: 'damaged' as const, ...(status.message !== undefined && { message: status.message }) }
            : undefined;
      const result = done ?? (await runChild(run, status.threads ?? options.threads, status.step, options));
      outcomes.set(run, result.outcome);
      onEvent?.({ kind: 'done', run, seconds: status.seconds, step: status.step, ...result });
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, worker));
  return outcomes;
}

interface ChildResult {
  outcome: Outcome;
  message?: string;
  seconds?: number;
  step?: number;
}

function runChild(run: PlannedRun, threads: number, fromStep: number, options: PoolOptions): Promise<ChildResult> {
  const { root, signal, killSignal, onEvent, child: module = join(import.meta.dirname, 'child.ts') } = options;
  onEvent?.({ kind: 'start', run, threads, fromStep });
  return new Promise((resolve) => {
    const child = fork(module, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...threadEnvironment(threads) },
      execArgv: [],
    });
    let last: Exclude<FromChild, { kind: 'progress' }> | undefined;
    let stderr = '';
    const stop = (): void => send(child, { kind: 'stop' });
    const kill = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    killSignal?.addEventListener('abort', kill, { once: true });

    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-10_000)));
    child.on('message', (message: FromChild) => {
      if (message.kind === 'progress') onEvent?.({ ...message, kind: 'progress', run });
      else last = message;
    });
    child.on('error', (error) => (last ??= { kind: 'error', message: error.message }));
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      killSignal?.removeEventListener('abort', kill);
      resolve(childResult(run, last, signal?.aborted ?? false, stderr, code, killedBy));
    });
    const { sweep, preset, config, varying, definition, until } = run;
    const plan = {
      sweep,
      preset,
      config,
      varying,
      ...(definition !== undefined && { definition }),
      ...(until && { until }),
    };
    send(child, { kind: 'run', plan, root });
    if (signal?.aborted) stop();
  });
}

function childResult(
  run: PlannedRun,
  last: Exclude<FromChild, { kind: 'progress' }> | undefined,
  stopping: boolean,
  stderr: string,
  code: number | null,
  killedBy: NodeJS.Signals | null,
): ChildResult {
  if (last?.kind === 'end') {
    const { reason, step, seconds, message } = last.end;
    return { outcome: reason, step, seconds, ...(message !== undefined && { message }) };
  }
  if (last?.kind === 'error') {
    // Two commands may start the same run within a second: the log's lock lets one of them have it, who may be done by now.
    const { state } = statusOf(run);
    return state === 'running' || isOver(state)
      ? { outcome: 'elsewhere' }
      : { outcome: 'failed', message: last.message };
  }
  if (stopping && killedBy) return { outcome: 'stopped', message: `killed by ${killedBy}` };
  const how = killedBy ? `was killed by ${killedBy}` : `ended with code ${code}`;
  const tail = stderr.trim().split('\n').slice(-STDERR_LINES).join('\n').trim();
  return { outcome: 'failed', message: `its process ${how}${tail ? `: ${tail}` : ''}` };
}

function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}
