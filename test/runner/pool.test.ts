import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockOwner, readRun, RunWriter } from '../../lib/runs/index.ts';
import { statusOf, type PlannedRun } from '../../lib/runner/index.ts';
import { runPool } from '../../lib/runner/pool.ts';
import type { PoolEvent } from '../../lib/runner/pool.ts';
import { exampleHeader, exampleRuns, fakeChild, temporaryFolder } from './support.ts';

const scratch = temporaryFolder();
let folders = 0;
const newRoot = (): string => join(scratch, String(folders++));
const states = (runs: readonly PlannedRun[]): string[] => runs.map((run) => statusOf(run).state);

async function until(fact: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!fact()) {
    if (performance.now() - started > 20_000) assert.fail(`after 20 s: not ${what}`);
    await sleep(20);
  }
}

test('a run that throws and one that crashes stop no other, and both say why', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{ behaviour: 'throw' }, { behaviour: 'crash' }, {}, {}]);
  const messages: (string | undefined)[] = [];
  const outcomes = await runPool(runs, {
    root,
    jobs: 1,
    threads: 1,
    child: fakeChild,
    onEvent: (event) => event.kind === 'done' && messages.push(event.message),
  });
  assert.deepEqual([...outcomes.values()], ['failed', 'failed', 'finished', 'finished']);
  assert.equal(messages[0], 'the learning rate is a banana');
  assert.match(messages[1]!, /killed by SIGKILL: last words/);
});

test('a finished run is not run again and its file is not touched', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{}, {}]);
  await runPool(runs.slice(0, 1), { root, jobs: 1, threads: 1, child: fakeChild });
  const before = readFileSync(runs[0]!.file);
  const started: string[] = [];
  await runPool(runs, {
    root,
    jobs: 2,
    threads: 1,
    child: fakeChild,
    onEvent: (event) => event.kind === 'start' && started.push(event.run.name),
  });
  assert.deepEqual(started, ['seed=1']);
  assert.deepEqual(readFileSync(runs[0]!.file), before);
  assert.deepEqual(states(runs), ['finished', 'finished']);
});

test('a stop ends running children in order and starts no more; the same command goes on', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{ steps: 1000 }, { steps: 12 }, {}]);
  const stop = new AbortController();
  const outcomes = await runPool(runs, {
    root,
    jobs: 1,
    threads: 1,
    child: fakeChild,
    signal: stop.signal,
    onEvent: (event) => event.kind === 'progress' && event.step === 3 && stop.abort(),
  });
  assert.deepEqual([...outcomes.values()], ['stopped']);
  assert.deepEqual(states(runs), ['interrupted', 'waiting', 'waiting']);
  const rest = await runPool(runs.slice(1), { root, jobs: 2, threads: 1, child: fakeChild });
  assert.deepEqual([...rest.values()], ['finished', 'finished']);
});

test('a second stop kills children that do not listen; the logs stay resumable', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{ steps: 100_000 }]);
  const kill = new AbortController();
  const stop = new AbortController();
  const outcomes = await runPool(runs, {
    root,
    jobs: 1,
    threads: 1,
    child: fakeChild,
    signal: stop.signal,
    killSignal: kill.signal,
    onEvent(event) {
      if (event.kind !== 'progress' || event.step !== 3) return;
      // Killed first, so that the stop finds nobody to answer it.
      kill.abort();
      stop.abort();
    },
  });
  assert.deepEqual([...outcomes.values()], ['stopped']);
  assert.deepEqual(states(runs), ['interrupted']);
});

test('a run goes on with the threads it was begun with', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{ steps: 20 }]);
  const stop = new AbortController();
  const onEvent = (event: PoolEvent): void => {
    if (event.kind === 'progress') stop.abort();
  };
  await runPool(runs, { root, jobs: 1, threads: 3, child: fakeChild, signal: stop.signal, onEvent });
  const outcomes = await runPool(runs, { root, jobs: 1, threads: 1, child: fakeChild });
  assert.deepEqual([...outcomes.values()], ['finished']);
  assert.equal(readRun(runs[0]!.file).header.threads, 3);
});

test('two commands on one folder at once make every run once', async () => {
  const root = newRoot();
  const poolProcess = join(import.meta.dirname, 'pool-process.ts');
  const outputs = await Promise.all(
    [0, 1].map(async () => {
      const child = spawn(process.execPath, [poolProcess, root, '6', '20'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0);
      return JSON.parse(text) as [string, string][];
    }),
  );
  const made = outputs.flat().filter(([, outcome]) => outcome === 'finished');
  assert.deepEqual(
    made.map(([name]) => name).sort(),
    [0, 1, 2, 3, 4, 5].map((seed) => `seed=${seed}`),
  );
  assert.deepEqual(
    outputs.flat().filter(([, outcome]) => outcome !== 'finished' && outcome !== 'elsewhere'),
    [],
  );
  const runs = exampleRuns(
    root,
    Array.from({ length: 6 }, () => ({ steps: 20 })),
  );
  for (const run of runs) {
    const { end, events } = readRun(run.file);
    assert.equal(end?.reason, 'finished');
    assert.deepEqual(events, []);
  }
});

test("a killed writer's lock is gone with it; a living one's run is left to it, and the command says that it did less", async (t) => {
  const root = newRoot();
  const runs = exampleRuns(root, [{}, {}]);
  mkdirSync(dirname(runs[0]!.file), { recursive: true });
  // What version 0.1.0 wrote into a lock, and nothing at all, as a killed writer leaves it.
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'close');
  writeFileSync(`${runs[0]!.file}.lock`, JSON.stringify({ pid: gone.pid, host: hostname() }));
  const writer = RunWriter.create(runs[1]!.file, exampleHeader(runs[1]!.config));
  t.after(() => writer.close());
  assert.deepEqual(states(runs), ['waiting', 'running']);
  const outcomes = await runPool(runs, { root, jobs: 1, threads: 1, child: fakeChild });
  assert.deepEqual([...outcomes.values()], ['finished', 'elsewhere']);
});

test('a damaged run file is reported, left alone, and stops no other', async () => {
  const root = newRoot();
  const runs = exampleRuns(root, [{}, {}]);
  mkdirSync(dirname(runs[0]!.file), { recursive: true });
  writeFileSync(runs[0]!.file, '{"kind":"measure"}\n');
  const messages: (string | undefined)[] = [];
  const outcomes = await runPool(runs, {
    root,
    jobs: 1,
    threads: 1,
    child: fakeChild,
    onEvent: (event) => event.kind === 'done' && messages.push(event.message),
  });
  assert.deepEqual([...outcomes.values()], ['damaged', 'finished']);
  assert.ok(messages[0]!.includes(runs[0]!.file));
  assert.equal(readFileSync(runs[0]!.file, 'utf8'), '{"kind":"measure"}\n');
});

test('children of a pool that is killed end by themselves and leave their logs resumable', async () => {
  const root = newRoot();
  const pool = spawn(process.execPath, [join(import.meta.dirname, 'pool-process.ts'), root, '2', '100000']);
  const runs = exampleRuns(root, [{ steps: 100_000 }, { steps: 100_000 }]);
  await until(() => runs.every((run) => lockOwner(run.file) !== undefined), 'both running');
  pool.kill('SIGKILL');
  await until(() => runs.every((run) => lockOwner(run.file) === undefined), 'both ended');
  assert.deepEqual(states(runs), ['interrupted', 'interrupted']);
});
