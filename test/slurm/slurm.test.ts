// A sweep as job arrays of a real Slurm on this machine, and what a cluster does to it: limits, warnings, a node that goes down.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readRun, ROOT } from '../../lib/runs/index.ts';

const SBIN = ['/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(':')];
const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
  (name) => !SBIN.some((folder) => existsSync(join(folder, name))),
);
const skip = missing.length > 0 && `${missing.join(', ')} not installed (apt-get install slurm-wlm munge)`;

// What a user's folder may be called.
const scratch = mkdtempSync(join(tmpdir(), 'l2 100%a '));
const cluster = mkdtempSync(join(tmpdir(), 'l2-slurm-'));
const port = 20_000 + (process.pid % 10_000);
const env = {
  ...process.env,
  SLURM_CONF: join(cluster, 'slurm.conf'),
  PORT: String(port),
  MAX_ARRAY_SIZE: '3',
};
const oneNode = join(ROOT, 'environment', 'slurm', 'one-node.sh');
const main = join(ROOT, 'lib', 'runner', 'main.ts');
const sweepFile = join(scratch, 'my sweep.ts');

before(() => {
  if (skip) return;
  execFileSync(oneNode, ['start', cluster], { env, stdio: 'inherit' });
  const lib = JSON.stringify(join(ROOT, 'lib')).slice(1, -1);
  writeFileSync(
    sweepFile,
    `import { loadSynthetic } from '${lib}/datasets/index.ts';
import { defineSweep } from '${lib}/own/index.ts';
export default defineSweep({
  name: 'own-slurm',
  title: 'for a cluster',
  data: () => loadSynthetic({ trainSamples: 64, testSamples: 16, normalization: 'none' }),
  model: ({ tf, inputShape, classes }) => tf.sequential({ layers: [tf.layers.flatten({ inputShape }), tf.layers.dense({ units: classes })] }),
  grid: { eta: [0.05, 0.1], lambda: [0.01, 0.1] },
  seeds: [0],
  batchSize: 32,
  steps: () => 30_000,
  measure: { every: 500 },
  smoke: { steps: 20, measure: { every: 5 } },
});
`,
  );
});

after(() => {
  if (!skip) spawnSync(oneNode, ['stop', cluster], { env, stdio: 'inherit' });
  for (const folder of [scratch, cluster]) rmSync(folder, { recursive: true, force: true });
});

const slurm = (command: string, ...args: string[]): string => execFileSync(command, args, { env, encoding: 'utf8' });

/** The command a person types; its output and exit code. */
async function train(root: string, ...args: string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, sweepFile, '--root', root, ...args], {
      env,
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

const logsIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted();

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 400_000; Date.now() < end; await sleep(200)) {
    const found = look();
    if (found) return found;
  }
  const log = join(cluster, 'slurmctld.log');
  throw new Error(`waited in vain for ${what}; ${readFileSync(log, 'utf8').split('\n').slice(-12).join('\n')}`);
}

const idle = () => slurm('squeue', '--noheader').trim() === '';
const jobIds = (text: string): string[] => /Slurm job ([\d, ]+)/.exec(text)![1]!.split(', ');

/** Everything that a log says but times and resumes. */
const numbers = (file: string) => {
  const run = readRun(file);
  return [run.measures.map((measure) => ({ ...measure, seconds: 0 })), run.end?.reason, run.end?.step, run.header.hash];
};

function assertSameLogs(root: string, other: string): void {
  assert.deepEqual(logsIn(root), logsIn(other));
  for (const name of logsIn(root)) assert.deepEqual(numbers(join(root, name)), numbers(join(other, name)), name);
}

