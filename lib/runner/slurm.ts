/** The same sweep on a cluster: one Slurm job array whose tasks each make several runs with the command a person would type. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFile } from '../runs/durable.ts';
import { hashConfig, type Sweep } from '../runs/index.ts';
import type { PlannedRun } from './plan.ts';
import { workOf } from './progress.ts';

const run = promisify(execFile);

/** Tasks for each one that runs at a time: enough to even out runs of unequal length. */
const TASKS_A_PLACE = 4;

export interface SlurmOptions {
  sweep: Pick<Sweep, 'name' | 'definition'>;
  preset: string;
  root: string;
  /** Processes a task has at once, and threads each. */
  jobs: number;
  threads: number;
  /** Tasks that may run at the same time. */
  atOnce: number;
  /** Seconds before a task's time limit at which it writes checkpoints and queues itself again. */
  warning: number;
  /** How often Slurm may begin a task again. */
  requeues: number;
  /** Further options of sbatch, e.g. `--partition=gpu`, `--gres=gpu:1`, `--time=04:00:00`. */
  sbatch: readonly string[];
}

/** What tasks of one submission make: hashes of configurations, by task; and, once submitted, the arrays whose tasks they are. */
export interface TaskList {
  tasks: string[][];
  arrays?: { id: string; offset: number; count: number }[];
}

/** What Slurm says of a task that it still knows. */
interface QueuedTask {
  state: string;
  /** Why it waits, in Slurm's word. */
  reason: string;
}

export interface TaskStatus {
  /** Slurm's name: `101_3`. */
  task: string;
  hashes: readonly string[];
  /** `waiting` and `running` as Slurm says; `lost` when it is neither there nor has it said how it ended. */
  state: 'waiting' | 'running' | 'done' | 'failed' | 'lost' | 'unknown';
  /** Of a task that waits or failed. */
  reason?: string;
  /** How often it was begun again. */
  requeues: number;
}

/** Spreads runs over tasks so that none has much more to do than another: longest first, each to the task with least work. */
export function spreadRuns(runs: readonly PlannedRun[], atOnce: number): PlannedRun[][] {
  const tasks = Array.from({ length: Math.min(runs.length, TASKS_A_PLACE * atOnce) }, () => ({
    work: 0,
    runs: [] as PlannedRun[],
  }));
  for (const planned of runs.toSorted((a, b) => workOf(b.config) - workOf(a.config))) {
    const least = tasks.reduce((best, task) => (task.work < best.work ? task : best));
    least.work += workOf(planned.config);
    least.runs.push(planned);
  }
  // Within a task the cheapest first, as everywhere.
  return tasks.map((task) => task.runs.toReversed());
}

/** Index ranges no longer than what the cluster takes in one array. */
export function splitArray(tasks: number, maxArraySize: number): { offset: number; count: number }[] {
  return Array.from({ length: Math.ceil(tasks / maxArraySize) }, (_, part) => ({
    offset: part * maxArraySize,
    count: Math.min(maxArraySize, tasks - part * maxArraySize),
  }));
}

