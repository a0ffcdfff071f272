import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkpointPath, hashConfig, readRun, RunFileError, runPath, RunWriter } from '../../lib/runs/index.ts';
import type { RunConfig } from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath, temporaryFolder } from './support.ts';

const root = temporaryFolder();
let seed = 0;
const autoL2 = { reading: 'code', every: 1, factor: 10, refractory: 0.1 } as const;

/** A path and header that no other test uses. */
function fresh(changes: Partial<RunConfig> = {}) {
  const header = exampleHeader(exampleConfig({ seed: seed++, ...changes }));
  return { header, file: examplePath(root, header) };
}

function unfinished(measured = 5, changes: Partial<RunConfig> = {}) {
  const { header, file } = fresh(changes);
  const writer = RunWriter.create(file, header);
  for (let step = 0; step < measured; step++) writer.measure(exampleMeasure(step));
  writer.close();
  return { header, file };
}

function is(file: string, message: RegExp, line?: number) {
  return (error: unknown) => {
    assert.ok(error instanceof RunFileError, String(error));
    assert.equal(error.file, file);
    if (line !== undefined) assert.equal(error.line, line);
    assert.match(error.message, message);
    assert.ok(error.remedy.length > 10);
    return true;
  };
}

test('the hash does not depend on the order of keys and does depend on every value', () => {
  const config = exampleConfig();
  const reversed = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
  assert.equal(hashConfig(reversed), hashConfig(config));
  assert.notEqual(hashConfig({ ...config, eta: 0.1 + Number.EPSILON }), hashConfig(config));
  assert.notEqual(hashConfig({ ...config, model: { ...config.model, bias: false } }), hashConfig(config));
  assert.throws(() => hashConfig({ ...config, eta: NaN }), /value\.eta is NaN/);
});

test('a file name shows what varies and the first 8 digits of the hash', () => {
  const header = exampleHeader(exampleConfig({ lambda: 1e-7 }));
  const name = runPath('data/runs', header, ['eta', 'lambda', 'model.kind']);
  assert.equal(name, `data/runs/fc-eta-lambda/smoke/eta=0.1,lambda=1e-7,kind=fc-${header.hash.slice(0, 8)}.jsonl`);
  assert.throws(() => runPath('data/runs', header, ['width']), /cannot name a run by width: it is missing/);
});

test('what is written is read back to the bit, a diverged loss included', () => {
  const { header, file } = fresh({ autoL2 });
  const writer = RunWriter.create(file, header);
  const measures = [
    exampleMeasure(0, { trainLoss: 0.1 + 0.2 }),
    exampleMeasure(3, { trainLoss: NaN, testLoss: Infinity }),
  ];
  for (const measure of measures) writer.measure(measure);
  writer.event({ kind: 'l2-decay', step: 3, lambda: 1e-4 });
  writer.end({ reason: 'diverged', step: 3, seconds: 1.5 });
  const run = readRun(file);
  assert.deepEqual(run.header, header);
  assert.deepEqual(run.measures, measures);
  assert.deepEqual(run.events, [{ kind: 'l2-decay', step: 3, lambda: 1e-4 }]);
  assert.deepEqual(run.end, { kind: 'end', reason: 'diverged', step: 3, seconds: 1.5 });
  assert.equal(run.torn, false);
});

test('a run whose file exists is not begun again, and the message says in what state it is', () => {
  const { header, file } = unfinished();
  const before = fs.readFileSync(file);
  assert.throws(() => RunWriter.create(file, header), is(file, /exists and its run is unfinished, at step 4/));
  assert.deepEqual(fs.readFileSync(file), before);
});

test('a file that holds another configuration under this name is an error that names the hash', () => {
  const { header, file } = fresh();
  fs.mkdirSync(dirname(file), { recursive: true });
  const other = exampleHeader(exampleConfig({ eta: 0.2 }));
  fs.writeFileSync(file, `${JSON.stringify({ ...other, schema: 1 })}\n`);
  assert.throws(() => RunWriter.create(file, header), is(file, /the name says [0-9a-f]{8}/, 1));
  assert.throws(() => RunWriter.resume(file, { step: 0 }), is(file, /the name says [0-9a-f]{8}/, 1));
});

