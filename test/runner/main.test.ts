import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planRuns, statusOf } from '../../lib/runner/index.ts';
import { COMMITTED_LOGS, ROOT } from '../../lib/runs/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { preferCommitted } from '../../lib/runner/plan.ts';
import { temporaryFolder } from './support.ts';

const main = join(ROOT, 'lib', 'runner', 'main.ts');
const scratch = temporaryFolder();

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function command(args: readonly string[], nodeArgs: readonly string[] = []): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...nodeArgs, main, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

test('a smoke sweep trains, is told by --status, and is not trained again', async () => {
  const args = ['fc-eta-lambda', '--preset', 'smoke', '--root', join(scratch, 'smoke')];
  const first = await command([...args, '--only', 'eta=0.15', '--only', 'eta=50']);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /eta=0.15,lambda=0.5: finished, 27 steps/);
  assert.match(first.stderr, /eta=50,lambda=0.1: diverged at step \d+/);
  assert.match(first.stderr, /fc-eta-lambda smoke: 3 finished, 1 diverged/);

  const status = await command([...args, '--status']);
  assert.equal(status.code, 0);
  assert.match(status.stdout, /8 runs\n {2}finished +3\n {2}diverged +1\n {2}waiting +4\ntime left: about/);

  const again = await command([...args, '--only', 'eta=0.15']);
  assert.match(again.stderr, /3 runs in .*, 3 already made/);
  assert.doesNotMatch(again.stderr, /finished,/);
});

test('Ctrl-C ends a sweep in order with exit code 130; the same command makes the rest', async () => {
  const root = join(scratch, 'interrupted');
  const args = ['fc-eta-lambda', '--preset', 'smoke', '--jobs', '1', '--root', root];
  const states = () => planRuns(findSweep('fc-eta-lambda'), 'smoke', root).map((run) => statusOf(run).state);
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (/: finished,/.test(text)) child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 130, stderr);
  assert.match(stderr, /stopping: writing checkpoints/);
  assert.match(stderr, /the same command goes on/);
  const interrupted = states();
  assert.ok(interrupted.includes('finished') && interrupted.includes('waiting'), interrupted.join());
  assert.ok(!interrupted.includes('failed') && !interrupted.includes('running'), interrupted.join());

  const rest = await command(args);
  assert.equal(rest.code, 0, rest.stderr);
  assert.deepEqual([...new Set(states())].sort(), ['diverged', 'finished']);
});

test('--status and --dry-run need no TensorFlow', async () => {
  const guard = join(scratch, 'no-tensorflow.cjs');
  writeFileSync(
    guard,
    `const Module = require('node:module'); const load = Module._load;
     Module._load = (name, ...rest) => { if (/tfjs/.test(name)) throw new Error('loads ' + name); return load(name, ...rest); };`,
  );
  for (const flag of ['--status', '--dry-run']) {
    const { code, stderr } = await command(
      ['fc-eta-lambda', flag, '--root', join(scratch, 'none')],
      ['--require', guard],
    );
    assert.equal(code, 0, stderr);
  }
  const trained = await command(
    ['fc-eta-lambda', '--preset', 'smoke', '--only', 'lambda=0', '--root', join(scratch, 'guarded')],
    ['--require', guard],
  );
  // The children are not under the guard: this shows that the pool itself does without, too.
  assert.equal(trained.code, 0, trained.stderr);
});

test('--dry-run tells runs, steps, operations and hours on a named GPU', async () => {
  const { stdout } = await command(['fc-eta-lambda', '--preset', 'desk', '--dry-run', '--gpu', 'h100']);
  assert.match(stdout, /all 157 runs +177998 +6\.63 PFLOP +0\.0124/);
  assert.match(stdout, /NVIDIA H100 SXM \(TF32\) at 30 %/);
});

test('bad input is exit code 2 and says what was expected', async () => {
  const cases: [string[], RegExp][] = [
    [[], /expected one sweep, got none/],
    [['fc'], /sweep "fc" is not known; known are fc-eta-lambda/],
    [['fc-eta-lambda', '--preset', 'large'], /--preset large: expected paper, desk, smoke/],
    [['fc-eta-lambda', '--jobs', '0'], /--jobs 0: expected a whole number from 1/],
    [['fc-eta-lambda', '--only', 'eta=7'], /no run has eta=7/],
    [['fc-eta-lambda', '--dry-run', '--gpu', 'abacus'], /GPU "abacus" is not known; known are t4/],
    [['fc-eta-lambda', '--sped', '3'], /--sped/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await command(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test("a run finished among the committed logs is not made again in a folder of one's own", () => {
  const sweep = findSweep('fc-eta-lambda');
  const own = planRuns(sweep, 'desk', join(scratch, 'own'));
  const committed = planRuns(sweep, 'desk', COMMITTED_LOGS);
  const finished = committed.filter((run) => ['finished', 'diverged'].includes(statusOf(run).state)).length;
  assert.ok(finished > 0, 'data/runs holds no finished run of the sweep');
  const states = preferCommitted(own, committed).map((run) => statusOf(run).state);
  assert.equal(states.filter((state) => state !== 'waiting').length, finished);
});
