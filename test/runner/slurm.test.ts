import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { planRuns } from '../../lib/runner/index.ts';
import { ROOT } from '../../lib/runs/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { batchScript, splitArray, spreadRuns } from '../../lib/runner/slurm.ts';
import { workOf } from '../../lib/runner/progress.ts';
import { temporaryFolder } from './support.ts';

const run = promisify(execFile);
const scratch = temporaryFolder();
const main = join(ROOT, 'lib', 'runner', 'main.ts');
const runs = planRuns(findSweep('fc-eta-lambda'), 'desk', scratch);

describe('tasks', () => {
  test('every run is in one task, and no task has more work than the longest run and the mean together', () => {
    const tasks = spreadRuns(runs, 4);
    assert.equal(tasks.length, 16);
    assert.deepEqual(new Set(tasks.flat()), new Set(runs));
    assert.equal(tasks.flat().length, runs.length);
    const works = tasks.map((task) => task.reduce((sum, { config }) => sum + workOf(config), 0));
    const mean = works.reduce((a, b) => a + b) / works.length;
    assert.ok(Math.max(...works) <= mean + Math.max(...runs.map(({ config }) => workOf(config))));
  });

  test('there are no more tasks than runs', () => {
    assert.equal(spreadRuns(runs.slice(0, 3), 16).length, 3);
  });

  test('an array beyond the limit is split without gap or overlap', () => {
    assert.deepEqual(splitArray(25, 10), [
      { offset: 0, count: 10 },
      { offset: 10, count: 10 },
      { offset: 20, count: 5 },
    ]);
    assert.deepEqual(splitArray(10, 10), [{ offset: 0, count: 10 }]);
  });
});

describe('the batch script', () => {
  const options = {
    sweep: { name: 'fc-eta-lambda' },
    preset: 'desk',
    root: "/a folder's",
    jobs: 2,
    threads: 3,
    atOnce: 5,
    warning: 120,
    requeues: 2,
    sbatch: [],
  };
  const script = batchScript(options, { offset: 10, count: 7 }, { list: '/l/tasks.json', logs: '/l' });

  test('asks for its cores, a cap, a warning before the limit, and to be queued again', () => {
    for (const line of ['--array=0-6%5', '--cpus-per-task=6', '--signal=B:USR2@120', '--requeue']) {
      assert.ok(script.includes(`\n#SBATCH ${line}\n`), line);
    }
  });

  test('is a valid shell script in which odd folder names are quoted', async () => {
    const file = join(scratch, 'script.sh');
    writeFileSync(file, script);
    await run('bash', ['-n', file]);
    assert.ok(script.includes(`--root '/a folder'\\''s'`));
    assert.ok(script.includes('task=$((10 + SLURM_ARRAY_TASK_ID)) '));
  });
});

/** sbatch and scontrol as far as the launcher and its script use them; a real one-node Slurm is in environment/slurm. */
function fakeSlurm(folder: string): NodeJS.ProcessEnv {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  write('scontrol', `if [ "$1" = show ]; then echo "MaxArraySize = 3"; else echo "$@" >> ${folder}/requeued; fi`);
  write('sbatch', `echo "$@" >> ${folder}/submitted; echo $((100 + $(wc -l < ${folder}/submitted)))`);
  return { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
}

test('a sweep is submitted as chained arrays, whose tasks make exactly its runs', async () => {
  const folder = join(scratch, 'slurm');
  const env = fakeSlurm(folder);
  const root = join(scratch, 'submitted');
  const args = [main, 'fc-eta-lambda', '--preset', 'smoke', '--root', root, '--only', 'eta=0.5', '--on', 'slurm'];
  const { stderr } = await run(process.execPath, [...args, '--at-once', '1', '--sbatch=--time=10'], { env });
  assert.match(stderr, /runs to make: 4, in tasks: 4, Slurm job 101, 102/);
  const submitted = readFileSync(join(folder, 'submitted'), 'utf8').trim().split('\n');
  assert.equal(submitted.length, 2);
  assert.match(submitted[1]!, /--dependency=afterany:101/);
  const scripts = submitted.map((line) => line.split(' ').at(-1)!);
  const [first, second] = scripts as [string, string];
  assert.match(readFileSync(first, 'utf8'), /#SBATCH --array=0-2%1\n(.*\n)*#SBATCH --time=10\n/);
  assert.match(readFileSync(second, 'utf8'), /--array=0-0%1\n/);

  // What Slurm would do with the second array's only task.
  const { stderr: log } = await run('bash', [second], {
    env: { ...env, SLURM_ARRAY_TASK_ID: '0', SLURM_ARRAY_JOB_ID: '102' },
  });
  const { tasks } = JSON.parse(readFileSync(join(dirname(second), 'tasks.json'), 'utf8')) as { tasks: string[][] };
  assert.equal(tasks.flat().length, 4);
  assert.match(log, /fc-eta-lambda smoke: 1 runs in/);
  assert.match(log, /fc-eta-lambda smoke: 1 finished/);
});

test('the warning before the time limit stops a task in order and queues it again', async () => {
  const folder = join(scratch, 'requeue');
  const env = { ...fakeSlurm(folder), SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_JOB_ID: '7' };
  const options = {
    sweep: { name: 'x' },
    preset: 'smoke',
    root: 'r',
    jobs: 1,
    threads: 1,
    atOnce: 1,
    warning: 90,
    requeues: 2,
    sbatch: [],
  };
  const script = batchScript(options, { offset: 0, count: 1 }, { list: 'l', logs: folder });
  const file = join(folder, 'script.sh');
  // A stand-in for the command: ends with 130 at SIGTERM, as it does.
  const begun = join(folder, 'begun');
  const standIn = `bash -c 'trap "exit 130" TERM; while :; do touch ${begun}; sleep 0.1; done' &\n`;
  const command = script.split('\n').find((line) => line.endsWith(' &'))!;
  writeFileSync(file, script.replace(`${command}\n`, standIn));
  const batch = run('bash', [file], { env });
  const warned = setInterval(() => {
    if (!existsSync(begun)) return;
    clearInterval(warned);
    batch.child.kill('SIGUSR2');
  }, 50);
  await assert.rejects(batch, (error: Error & { code?: number }) => error.code === 130);
  assert.equal(readFileSync(join(folder, 'requeued'), 'utf8').trim(), 'requeue 7_3');
});

test('without Slurm the error says where to run it', async () => {
  const root = join(scratch, 'without');
  await assert.rejects(
    run(process.execPath, [main, 'fc-eta-lambda', '--preset', 'smoke', '--root', root, '--on', 'slurm'], {
      env: { ...process.env, PATH: scratch },
    }),
    /scontrol was not found: --on slurm needs a login node of a Slurm cluster/,
  );
});

test('a task whose configuration left the sweep makes the others and says so with its exit code', async () => {
  const root = join(scratch, 'gone');
  const list = join(scratch, 'gone.json');
  writeFileSync(list, JSON.stringify({ tasks: [['0'.repeat(64)]] }));
  const args = [main, 'fc-eta-lambda', '--preset', 'smoke', '--root', root, '--task-list', list];
  await assert.rejects(run(process.execPath, [...args, '--task', '0']), (error: Error & { code?: number }) => {
    assert.match(String(error), /1 runs of task 0 are no longer in the sweep as it is now/);
    return error.code === 1;
  });
  await assert.rejects(run(process.execPath, [...args, '--task', '1']), /--task 1: expected 0 to 0/);
});