test('a header whose hash is not that of its configuration is refused', () => {
  const { header, file } = fresh();
  assert.throws(
    () => RunWriter.create(file, { ...header, hash: '0'.repeat(64) }),
    is(file, /header's hash is 000000000000/),
  );
});

test('a resumed run repeats logged steps to the bit without writing them again, then goes on', () => {
  const { header, file } = unfinished(5, { steps: 5 });
  const writer = RunWriter.resume(file, {
    step: 3,
    expected: { hash: header.hash, numerics: header.numerics, threads: 1 },
  });
  assert.equal(writer.lastStep, 4);
  assert.equal(writer.expect(exampleMeasure(3, { seconds: 99 })), true);
  for (const step of [4, 5]) writer.measure(exampleMeasure(step));
  writer.end({ reason: 'finished', step: 5, seconds: 1 });
  const run = readRun(file);
  assert.deepEqual(
    run.measures,
    [0, 1, 2, 3, 4, 5].map((step) => exampleMeasure(step)),
  );
  assert.equal(run.events.length, 1);
  assert.equal(run.events[0]!.step, 3);
});

test('a recomputed step that differs in the last bit is an error that names field, step and both values', () => {
  const { file } = unfinished(5);
  const writer = RunWriter.resume(file, { step: 3 });
  const before = exampleMeasure(4).testLoss;
  const after = before * (1 + Number.EPSILON);
  assert.notEqual(before, after);
  assert.throws(
    () => writer.measure(exampleMeasure(4, { testLoss: after })),
    is(file, new RegExp(`testLoss of step 4 is ${after}.*${before}`)),
  );
  assert.throws(() => writer.measure(exampleMeasure(3.5)), is(file, /step 3.5 is measured now but not in the log/));
  writer.close();
});

test('a logged decay of lambda is compared, one that was not logged is an error', () => {
  const { header, file } = fresh({ autoL2, lambda: 0.1 });
  const first = RunWriter.create(file, header);
  for (const step of [0, 1]) first.measure(exampleMeasure(step));
  first.event({ kind: 'l2-decay', step: 1, lambda: 0.01 });
  first.measure(exampleMeasure(2));
  first.close();
  const writer = RunWriter.resume(file, { step: 0 });
  writer.event({ kind: 'l2-decay', step: 1, lambda: 0.01 });
  assert.throws(() => writer.event({ kind: 'l2-decay', step: 0, lambda: 0.01 }), is(file, /decays to 0.01 at step 0/));
  assert.throws(() => writer.event({ kind: 'l2-decay', step: 1, lambda: 0.05 }), is(file, /Expected 0.01/));
  writer.close();
  assert.equal(readRun(file).events.filter((event) => event.kind === 'l2-decay').length, 1);
});

test('a file cut at any byte behind its header is read without the torn line, and resumed without a trace of it', () => {
  const { header, file } = unfinished(3);
  const whole = fs.readFileSync(file);
  const headerBytes = whole.indexOf(10) + 1;
  for (let cut = headerBytes; cut < whole.length; cut += 7) {
    fs.writeFileSync(file, whole.subarray(0, cut));
    const run = readRun(file);
    const writer = RunWriter.resume(file, { step: 0, expected: { hash: header.hash } });
    assert.deepEqual(writer.logged.measures, run.measures);
    for (let step = 0; step < 3; step++) writer.measure(exampleMeasure(step));
    writer.close();
    const resumed = readRun(file);
    assert.equal(resumed.torn, false);
    assert.deepEqual(
      resumed.measures,
      [0, 1, 2].map((step) => exampleMeasure(step)),
    );
  }
});

test('a stopped run can go on and then holds one end line; a finished one cannot', () => {
  const { header, file } = fresh({ steps: 0 });
  const first = RunWriter.create(file, header);
  first.measure(exampleMeasure(0));
  first.end({ reason: 'stopped', step: 0, seconds: 1 });
  const second = RunWriter.resume(file, { step: 0 });
  second.measure(exampleMeasure(0));
  second.end({ reason: 'finished', step: 0, seconds: 1 });
  assert.equal(readRun(file).end?.reason, 'finished');
  assert.throws(() => RunWriter.resume(file, { step: 0 }), is(file, /has ended \(finished at step 0\)/));
});

test('a run does not go on with other threads, numerics or configuration', () => {
  const { file } = unfinished();
  assert.throws(
    () => RunWriter.resume(file, { step: 0, expected: { threads: 2 } }),
    is(file, /threads is 1. Expected 2/, 1),
  );
  assert.throws(() => RunWriter.resume(file, { step: 0, expected: { numerics: 99 } }), is(file, /numerics/, 1));
  assert.throws(() => RunWriter.resume(file, { step: 0, expected: { hash: 'ff' } }), is(file, /hash/, 1));
  RunWriter.resume(file, { step: 0 }).close();
});

test('two processes cannot write one run, and the lock of a killed one does not stay', () => {
  const { header, file } = fresh();
  const writer = RunWriter.create(file, header);
  assert.throws(
    () => RunWriter.resume(file, { step: 0 }),
    is(file, new RegExp(`process ${process.pid} on .* is writing this run`)),
  );
  writer.close();
  const other = fresh();
  const script = `
    import { RunWriter } from ${JSON.stringify(new URL('../../lib/runs/index.ts', import.meta.url).href)};
    RunWriter.create(${JSON.stringify(other.file)}, ${JSON.stringify(other.header)});
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(child.signal, 'SIGKILL', child.stderr.toString());
  assert.ok(fs.existsSync(`${other.file}.lock`));
  RunWriter.resume(other.file, { step: 0 }).close();
  assert.ok(!fs.existsSync(`${other.file}.lock`));
});

test('a disk that fills in the middle of a line leaves whole lines and says what to do', (t) => {
  const { header, file } = fresh();
  const writer = RunWriter.create(file, header);
  writer.measure(exampleMeasure(0));
  const before = fs.readFileSync(file);
  const write = fs.writeSync;
  let calls = 0;
  const full = t.mock.method(
    fs,
    'writeSync',
    (fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
      if (calls++ === 0) return write(fd, bytes, offset, Math.min(10, length), position);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  );
  assert.throws(
    () => writer.measure(exampleMeasure(1)),
    is(file, /cannot write the measurement of step 1: the disk is full.*Free some space/),
  );
  full.mock.restore();
  assert.deepEqual(fs.readFileSync(file), before);
  writer.measure(exampleMeasure(1));
  writer.close();
  assert.equal(readRun(file).measures.length, 2);
});

test('a run cannot be begun in a folder that may not be written, and leaves nothing there', () => {
  const folder = join(root, 'read-only');
  const { header } = fresh();
  const file = examplePath(folder, header);
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.chmodSync(root, 0o755);
  fs.chmodSync(dirname(file), 0o555);
  // Root may write anywhere: be somebody else for this call.
  const root0 = process.getuid?.() === 0;
  if (root0) process.seteuid!(65534);
  try {
    assert.throws(
      () => RunWriter.create(file, header),
      is(file, /cannot create the run: permission denied \(EACCES\).*another folder/),
    );
  } finally {
    if (root0) process.seteuid!(0);
  }
  assert.deepEqual(fs.readdirSync(dirname(file)), []);
});

test('a checkpoint flushes the log first and goes with the end of the run', (t) => {
  const { header, file } = fresh();
  const order: string[] = [];
  const writer = RunWriter.create(file, header);
  writer.measure(exampleMeasure(0));
  const sync = fs.fsyncSync;
  const rename = fs.renameSync;
  t.mock.method(fs, 'fsyncSync', (fd: number) => (order.push('fsync'), sync(fd)));
  t.mock.method(fs, 'renameSync', (from: string, to: string) => (order.push('rename'), rename(from, to)));
  writer.checkpoint({ step: 1, arrays: { w: new Float32Array(3) }, state: null });
  // The log, the temporary checkpoint, its name, the folder.
  assert.deepEqual(order, ['fsync', 'fsync', 'rename', 'fsync']);
  assert.ok(fs.existsSync(checkpointPath(file)));
  writer.end({ reason: 'finished', step: 1, seconds: 0 });
  assert.ok(!fs.existsSync(checkpointPath(file)));
});

test('an observation comes back to the bit; a resumed run repeats it or is told the step', () => {
  const { header, file } = fresh({ steps: 2 });
  const observation = { step: 2, seconds: 0.5, values: { f: [0.1, -1 / 3], norm: 7 } };
  const writer = RunWriter.create(file, header);
  writer.observe({ ...observation, step: 0 });
  writer.observe(observation);
  writer.close();
  const resumed = RunWriter.resume(file, { step: 1 });
  resumed.observe({ ...observation, seconds: 99 });
  assert.throws(
    () => resumed.observe({ ...observation, values: { ...observation.values, norm: 7 + 1e-14 } }),
    is(file, /observation of step 2 is another/),
  );
  resumed.end({ reason: 'finished', step: 2, seconds: 1 });
  const run = readRun(file);
  assert.deepEqual(run.observations[1], { kind: 'observe', ...observation });
  assert.equal(run.observations.length, 2);
});

test('a damaged observation names what is wrong with it', () => {
  const { header, file } = fresh();
  const writer = RunWriter.create(file, { ...header, schema: 1 });
  writer.observe({ step: 0, seconds: 0, values: { f: [1] } });
  writer.close();
  fs.appendFileSync(file, '{"kind":"observe","step":1,"seconds":0,"values":{"f":["x"]}}\n');
  assert.throws(() => readRun(file), is(file, /observed f is neither a number nor a list of numbers/, 3));
});
