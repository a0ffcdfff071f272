/** `npm run train -- <sweep>`: makes the runs of a sweep on this machine, or tells about them. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchDataset, storedDatasets } from '../datasets/index.ts';
import { COMMITTED_LOGS, hashConfig, OWN_LOGS, presets, ROOT } from '../runs/index.ts';
import { isDefinitionFile, openDefinition } from '../own/load.ts';
import { figuresOf, findSweep, sweeps, type Sweep } from '../sweeps/index.ts';
import { costOf, GPU_USE, gpuHours, gpus } from './cost.ts';
import { formatDuration, formatFlops, formatTable } from './format.ts';
import { isOver, planRuns, preferCommitted, selectRuns, statusOf } from './plan.ts';
import type { PlannedRun, RunState } from './plan.ts';
import { runPool } from './pool.ts';
import { longestLane, ProgressView, secondsPerWork, workLeft } from './progress.ts';
import { submit, taskStatuses } from './slurm.ts';
import type { SlurmOptions, TaskList } from './slurm.ts';

const HELP = `npm run train -- <sweep or file> [options]

  <file>                      a sweep of your own, e.g. ./my-sweep.ts (lib/own/README.md)

  --preset paper|desk|smoke   which size (default desk)
  --only eta=0.1,lambda=0.01  only the runs with these settings; may be repeated
  --jobs N                    runs at once (default: cores / threads; 1 a task on Slurm)
  --threads N                 threads a run (default 1; a begun run goes on with its own)
  --root DIR                  where the run files are (default data/local, over the committed ones in data/runs)
  --status                    what is done, running, failed, and the time left
  --dry-run                   runs, steps, FLOPs and hours on a GPU at ${100 * GPU_USE} % use; trains nothing
  --gpu ${Object.keys(gpus).join('|')}      the GPU of --dry-run (default a100)
  --on local|slurm            here, or as a Slurm job array of the same command (default local)
  --at-once N                 with --on slurm: tasks at the same time (default 16)
  --warning SECONDS           with --on slurm: before a task's time limit, for its checkpoints (default 120)
  --requeues N                with --on slurm: how often a task may begin again (default 10)
  --sbatch=OPTION             with --on slurm: a further option of sbatch, e.g. --sbatch=--gres=gpu:1; may be repeated
  --list                      the sweeps

Ctrl-C stops after a checkpoint, a second one at once; either way the same command goes on where it stopped.`;

const SAME_PRESS_MS = 500;

const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 };

interface Command {
  runs: PlannedRun[];
  title: string;
  root: string;
  jobs: number;
  threads: number;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      preset: { type: 'string', default: 'desk' },
      only: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string' },
      threads: { type: 'string', default: '1' },
      root: { type: 'string' },
      gpu: { type: 'string', default: 'a100' },
      status: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      on: { type: 'string', default: 'local' },
      'at-once': { type: 'string', default: '16' },
      warning: { type: 'string', default: '120' },
      requeues: { type: 'string', default: '10' },
      sbatch: { type: 'string', multiple: true, default: [] },
      // What a task of a Slurm array is told; see slurm.ts.
      'task-list': { type: 'string' },
      task: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return EXIT.ok;
  }
  if (values.list) {
    console.log(
      formatTable(
        ['sweep', 'figures', ''],
        sweeps.map((s) => [s.name, figuresOf(s.name).join(' '), s.title]),
        3,
      ),
    );
    return EXIT.ok;
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    throw new RangeError(`expected one sweep, got ${positionals.join(' ') || 'none'}\n\n${HELP}`);
  }
  const preset = presets.find((known) => known === values.preset);
  if (!preset) throw new RangeError(`--preset ${values.preset}: expected ${presets.join(', ')}`);
  const threads = wholeNumber('--threads', values.threads);
  const jobs =
    values.jobs === undefined
      ? values.on === 'slurm'
        ? 1
        : Math.max(1, Math.floor(availableParallelism() / threads))
      : wholeNumber('--jobs', values.jobs);
  // npm runs scripts in the package's folder; a relative path means the folder the user is in.
  const root = values.root === undefined ? OWN_LOGS : resolve(process.env['INIT_CWD'] ?? '', values.root);
  const sweep = await sweepOf(name);
  const planned = planRuns(sweep, preset, root);
  const selected = selectRuns(
    values.root === undefined ? preferCommitted(planned, planRuns(sweep, preset, COMMITTED_LOGS)) : planned,
    values.only,
  );
  const { runs, gone } =
    values['task-list'] === undefined
      ? { runs: selected, gone: 0 }
      : runsOfTask(selected, values['task-list'], values.task);
  const command = { runs, title: `${sweep.name} ${preset}`, root, jobs, threads };
  if (values['dry-run']) return dryRun(command, values.gpu);
  if (values.status) {
    const code = status(command);
    return (await taskReport(runs)) ? code || EXIT.failed : code;
  }
  if (values.on === 'local') {
    const code = await train(command);
    if (gone === 0) return code;
    console.error(
      `${command.title}: ${gone} runs of task ${values.task} are no longer in the sweep as it is now, and were not made; submit it again`,
    );
    return code || EXIT.failed;
  }
  if (values.on !== 'slurm') throw new RangeError(`--on ${values.on}: expected local or slurm`);
  const atOnce = wholeNumber('--at-once', values['at-once']);
  const warning = wholeNumber('--warning', values.warning);
  const requeues = values.requeues === '0' ? 0 : wholeNumber('--requeues', values.requeues);
  return submitToSlurm(command, { sweep, preset, root, threads, atOnce, warning, requeues, sbatch: values.sbatch });
}

/** A sweep of the paper by its name, or one of the user's own by its file. */
async function sweepOf(name: string): Promise<Sweep> {
  if (!isDefinitionFile(name)) return findSweep(name);
  // As with --root: the folder the user is in.
  const sweep = await openDefinition(resolve(process.env['INIT_CWD'] ?? '', name));
  if (sweeps.some((known) => known.name === sweep.name))
    throw new RangeError(`${name}: ${sweep.name} is a sweep of the paper; give yours another name`);
  return sweep;
}