/** The batch script of one array; its task i makes the runs of task `offset + i` of the list. */
export function batchScript(
  options: SlurmOptions,
  array: { offset: number; count: number },
  files: { list: string; logs: string },
): string {
  const { sweep, preset, root, jobs, threads, atOnce, sbatch, warning, requeues } = options;
  const main = join(import.meta.dirname, 'main.ts');
  const command = [process.execPath, main, sweep.definition ?? sweep.name, '--preset', preset, '--root', root];
  const settings = ['--jobs', String(jobs), '--threads', String(threads), '--task-list', files.list];
  return `#!/bin/bash
#SBATCH --job-name=${sweep.name}
#SBATCH --array=0-${array.count - 1}%${atOnce}
#SBATCH --cpus-per-task=${jobs * threads}
#SBATCH --signal=B:USR2@${warning}
#SBATCH --requeue
#SBATCH --open-mode=append
${sbatch.map((option) => `#SBATCH ${option}\n`).join('')}
task=$((${array.offset} + SLURM_ARRAY_TASK_ID)) begun=\${SLURM_RESTART_COUNT:-0}
# For --status: how the task ended, with what, and how often it was begun again.
ended() { printf '%s %s %s\n' "$1" "$2" "$begun" >${quote(files.logs)}/"$task.ended"; }
pid= again= stop=
# USR2 comes before the time limit. The command stops after a checkpoint, and the task queues itself again.
stop() { stop=1; [ -z "$pid" ] || kill -TERM "$pid"; }
trap 'again=1; stop' USR2
trap stop TERM
${[...command, ...settings].map(quote).join(' ')} --task "$task" &
pid=$!
# A signal that came before there was a process to pass it to.
[ -z "$stop" ] || kill -TERM "$pid"
wait "$pid"
code=$?
# A trap ends the wait early.
while kill -0 "$pid" 2>/dev/null; do
  wait "$pid"
  code=$?
done
if [ -n "$again" ] && [ "$code" -ne 0 ]; then
  if [ "$begun" -lt ${requeues} ]; then
    ended requeued "$code"
    scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
    exit "$code"
  fi
  echo "task $task was begun again $begun times, which is the cap (--requeues ${requeues}): submit the sweep again to go on" >&2
fi
ended exit "$code"
exit "$code"
`;
}

/**
 * Submits arrays for these runs and returns their job ids. An array beyond the cluster's MaxArraySize becomes several, one after the
 * other, so that `atOnce` holds for all. Throws where there is no Slurm or it refuses.
 */
export async function submit(
  runs: readonly PlannedRun[],
  options: SlurmOptions,
): Promise<{ ids: string[]; tasks: number; logs: string }> {
  const tasks = spreadRuns(runs, options.atOnce);
  const arrays = splitArray(tasks.length, await maxArraySize());
  const folder = join(submissions(runs[0]!.file), new Date().toISOString().replaceAll(/[:.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  const list = join(folder, 'tasks.json');
  const content: TaskList & Required<Pick<TaskList, 'arrays'>> = {
    tasks: tasks.map((task) => task.map(({ config }) => hashConfig(config))),
    arrays: [],
  };
  replaceFile(list, [Buffer.from(JSON.stringify(content))]);
  const ids: string[] = [];
  // As an argument, which no shell and no #SBATCH line takes apart; sbatch itself replaces what follows a percent sign.
  const output = `--output=${join(folder.replaceAll('%', '%%'), '%A_%a.log')}`;
  for (const [part, array] of arrays.entries()) {
    const script = join(folder, `array-${part}.sh`);
    writeFileSync(script, batchScript(options, array, { list, logs: folder }));
    const after = ids.length > 0 ? [`--dependency=afterany:${ids.at(-1)}`] : [];
    const { stdout } = await slurm('sbatch', ['--parsable', output, ...after, script]);
    const id = stdout.trim().split(';')[0]!;
    ids.push(id);
    // After each: a submission that breaks off is known as far as it went.
    content.arrays.push({ id, ...array });
    replaceFile(list, [Buffer.from(JSON.stringify(content))]);
  }
  return { ids, tasks: tasks.length, logs: folder };
}

/** Where submissions of the runs in this run's folder are written down, a folder each. */
const submissions = (runFile: string): string => join(dirname(runFile), '.slurm');

/** The tasks that Slurm has now, by their names; undefined where there is no Slurm. */
async function queuedTasks(): Promise<Map<string, QueuedTask> | undefined> {
  try {
    const { stdout } = await run('squeue', ['--array', '--noheader', '--format=%F_%K|%T|%r']);
    const lines = stdout.split('\n').filter(Boolean);
    return new Map(
      lines.map((line) => {
        const [task = '', state = '', reason = ''] = line.trim().split('|');
        return [task, { state, reason }];
      }),
    );
  } catch {
    return undefined;
  }
}

/** Every task of earlier submissions of the runs in this run's folder, and what became of it. */
export async function taskStatuses(runFile: string): Promise<TaskStatus[]> {
  const folder = submissions(runFile);
  if (!existsSync(folder)) return [];
  const queued = await queuedTasks();
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const list = join(folder, name, 'tasks.json');
      if (!existsSync(list)) return [];
      const { tasks, arrays = [] } = JSON.parse(readFileSync(list, 'utf8')) as TaskList;
      return arrays.flatMap(({ id, offset, count }) =>
        Array.from({ length: count }, (_, i) =>
          taskStatus(join(folder, name), `${id}_${i}`, offset + i, tasks[offset + i] ?? [], queued),
        ),
      );
    });
}

function taskStatus(
  folder: string,
  task: string,
  index: number,
  hashes: readonly string[],
  queued: Map<string, QueuedTask> | undefined,
): TaskStatus {
  const file = join(folder, `${index}.ended`);
  const [how, code, begun] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  const entry = { task, hashes, requeues: Number(begun ?? 0) };
  const now = queued?.get(task);
  if (now?.state === 'PENDING') return { ...entry, state: 'waiting', reason: now.reason };
  if (now) return { ...entry, state: 'running' };
  if (how === 'exit') {
    return code === '0'
      ? { ...entry, state: 'done' }
      : { ...entry, state: 'failed', reason: lastWords(folder, task, code) };
  }
  if (queued === undefined) return { ...entry, state: 'unknown' };
  return {
    ...entry,
    state: 'lost',
    reason: `Slurm no longer has it and it did not say how it ended; log ${join(folder, `${task}.log`)}`,
  };
}

function lastWords(folder: string, task: string, code: string | undefined): string {
  const log = join(folder, `${task}.log`);
  const last = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').at(-1) : undefined;
  return `exit ${code}: ${last ?? `no log at ${log}`}`;
}

async function maxArraySize(): Promise<number> {
  const { stdout } = await slurm('scontrol', ['show', 'config']);
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1]);
  if (!(size >= 1)) throw new Error('scontrol show config names no MaxArraySize; is this a Slurm cluster?');
  return size;
}

async function slurm(command: string, args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await run(command, args);
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: string | number; stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(`${command} was not found: --on slurm needs a login node of a Slurm cluster`, { cause: error });
    }
    throw new Error(`${command} failed: ${stderr?.trim() || message}`, { cause: error });
  }
}

function quote(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
