import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  COMMITTED_LOGS,
  readRun,
  readRuns,
  RunFileError,
  RunWriter,
  SCHEMA,
  verifyRuns,
} from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath, temporaryFolder } from './support.ts';

const STEPS = 20;

function writeRun(root: string, eta: number, { ended = true, trainLoss = 0.5, schema = SCHEMA } = {}): string {
  const header = exampleHeader(exampleConfig({ eta, steps: STEPS }), { schema });
  const file = examplePath(root, header);
  const writer = RunWriter.create(file, header);
  for (let step = 0; step <= STEPS; step++) writer.measure(exampleMeasure(step, { eta, trainLoss }));
  if (ended) writer.end({ reason: 'finished', step: STEPS, seconds: 1 });
  else writer.close();
  return file;
}

/** Changes line `number` (from 1). */
function damage(file: string, number: number, change: (line: string) => string): void {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  lines[number - 1] = change(lines[number - 1]!);
  fs.writeFileSync(file, lines.join('\n'));
}

test('a damaged line is named by file and number and loses no other run', () => {
  const root = temporaryFolder();
  const files = [0.1, 0.2, 0.3].map((eta) => writeRun(root, eta));
  damage(files[1]!, 5, (line) => line.slice(0, 20));
  const { runs, problems } = readRuns([root]);
  assert.deepEqual(
    runs.map((run) => run.header.config.eta),
    [0.1, 0.3],
  );
  assert.equal(problems.length, 1);
  assert.equal(problems[0]!.file, files[1]);
  assert.equal(problems[0]!.line, 5);
  assert.match(problems[0]!.message, /:5: the line is damaged: it does not end with its digest.*npm run train/);
});

