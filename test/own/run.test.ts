import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadEnvironment } from '../../lib/compute/threads.ts';
import { planRuns } from '../../lib/runner/index.ts';
import { batchScript } from '../../lib/runner/slurm.ts';
import { readRun, ROOT } from '../../lib/runs/index.ts';
import tiny from './tiny.ts';

const definition = join(import.meta.dirname, 'tiny.ts');
const scratch = mkdtempSync(join(tmpdir(), 'l2-own-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function command(script: string, ...args: string[]): Promise<Result> {
  const env = { ...process.env, INIT_CWD: import.meta.dirname };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'lib', script), ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}
const train = (...args: string[]): Promise<Result> => command('runner/main.ts', ...args);

test('a sweep of one’s own trains from its file, is told by --status, verified, and not trained again', async () => {
  const root = join(scratch, 'smoke');
  const args = ['./tiny.ts', '--preset', 'smoke', '--root', root];
  const first = await train(...args, '--only', 'width=4');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /eta=0.05,lambda=0.1,width=4,seed=0: finished, 20 steps/);
  assert.match(first.stderr, /own-tiny smoke: 2 finished/);

  const status = await train(...args, '--status');
  assert.match(status.stdout, /own-tiny smoke in .*: 4 runs\n {2}finished +2\n {2}waiting +2\n/);
  const again = await train(...args, '--only', 'width=4');
  assert.match(again.stderr, /2 runs in .*, 2 already made/);
  const dry = await train(...args, '--dry-run');
  assert.match(dry.stdout, /all 4 runs +80 +unknown/);

  const verified = await command('runs/main.ts', root);
  assert.equal(verified.code, 0, verified.stderr);
  assert.match(verified.stdout, /2 runs in .*: 2 finished; 0 problems/);

  const own = await tiny;
  const [run] = planRuns(own, 'smoke', root).filter(({ config }) => config.model['width'] === 4);
  const { header, measures } = readRun(run!.file);
  assert.deepEqual(header.config.model, { kind: 'own', source: own.modelSha256, width: 4 });
  assert.equal(header.config.data['sha256'], own.dataSha256);
  assert.deepEqual(header.datasets, { synthetic: own.dataSha256 });
  assert.equal('sigmaW' in header.config, false, 'layers have initializers of their own: no sigmaW was used');
  assert.deepEqual(
    measures.map(({ step }) => step),
    [0, 5, 10, 15, 20],
  );
  assert.ok(measures.at(-1)!.trainLoss < measures[0]!.trainLoss, 'nothing was learnt');
});

test('a damaged log of one’s own is named with its line and left alone, and the others are made', async () => {
  const root = join(scratch, 'damaged');
  const args = ['./tiny.ts', '--preset', 'smoke', '--root', root];
  const [one] = planRuns(await tiny, 'smoke', root);
  const first = await train(...args, '--only', 'lambda=0.01,width=2');
  assert.equal(first.code, 0, first.stderr);
  const damaged = readFileSync(one!.file, 'utf8').replace(/"testLoss":\d/, '"testLoss":9');
  writeFileSync(one!.file, damaged);
  const second = await train(...args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /3 finished, 1 damaged|1 damaged, 3 finished/);
  assert.match(second.stderr, /DAMAGED: .*jsonl:2: /);
  assert.equal(readFileSync(one!.file, 'utf8'), damaged);
  const verified = await command('runs/main.ts', root);
  assert.equal(verified.code, 1);
  assert.match(verified.stderr, /jsonl:2: the line is damaged/);
});

/** The log without what a kill may change: times, and what follows from them. */
function content(file: string): string[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ kind }) => kind !== 'resume')
    .map(({ seconds: _s, startedAt: _a, digest: _d, ...line }) => JSON.stringify(line));
}

test('a run that is killed again and again repeats the undisturbed run to the bit', { timeout: 600_000 }, async () => {
  const file = (root: string): string => planRuns(own, 'desk', root).at(-1)!.file;
  const own = await tiny;
  /** One process on the run; killed `ms` after its training began. Returns whether it was. */
  const session = async (root: string, ms?: number): Promise<boolean> => {
    const child = fork(join(import.meta.dirname, 'run-once.ts'), [root], {
      env: { ...process.env, ...threadEnvironment(1) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('message', (message) => {
      if (message === 'training' && ms !== undefined) void sleep(ms).then(() => child.kill('SIGKILL'));
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    assert.ok(signal === 'SIGKILL' || code === 0, stderr);
    return signal === 'SIGKILL';
  };
  const [whole, killed] = [join(scratch, 'whole'), join(scratch, 'killed')];
  await session(whole);
  let kills = 0;
  // Each session gets a little further than the last, so that it ends however slow the machine is.
  for (let ms = 400; await session(killed, ms); ms += 400) kills++;
  assert.ok(kills > 0, 'no session was killed');
  assert.deepEqual(content(file(killed)), content(file(whole)));
  assert.match(readFileSync(file(killed), 'utf8'), /"kind":"resume"/);
});

test('a mistake in the model is told once, names the layer, and leaves no log', async () => {
  const folder = join(scratch, 'mistakes');
  mkdirSync(folder, { recursive: true });
  const source = readFileSync(definition, 'utf8').replaceAll(`'../../`, `'${ROOT}/`);
  const attempt = async (from: string, to: string): Promise<string> => {
    assert.ok(source.includes(from), from);
    const changed = join(folder, 'changed.ts');
    writeFileSync(changed, source.replace(from, to));
    const { code, stderr } = await train(changed, '--root', join(folder, 'runs'));
    assert.equal(code, 2, stderr);
    return stderr;
  };
  const softmax = await attempt('units: classes }', `units: classes, activation: 'softmax' }`);
  assert.match(softmax, /layer dense_\S+ ends with softmax: .*leave the softmax out/);
  assert.equal(softmax.match(/softmax:/g)?.length, 1);
  assert.match(
    await attempt('units: classes }', `units: classes, kernelRegularizer: 'l1l2' }`),
    /layer dense_\S+ has a kernelRegularizer: the run applies L2 itself/,
  );
  assert.match(
    await attempt('units: classes }', 'units: 7 }'),
    /makes \[2, 7\] of 2 samples: expected logits \[2, 10\]/,
  );
  assert.match(
    await attempt('inputShape, filters', 'inputShape: [9, 9, 1], filters'),
    /cannot be applied to two samples of shape \[28, 28, 1\]/,
  );
  assert.match(await attempt(`name: 'own-tiny'`, `name: 'cnn-lambda'`), /cnn-lambda is a sweep of the paper/);
  assert.equal(existsSync(join(folder, 'runs')), false);
  assert.deepEqual(readdirSync(folder), ['changed.ts']);
});

test('a Slurm task of a sweep of one’s own runs the same command on the same file', async () => {
  const sweep = await tiny;
  assert.equal(sweep.definition, definition);
  const options = {
    sweep,
    preset: 'desk',
    root: '/r',
    jobs: 1,
    threads: 1,
    atOnce: 2,
    warning: 120,
    requeues: 1,
    sbatch: [],
  };
  const script = batchScript(options, { offset: 0, count: 1 }, { list: '/l', logs: '/l' });
  assert.match(script, /#SBATCH --job-name=own-tiny\n/);
  assert.ok(script.includes(`main.ts ${definition} --preset desk --root /r`), script);
});
