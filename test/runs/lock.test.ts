import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { lockOwner, readRun, RunFileError, RunWriter } from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath, temporaryFolder } from './support.ts';

const root = temporaryFolder();
let seed = 0;

function fresh() {
  const header = exampleHeader(exampleConfig({ seed: seed++ }));
  return { header, file: examplePath(root, header) };
}

/** A process that begins a run, measures step 0 and waits. */
function holder(file: string, header: object, prefix: string[] = []) {
  const script = `
    import { RunWriter } from ${JSON.stringify(new URL('../../lib/runs/index.ts', import.meta.url).href)};
    const writer = RunWriter.create(${JSON.stringify(file)}, ${JSON.stringify(header)});
    writer.measure(${JSON.stringify(exampleMeasure(0))});
    writer.flush();
    console.log('holds');
    setInterval(() => writer, 1000);`;
  const [command, ...args] = [...prefix, process.execPath, '--input-type=module', '-e', script];
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, holds: once(child.stdout, 'data') };
}

/** Turns of `processes` that all want one lock. Resolves with how many they had and how often two had it at once. */
export async function contend(folder: string, processes: number, turns: number) {
  const file = join(folder, 'run.jsonl');
  const results = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-process.ts'), file, String(turns)]);
      let output = '';
      let errors = '';
      child.stdout.on('data', (text: Buffer) => (output += text.toString()));
      child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
      await once(child, 'close');
      assert.equal(errors, '');
      return JSON.parse(output) as { had: number; overlaps: number };
    }),
  );
  return {
    had: results.reduce((sum, { had }) => sum + had, 0),
    overlaps: results.reduce((sum, { overlaps }) => sum + overlaps, 0),
  };
}

test('of six processes that all want one lock, no two ever have it, also when some are killed', async () => {
  const { had, overlaps } = await contend(temporaryFolder(), 6, 10);
  assert.equal(overlaps, 0);
  assert.equal(had, 60);
});

test('a stopped process keeps its lock, a killed one and a zombie do not', async () => {
  const { header, file } = fresh();
  const { child, holds } = holder(file, header);
  await holds;
  child.kill('SIGSTOP');
  assert.throws(
    () => RunWriter.resume(file, { step: 0 }),
    new RegExp(`process ${child.pid} on .* is writing this run`),
  );
  assert.equal(lockOwner(file)?.pid, child.pid);
  // Until this process looks after its children, which is not before the next await, the killed one is a zombie.
  child.kill('SIGKILL');
  for (const until = Date.now() + 60_000; lockOwner(file) && Date.now() < until;);
  assert.equal(lockOwner(file), undefined);
  // Its locks go a moment before the kernel calls it a zombie.
  const isZombie = () => / Z /.test(fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  if (process.platform === 'linux') for (const end = Date.now() + 60_000; !isZombie();) assert.ok(Date.now() < end);
  RunWriter.resume(file, { step: 0 }).close();
  assert.equal(readRun(file).measures.length, 1);
  assert.deepEqual(
    fs.readdirSync(dirname(file)).filter((name) => name.includes(header.hash.slice(0, 8)) && !name.endsWith('.jsonl')),
    [],
  );
});

const NAMESPACES = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

test('a writer in another PID namespace is seen', { skip: !NAMESPACES && 'no PID namespaces here' }, async (t) => {
  const { header, file } = fresh();
  const { child, holds } = holder(file, header, ['unshare', '--pid', '--fork', '--kill-child']);
  t.after(() => child.kill('SIGKILL'));
  await holds;
  assert.throws(() => RunWriter.resume(file, { step: 0 }), /is writing this run/);
});

test('a writer adds nothing to a file that is not as it left it', () => {
  const damages: [RegExp, (file: string) => void][] = [
    [/has \d+ bytes, not the \d+ that this writer left/, (file) => fs.appendFileSync(file, '{"kind":"measure"}\n')],
    [/has \d+ bytes, not the/, (file) => fs.truncateSync(file, 100)],
    [/was taken away/, (file) => fs.rmSync(file)],
    [/was replaced/, (file) => (fs.copyFileSync(file, `${file}.copy`), fs.renameSync(`${file}.copy`, file))],
    [
      /does not end as this writer left it/,
      (file) => fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/.(.{20})\n$/, 'x$1\n')),
    ],
  ];
  for (const [message, damage] of damages) {
    const { header, file } = fresh();
    const writer = RunWriter.create(file, header);
    writer.measure(exampleMeasure(0));
    damage(file);
    const before = fs.existsSync(file) && fs.readFileSync(file);
    assert.throws(
      () => writer.measure(exampleMeasure(1)),
      (error: unknown) => error instanceof RunFileError && message.test(error.message) && error.file === file,
    );
    writer.close();
    assert.deepEqual(fs.existsSync(file) && fs.readFileSync(file), before);
  }
});

test('a file system that cannot flush gets its run; a full disk under a flush is an error', (t) => {
  const { header, file } = fresh();
  const sync = t.mock.method(fs, 'fsyncSync', () => {
    throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
  });
  const writer = RunWriter.create(file, header);
  writer.measure(exampleMeasure(0));
  writer.flush();
  sync.mock.mockImplementation(() => {
    throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
  });
  assert.throws(() => writer.flush(), /cannot flush the log/);
  sync.mock.restore();
  writer.close();
  assert.equal(readRun(file).measures.length, 1);
});