const faults: { name: string; line: number; change: (line: string) => string; message: RegExp }[] = [
  {
    name: 'a missing field',
    line: 4,
    change: (line) => line.replace('"l2Norm"', '"norm"'),
    message: /l2Norm is missing, not a number/,
  },
  {
    name: 'a number that became text',
    line: 4,
    change: (line) => line.replace(/"step":2/, '"step":"2"'),
    message: /step is "2"/,
  },
  {
    name: 'a step out of order',
    line: 4,
    change: (line) => line.replace(/"step":2/, '"step":1'),
    message: /step 1 follows step 1/,
  },
  { name: 'an empty line', line: 4, change: () => '', message: /it is not JSON/ },
  {
    name: 'an unknown kind',
    line: 4,
    change: (line) => line.replace('measure', 'guess'),
    message: /its kind is "guess"/,
  },
  {
    name: 'a changed configuration',
    line: 1,
    change: (line) => line.replace('"seed":0', '"seed":1'),
    message: /header's hash/,
  },
  {
    name: 'a field that is there twice',
    line: 4,
    change: (line) => line.replace('"l2Norm":', '"l2Norm":1,"l2Norm":'),
    message: /not written as a run file writes it/,
  },
  {
    name: 'a number beyond all numbers',
    line: 4,
    change: (line) => line.replace(/"trainLoss":[^,]*/, '"trainLoss":1e999'),
    message: /not written as a run file writes it/,
  },
  {
    name: 'a field that no line of its kind has',
    line: 4,
    change: (line) => line.replace('"l2Norm"', '"extra":1,"l2Norm"'),
    message: /a measure line has no "extra"/,
  },
  ...(
    [
      ['step', '21', /step 21 lies behind step 20/],
      ['step', '-1', /step is -1, not a whole number/],
      ['epoch', '7', /epoch is 7 at step 2, by batch size and samples it is 2/],
      ['seconds', '-1', /seconds is -1/],
      ['trainError', '1.5', /trainError is 1.5, not a number from 0 to 1/],
      ['testError', '"NaN"', /an error is NaN at step 2 where losses and norm are numbers/],
      ['testLoss', '-0.5', /testLoss is -0.5/],
      ['l2Norm', '"nan"', /l2Norm is "nan"/],
      ['eta', '0.3', /eta is 0.3, the run's is 0.1/],
      ['lambda', '0.01', /lambda is 0.01, the run's is 0.001/],
    ] as const
  ).map(([field, value, message]) => ({
    name: `${field} = ${value}`,
    line: 4,
    change: (line: string) => line.replace(new RegExp(`"${field}":[^,}]*`), `"${field}":${value}`),
    message,
  })),
  ...(
    [
      ['numerics', '3', /numerics is 3, not a whole number from 1 to/],
      ['threads', '0', /threads is 0/],
      ['device', '"tpu"', /device is "tpu", not cpu or gpu/],
      ['commit', '"0000"', /git is .*not a commit of 40 hex digits/],
      ['startedAt', '"yesterday"', /startedAt is "yesterday"/],
      ['sweep', '"../x"', /sweep is "\.\.\/x", not a name/],
    ] as const
  ).map(([field, value, message]) => ({
    name: `${field} = ${value} in the header`,
    line: 1,
    change: (line: string) => line.replace(new RegExp(`"${field}":("[^"]*"|[^,}]*)`), `"${field}":${value}`),
    message,
  })),
  {
    name: 'a newer schema',
    line: 1,
    change: (line) => line.replace('"schema":1', '"schema":3'),
    message: /its schema is 3, this code reads 1 and 2/,
  },
  {
    name: 'a second header',
    line: 2,
    change: () => JSON.stringify(exampleHeader(exampleConfig(), { schema: 1 })),
    message: /a second run line/,
  },
  {
    name: 'a missing header',
    line: 1,
    change: () => JSON.stringify(exampleMeasure(0)),
    message: /the first line is a measure/,
  },
];
for (const fault of faults)
  test(`${fault.name} is found, at its line`, () => {
    const root = temporaryFolder();
    const file = writeRun(root, 0.1, { schema: 1 });
    damage(file, fault.line, fault.change);
    assert.throws(() => readRun(file), { file, line: fault.line, message: fault.message });
  });

test('a run under another name, preset or sweep is an error that says what its place is', () => {
  const root = temporaryFolder();
  const file = writeRun(root, 0.1);
  const renamed = join(dirname(file), basename(file).replace('eta=0.1', 'eta=0.2'));
  fs.renameSync(file, renamed);
  assert.throws(() => readRun(renamed), /the name says eta=0.2. Expected eta=0.1/);
  const moved = join(root, 'fc-eta-lambda', 'paper', basename(file));
  fs.mkdirSync(dirname(moved));
  fs.renameSync(renamed, moved);
  assert.throws(() => readRun(moved), /it lies in the folder paper. Expected the folder of its preset, smoke/);
});

test("the user's own run lies over the committed one, unless only the committed one has ended", () => {
  const [committed, local] = [temporaryFolder(), temporaryFolder()];
  writeRun(committed, 0.1, { trainLoss: 1 });
  writeRun(committed, 0.2, { trainLoss: 1 });
  writeRun(local, 0.1, { trainLoss: 2 });
  writeRun(local, 0.2, { trainLoss: 2, ended: false });
  writeRun(local, 0.3, { trainLoss: 2, ended: false });
  const { runs } = readRuns([committed, local]);
  const loss = new Map(runs.map((run) => [run.header.config.eta, run.measures[0]!.trainLoss]));
  assert.deepEqual(
    [...loss].toSorted(([a], [b]) => a - b),
    [
      [0.1, 2],
      [0.2, 1],
      [0.3, 2],
    ],
  );
});

test('a missing folder holds no runs and is no problem', () => {
  assert.deepEqual(readRuns([join(temporaryFolder(), 'none')]), { runs: [], problems: [] });
});

test('a finished run whose last measurement is not that of its last step is an error', () => {
  const file = writeRun(temporaryFolder(), 0.1, { schema: 1 });
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/.*"step":20,"epoch.*\n/, ''));
  assert.throws(() => readRun(file), /last measured at step 19 and ended at step 20. Expected step 20/);
});

test('from schema 2 on every flipped bit, lost line and added byte is found', () => {
  const file = writeRun(temporaryFolder(), 0.1);
  const whole = fs.readFileSync(file);
  readRun(file);
  let state = 1;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let at = 0; at < whole.length; at += 1 + random(10)) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1 << random(8);
    fs.writeFileSync(file, flipped);
    assert.throws(() => readRun(file), RunFileError, `byte ${at}`);
  }
  const lines = whole.toString().trimEnd().split('\n');
  for (const [number] of lines.slice(0, -1).entries()) {
    fs.writeFileSync(file, `${lines.toSpliced(number, 1).join('\n')}\n`);
    assert.throws(() => readRun(file), { line: number + 1 }, `without line ${number + 1}`);
    fs.writeFileSync(file, `${lines.toSpliced(number, 0, lines[number]!).join('\n')}\n`);
    assert.throws(() => readRun(file), RunFileError, `with line ${number + 1} twice`);
  }
  fs.writeFileSync(file, `${whole.toString()}\0`);
  assert.equal(readRun(file).torn, true);
});

