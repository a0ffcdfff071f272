/** The same sweep on a cluster: one Slurm job array whose tasks each make several runs with the command a person would type. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hashConfig, type Sweep } from '../runs/index.ts';
import type { PlannedRun } from './plan.ts';
import { workOf } from './progress.ts';

const run = promisify(execFile);

/** Seconds before a task's time limit at which it writes checkpoints and queues itself again. */
const WARNING_SECONDS = 120;
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
  /** Further options of sbatch, e.g. `--partition=gpu`, `--gres=gpu:1`, `--time=04:00:00`. */
  sbatch: readonly string[];
}

/** What tasks of one submission make: hashes of configurations, by task. */
export interface TaskList {
  tasks: string[][];
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
  const { sweep, preset, root, jobs, threads, atOnce, sbatch } = options;
  const main = join(import.meta.dirname, 'main.ts');
  const command = [process.execPath, main, sweep.definition ?? sweep.name, '--preset', preset, '--root', root];
  const settings = ['--jobs', String(jobs), '--threads', String(threads), '--task-list', files.list];
  return `#!/bin/bash
#SBATCH --job-name=${sweep.name}
#SBATCH --array=0-${array.count - 1}%${atOnce}
#SBATCH --cpus-per-task=${jobs * threads}
#SBATCH --signal=B:USR2@${WARNING_SECONDS}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=${quote(join(files.logs, '%A_%a.log'))}
${sbatch.map((option) => `#SBATCH ${option}\n`).join('')}
${[...command, ...settings].map(quote).join(' ')} --task $((${array.offset} + SLURM_ARRAY_TASK_ID)) &
pid=$!
again=
# USR2 comes before the time limit. The command stops after a checkpoint, and the task queues itself again.
trap 'again=1; kill -TERM "$pid"' USR2
trap 'kill -TERM "$pid"' TERM
wait "$pid"
code=$?
# A trap ends the wait early.
while kill -0 "$pid" 2>/dev/null; do
  wait "$pid"
  code=$?
done
if [ -n "$again" ] && [ "$code" -ne 0 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
fi
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
  const folder = join(dirname(runs[0]!.file), '.slurm', new Date().toISOString().replaceAll(/[:.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  const list = join(folder, 'tasks.json');
  const content: TaskList = { tasks: tasks.map((task) => task.map(({ config }) => hashConfig(config))) };
  writeFileSync(list, JSON.stringify(content));
  const ids: string[] = [];
  for (const [part, array] of arrays.entries()) {
    const script = join(folder, `array-${part}.sh`);
    writeFileSync(script, batchScript(options, array, { list, logs: folder }));
    const after = ids.length > 0 ? [`--dependency=afterany:${ids.at(-1)}`] : [];
    const { stdout } = await slurm('sbatch', ['--parsable', ...after, script]);
    ids.push(stdout.trim().split(';')[0]!);
  }
  return { ids, tasks: tasks.length, logs: folder };
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