/** The runs of a task, and how many of it are none of the sweep any more, whose definition changed since. */
function runsOfTask(
  runs: readonly PlannedRun[],
  file: string,
  task: string | undefined,
): { runs: PlannedRun[]; gone: number } {
  const { tasks } = JSON.parse(readFileSync(file, 'utf8')) as TaskList;
  const wanted = tasks[Number(task)];
  if (!wanted) throw new RangeError(`--task ${task}: expected 0 to ${tasks.length - 1}, the tasks of ${file}`);
  const own = runs.filter(({ config }) => wanted.includes(hashConfig(config)));
  return { runs: own, gone: wanted.length - own.length };
}

async function submitToSlurm({ runs, title, jobs }: Command, options: Omit<SlurmOptions, 'jobs'>): Promise<number> {
  await fetchData(runs);
  const open = runs.filter((run) => !isOver(statusOf(run).state));
  if (open.length === 0) {
    console.error(`${title}: all ${runs.length} runs are made`);
    return EXIT.ok;
  }
  const busy = new Map<string, string>();
  for (const { task, state, hashes } of await taskStatuses(open[0]!.file)) {
    if (state === 'waiting' || state === 'running') for (const hash of hashes) busy.set(hash, task);
  }
  const free = open.filter(({ config }) => !busy.has(hashConfig(config)));
  if (free.length < open.length) {
    const tasks = [...new Set(open.flatMap(({ config }) => busy.get(hashConfig(config)) ?? []))];
    console.error(
      `${title}: left out: ${open.length - free.length} runs that Slurm tasks submitted before have (${tasks.join(', ')}); scancel ends those`,
    );
  }
  if (free.length === 0) return EXIT.ok;
  const { ids, tasks, logs } = await submit(free, { ...options, jobs });
  console.error(
    `${title}: runs to make: ${free.length}, in tasks: ${tasks}, Slurm job ${ids.join(', ')}; logs in ${shown(logs)}`,
  );
  return EXIT.ok;
}