test("the end line's digest is what sha256sum says of the bytes before it", () => {
  const whole = fs.readFileSync(writeRun(temporaryFolder(), 0.1));
  const digest = /,"digest":"([0-9a-f]{64})"}\n$/.exec(whole.toString())!;
  assert.equal(digest[1], createHash('sha256').update(whole.subarray(0, digest.index)).digest('hex'));
});

test('a run of schema 1 goes on without digests, and both kinds are read side by side', () => {
  const root = temporaryFolder();
  const old = writeRun(root, 0.1, { schema: 1, ended: false });
  writeRun(root, 0.2);
  const writer = RunWriter.resume(old, { step: 0 });
  writer.end({ reason: 'finished', step: STEPS, seconds: 1 });
  assert.ok(!fs.readFileSync(old, 'utf8').includes('digest'));
  assert.deepEqual(
    readRuns([root]).runs.map(({ header }) => header.schema),
    [1, 2],
  );
});

test('verify finds a run that measures too often, and leaves looks of AutoL2 more room', () => {
  const write = (looks: boolean): string => {
    const root = temporaryFolder();
    const header = exampleHeader(exampleConfig({ steps: 1000 }));
    const writer = RunWriter.create(examplePath(root, header), header);
    for (let step = 0; step <= 1000; step++)
      if (looks && step % 1000 !== 0)
        writer.observe({ step, seconds: 1, values: { trainLoss: 1 / 3, trainError: 1 / 7 } });
      else writer.measure(exampleMeasure(step));
    writer.end({ reason: 'finished', step: 1000, seconds: 1 });
    return root;
  };
  assert.match(verifyRuns([write(false)]).problems[0]!.message, /has \d{6} bytes. Expected at most 115000/);
  const room = write(true);
  assert.ok(fs.statSync(verifyRuns([room]).runs[0]!.file).size > 115_000);
  assert.deepEqual(verifyRuns([room]).problems, []);
});

test('the verify command names every problem, counts the runs and fails only where there is a problem', () => {
  const root = temporaryFolder();
  const files = [writeRun(root, 0.1), writeRun(root, 0.2, { ended: false })];
  const command = () =>
    spawnSync(process.execPath, [new URL('../../lib/runs/main.ts', import.meta.url).pathname, root], {
      encoding: 'utf8',
    });
  const good = command();
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /2 runs in .*: 1 finished, 1 unfinished; 0 problems/);
  damage(files[0]!, 3, () => '{');
  const bad = command();
  assert.equal(bad.status, 1);
  assert.ok(bad.stderr.includes(`${files[0]}:3: the line is damaged`), bad.stderr);
  assert.match(bad.stdout, /1 runs in .*: 1 unfinished; 1 problems/);
});

test('the committed logs verify: every line, hash and name, and finished runs to their last step', () => {
  const { runs, problems } = verifyRuns([COMMITTED_LOGS]);
  assert.ok(runs.length > 400, `${runs.length} runs`);
  assert.ok(
    runs.some(({ measures, observations }) => measures.length > 0 && observations.length > 0),
    'a run of AutoL2 among them',
  );
  assert.deepEqual(
    problems.map(({ message }) => message),
    [],
  );
});