test('all of it listens on 127.0.0.1 alone', { skip }, () => {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/net/${name}`, 'utf8')).join('\n');
  for (const each of [port, port + 1]) {
    const listening = tables.split('\n').filter((line) => new RegExp(`:${hex(each)} .* 0A `).test(line));
    assert.deepEqual(
      listening.map((line) => line.trim().split(/\s+/)[1]),
      [`0100007F:${hex(each)}`],
    );
  }
});

test(
  'arrays within the cluster’s limit make a sweep with a cap, once though submitted twice, as the pool makes it',
  { skip },
  async () => {
    const root = join(scratch, 'runs of %j');
    const slurmed = await train(root, '--preset', 'smoke', '--on', 'slurm', '--at-once', '2');
    assert.match(slurmed.text, /runs to make: 4, in tasks: 4, Slurm job \d+, \d+;/);
    const most = slurm('scontrol', 'show', 'job', jobIds(slurmed.text)[0]!);
    assert.match(most, /ArrayTaskThrottle=2/);
    const twice = await train(root, '--preset', 'smoke', '--on', 'slurm');
    assert.equal(twice.code, 0);
    assert.match(twice.text, /left out: \d runs that Slurm tasks submitted before have \(\d+_\d/);
    const status = await train(root, '--preset', 'smoke', '--status');
    assert.match(status.text, /task \d+_\d: (?:waiting|running), 1 of 1 runs to make/);
    await until('the arrays to end', idle);
    const pool = join(scratch, 'pool');
    const local = await train(pool, '--preset', 'smoke');
    assert.equal(local.code, 0, local.text);
    assert.equal(logsIn(root).length, 4);
    assertSameLogs(root, pool);
    assert.match(
      (await train(root, '--preset', 'smoke', '--status')).text,
      /Slurm: 4 tasks, 0 of them with runs to make/,
    );
  },
);

/** Slurm refuses a job that is begun in the second in which it was requeued, which is why it waits two minutes of itself. */
const CREDENTIAL_MS = 3000;
const ONE = ['--preset', 'desk', '--only', 'eta=0.1,lambda=0.01'];

/** The log of a run that has begun since `from` bytes, in which training goes on. */
const training = (root: string, from = 0) =>
  until('the run to train', () => {
    const file = existsSync(root) && logsIn(root).map((name) => join(root, name))[0];
    return file && readFileSync(file).length > from + 1500 && file;
  });

test(
  'a task warned of its limit, and one whose node goes down, begin again and end with the log of the pool',
  { skip },
  async () => {
    const root = join(scratch, 'requeued');
    const { text } = await train(root, ...ONE, '--on', 'slurm', '--warning', '30', '--sbatch=--time=60');
    const [id] = jobIds(text);
    const state = () => slurm('squeue', '--noheader', '--format=%T').trim();
    let file = await training(root);
    slurm('scancel', '--signal=USR2', '--batch', `${id}_0`);
    await until('the first requeue', () => /Restarts=1/.test(slurm('scontrol', 'show', 'job', id!)));
    await sleep(CREDENTIAL_MS);
    slurm('scontrol', 'update', `jobid=${id}_0`, 'starttime=now');
    await until('it to run again', () => state() === 'RUNNING');
    file = await training(root, readFileSync(file).length);
    const [node] = slurm('sinfo', '--noheader', '--format=%n').trim().split('\n');
    slurm('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test');
    await until('the second requeue', () => /Restarts=2/.test(slurm('scontrol', 'show', 'job', id!)));
    await sleep(CREDENTIAL_MS);
    // It comes back of itself, at the latest when it is told to.
    spawnSync('scontrol', ['update', `nodename=${node}`, 'state=resume'], { env });
    slurm('scontrol', 'update', `jobid=${id}_0`, 'starttime=now');
    await until('the run to end', idle);
    const pool = join(scratch, 'pool of one');
    assert.equal((await train(pool, ...ONE)).code, 0);
    assertSameLogs(root, pool);
    assert.ok(readRun(file).events.filter(({ kind }) => kind === 'resume').length >= 1);
  },
);

test(
  'requeueing has a cap, and --status says of a task why it failed; a killed task is told as well',
  { skip },
  async () => {
    const root = join(scratch, 'capped');
    const { text } = await train(root, ...ONE, '--on', 'slurm', '--requeues', '0');
    const file = await training(root);
    slurm('scancel', '--signal=USR2', '--batch', `${jobIds(text)[0]}_0`);
    await until('the task to end', idle);
    const capped = await train(root, ...ONE, '--status');
    assert.equal(capped.code, 1);
    assert.match(capped.text, /task \d+_0: failed, 1 of 1 runs to make: exit 130: .*which is the cap \(--requeues 0\)/);

    const again = await train(root, ...ONE, '--on', 'slurm');
    await training(root, readFileSync(file).length);
    // The whole task, as the kernel does when memory is short.
    const processes = slurm('scontrol', 'listpids', jobIds(again.text)[0]!).matchAll(/^(\d+)/gm);
    for (const [, pid] of processes) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended with another.
      }
    }
    await until('the killed task to end', idle);
    const killed = await train(root, ...ONE, '--status');
    assert.equal(killed.code, 1);
    assert.doesNotMatch(killed.text, /requeues 0/);
    assert.match(killed.text, /task \d+_0: lost, 1 of 1 runs to make: Slurm no longer has it/);
  },
);