async function train({ runs, title, root, jobs, threads }: Command): Promise<number> {
  await fetchData(runs);
  const statuses = runs.map(statusOf);
  const open = statuses.filter(({ state }) => !isOver(state));
  console.error(`${title}: ${runs.length} runs in ${shown(root)}, ${runs.length - open.length} already made`);
  if (open.length === 0) return EXIT.ok;
  await checkOwn(open.map(({ run }) => run));
  const others = new Set(open.map((status) => status.threads ?? threads).filter((count) => count !== threads));
  if (others.size > 0) console.error(`begun with ${[...others].join(', ')} threads, going on with them: those runs`);

  const stop = new AbortController();
  const kill = new AbortController();
  const view = new ProgressView(statuses, jobs);
  let stoppedAt = -Infinity;
  const interrupt = (): void => {
    // One press can arrive twice, from the terminal and from npm.
    if (performance.now() - stoppedAt < SAME_PRESS_MS) return;
    if (stop.signal.aborted) {
      kill.abort();
      return;
    }
    stoppedAt = performance.now();
    view.note('stopping: writing checkpoints (again to stop at once)');
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  const outcomes = await runPool(
    open.map(({ run }) => run),
    {
      root,
      jobs,
      threads,
      signal: stop.signal,
      killSignal: kill.signal,
      onEvent: (event) => view.handle(event),
    },
  );
  view.close();
  for (const signal of signals) process.off(signal, interrupt);

  const counts = new Map<string, number>();
  for (const outcome of outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing left to do';
  console.error(`${title}: ${summary}${stop.signal.aborted ? '; the same command goes on' : ''}`);
  if (stop.signal.aborted) return EXIT.interrupted;
  // Whatever is not over by now was asked for and not done: failed, damaged, or at another writer, who may fail yet.
  const left = open.map(({ run }) => statusOf(run)).filter(({ state }) => !isOver(state));
  if (left.length === 0) return EXIT.ok;
  console.error(
    `${title}: ${left.length} of ${runs.length} runs are not made: ${left.map(({ run, state }) => `${run.name} (${state})`).join(', ')}`,
  );
  return EXIT.failed;
}

function status({ runs, title, root, jobs }: Command): number {
  const statuses = runs.map(statusOf);
  const order: RunState[] = ['finished', 'diverged', 'running', 'interrupted', 'failed', 'damaged', 'waiting'];
  const counts = order.map((state) => [state, statuses.filter((s) => s.state === state)] as const);
  console.log(`${title} in ${shown(root)}: ${runs.length} runs`);
  for (const [state, found] of counts) if (found.length > 0) console.log(`  ${state.padEnd(12)}${found.length}`);
  for (const { run, state, step, message } of statuses) {
    if (state === 'running') console.log(`running ${run.name}: step ${step} of ${run.config.steps} measured`);
    else if (state === 'failed' || state === 'damaged') console.log(`${state} ${run.name}: ${message}`);
  }
  const open = statuses.filter(({ state }) => !isOver(state) && state !== 'damaged');
  if (open.length > 0) {
    // Finished logs may be another machine's.
    const running = statuses.filter(({ state, step }) => state === 'running' && step > 0);
    const rate = secondsPerWork(running.length > 0 ? running : statuses);
    const works = open.map(({ run, step }) => workLeft(run.config, step));
    const atOnce = statuses.filter(({ state }) => state === 'running').length || jobs;
    const left = rate === undefined ? undefined : rate * longestLane(works, atOnce);
    console.log(
      left === undefined
        ? 'time left: unknown until a run has been measured'
        : `time left: about ${formatDuration(left)} with ${atOnce} at once${running.length > 0 ? '' : ', at the speed of these logs'}`,
    );
  }
  return statuses.some(({ state }) => state === 'failed' || state === 'damaged') ? EXIT.failed : EXIT.ok;
}

/** Tells what became of the Slurm tasks that were to make these runs. Resolves with whether one failed whose runs are not made since. */
async function taskReport(runs: readonly PlannedRun[]): Promise<boolean> {
  const open = new Set(runs.filter((run) => !isOver(statusOf(run).state)).map(({ config }) => hashConfig(config)));
  const tasks = runs[0] === undefined ? [] : await taskStatuses(runs[0].file);
  // What is made needs no task any more, however the task that had it ended; of several that had a run the last counts.
  const last = new Map(tasks.flatMap((task) => task.hashes.map((hash) => [hash, task] as const)));
  const current = tasks.filter((task) => task.hashes.some((hash) => open.has(hash) && last.get(hash) === task));
  if (tasks.length > 0) console.log(`Slurm: ${tasks.length} tasks, ${current.length} of them with runs to make`);
  for (const { task, state, reason, requeues, hashes } of current) {
    const again = requeues > 0 ? `, begun again ${requeues} times` : '';
    const left = hashes.filter((hash) => open.has(hash)).length;
    console.log(
      `  task ${task}: ${state}${again}, ${left} of ${hashes.length} runs to make${reason ? `: ${reason}` : ''}`,
    );
  }
  return current.some(({ state }) => state === 'failed' || state === 'lost');
}

function dryRun({ runs, title }: Command, gpu: string): number {
  const rows = runs.map(({ name, config }) => {
    const cost = costOf(config);
    return { name, steps: config.steps, flops: cost && cost.training + cost.measuring };
  });
  const cells = (name: string, steps: number, flops: number | undefined): string[] => [
    name,
    String(steps),
    flops === undefined ? 'unknown' : formatFlops(flops),
    flops === undefined ? 'unknown' : gpuHours(flops, gpu).toPrecision(3),
  ];
  const steps = rows.reduce((sum, row) => sum + row.steps, 0);
  const flops = rows.some((row) => row.flops === undefined)
    ? undefined
    : rows.reduce((sum, row) => sum + (row.flops ?? 0), 0);
  console.log(
    formatTable(
      ['run', 'steps', 'operations', 'GPU hours'],
      [...rows.map((row) => cells(row.name, row.steps, row.flops)), cells(`all ${rows.length} runs`, steps, flops)],
    ),
  );
  const used = gpus[gpu];
  if (flops === undefined) console.log(`${title}: these run on the CPU; their operations are not counted.`);
  else if (used) {
    console.log(
      `${title}: hours on one ${used.title} at ${100 * GPU_USE} % of ${formatFlops(used.flops)}/s; small nets reach less.`,
    );
  }
  return EXIT.ok;
}

/** Builds every network of a sweep of one's own once, so that a mistake in it is told once and before any run has a log. */
async function checkOwn(runs: readonly PlannedRun[]): Promise<void> {
  const definition = runs[0]?.definition;
  if (definition === undefined) return;
  const { checkModel } = await import('../own/network.ts');
  const sweep = await openDefinition(definition);
  const different = new Map(runs.map(({ config }) => [JSON.stringify(config.model), config]));
  for (const config of different.values()) checkModel(sweep, config);
}

/** Before the pool starts, so that one process fetches, with progress, and a failure is told once. */
async function fetchData(runs: readonly PlannedRun[]): Promise<void> {
  for (const name of new Set(runs.map(({ config }) => config.data.name))) {
    const dataset = storedDatasets[name];
    if (!dataset) continue;
    let shownPhase = '';
    await fetchDataset(dataset, {
      onProgress({ phase, fraction = 0 }) {
        const text = `${name} ${Math.floor(100 * fraction)} % ${phase}`;
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${fraction === 1 ? '\n' : ''}`);
        else if (phase !== shownPhase) console.error(text);
        shownPhase = phase;
      },
    });
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${option} ${text}: expected a whole number from 1`);
  return value;
}

function shown(folder: string): string {
  const inside = relative(ROOT, folder);
  return inside.startsWith('..') || isAbsolute(inside) ? folder : inside;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, code } = error as Error & { code?: string };
  console.error(message);
  process.exitCode = error instanceof RangeError || code?.startsWith('ERR_PARSE_ARGS') ? EXIT.usage : EXIT.failed;
}
