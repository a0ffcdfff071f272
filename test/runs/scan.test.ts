import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { COMMITTED_LOGS, readRuns, RunWriter, verifyRuns } from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath, temporaryFolder } from './support.ts';

function writeRun(root: string, eta: number): string {
  const header = exampleHeader(exampleConfig({ eta, steps: 2 }));
  const file = examplePath(root, header);
  const writer = RunWriter.create(file, header);
  for (let step = 0; step <= 2; step++) writer.measure(exampleMeasure(step, { eta }));
  writer.end({ reason: 'finished', step: 2, seconds: 1 });
  return file;
}

const verify = (...args: string[]) =>
  spawnSync(process.execPath, [new URL('../../lib/runs/main.ts', import.meta.url).pathname, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });

const FIFO = spawnSync('mkfifo', ['--version']).status === 0;

test('whatever lies among the runs is named, hides none, and nothing is waited for', () => {
  const root = temporaryFolder();
  const run = writeRun(root, 0.1);
  const place = dirname(run);
  const odd: [name: string, message: RegExp][] = [
    ['folder.jsonl', /it is a folder/],
    ['loop.jsonl', /links go round in a circle/],
    ['nowhere.jsonl', /no such file/],
    ['device.jsonl', /it is a device/],
    ['vast.jsonl', /the file has 3000000000 bytes/],
    ['empty.jsonl', /the file is empty/],
    ['zeros.jsonl', /the run line is cut/],
    ['text.jsonl', /it is not JSON/],
  ];
  fs.mkdirSync(join(place, 'folder.jsonl'));
  fs.symlinkSync('loop.jsonl', join(place, 'loop.jsonl'));
  fs.symlinkSync('/nowhere', join(place, 'nowhere.jsonl'));
  fs.symlinkSync('/dev/zero', join(place, 'device.jsonl'));
  // Without content, so without room on the disk.
  fs.writeFileSync(join(place, 'vast.jsonl'), '');
  fs.truncateSync(join(place, 'vast.jsonl'), 3_000_000_000);
  fs.writeFileSync(join(place, 'empty.jsonl'), '');
  fs.writeFileSync(join(place, 'zeros.jsonl'), Buffer.alloc(100_000));
  fs.writeFileSync(join(place, 'text.jsonl'), 'hello\n');
  if (FIFO) {
    spawnSync('mkfifo', [join(place, 'fifo.jsonl')]);
    odd.push(['fifo.jsonl', /it is a FIFO/]);
  }
  // A circle of folders, and a link that leads nowhere in place of a sweep.
  fs.symlinkSync(root, join(root, 'fc-eta-lambda', 'circle'));
  fs.symlinkSync('/nowhere', join(root, 'gone'));
  odd.push(['gone', /cannot look into it: no such file/]);
  const { runs, problems } = readRuns([root]);
  assert.deepEqual(
    runs.map(({ file }) => file),
    [run],
  );
  for (const [name, message] of odd) {
    const problem = problems.find(({ file }) => basename(file) === name);
    assert.match(problem?.message ?? `${name} is not named`, message);
  }
  assert.equal(problems.length, odd.length);
  const { status, stderr } = verify(root);
  assert.equal(status, 1);
  for (const [name] of odd) assert.ok(stderr.includes(name), name);
});

test('verify finds exactly what workbooks read, through links too', () => {
  const [root, elsewhere] = [temporaryFolder(), temporaryFolder()];
  writeRun(root, 0.1);
  const linked = writeRun(elsewhere, 0.2);
  // Another preset's folder is a link, as on a cluster where data lie on another disk.
  const header = exampleHeader(exampleConfig({ eta: 0.2, steps: 2 }), { preset: 'paper' });
  const moved = examplePath(elsewhere, header);
  const writer = RunWriter.create(moved, header);
  for (let step = 0; step <= 2; step++) writer.measure(exampleMeasure(step, { eta: 0.2 }));
  writer.end({ reason: 'finished', step: 2, seconds: 1 });
  fs.rmSync(dirname(linked), { recursive: true });
  fs.symlinkSync(dirname(moved), join(root, 'fc-eta-lambda', 'paper'));
  const files = (runs: { file: string }[]): string[] => runs.map(({ file }) => file).toSorted();
  const verified = verifyRuns([root]);
  assert.deepEqual(verified.problems, []);
  assert.equal(verified.runs.length, 2);
  assert.deepEqual(files(verified.runs), files(readRuns([root]).runs));
  const chosen = ['smoke', 'paper'].flatMap((preset) => readRuns([root], { sweep: 'fc-eta-lambda', preset }).runs);
  assert.deepEqual(files(verified.runs), files(chosen));
});

test('a folder that may not be read is named and hides none', () => {
  const root = temporaryFolder();
  const run = writeRun(root, 0.1);
  fs.mkdirSync(join(root, 'closed'), { mode: 0o000 });
  fs.chmodSync(root, 0o755);
  // Root may read anywhere: be somebody else for this call.
  const root0 = process.getuid?.() === 0;
  if (root0) process.seteuid!(65534);
  try {
    const { runs, problems } = verifyRuns([root]);
    assert.deepEqual(
      runs.map(({ file }) => file),
      [run],
    );
    assert.match(problems[0]!.message, /closed: cannot list the folder: permission denied/);
  } finally {
    if (root0) process.seteuid!(0);
    fs.chmodSync(join(root, 'closed'), 0o700);
  }
});

test('a run that is there twice is named', () => {
  const root = temporaryFolder();
  const file = writeRun(root, 0.1);
  const twice = file.replace('eta=0.1,lambda=0.001', 'eta=0.1');
  fs.copyFileSync(file, twice);
  const { runs, problems } = verifyRuns([root]);
  assert.equal(runs.length, 1);
  assert.match(problems[0]!.message, /this run lies in .* too. Expected one file a run/);
});

test('a folder named for verify that holds no run is a problem', () => {
  const root = temporaryFolder();
  assert.match(verify(join(root, 'typo')).stderr, /there is no such folder. Expected <folder>\/<sweep>\/<preset>/);
  assert.match(verify(root).stderr, /no run lies in it/);
  assert.equal(verify(root).status, 1);
});

test('a manifest names what was changed, lost or added since; sha256sum reads it', (t) => {
  const root = temporaryFolder();
  const files = [0.1, 0.2, 0.3, 0.4].map((eta) => writeRun(root, eta));
  const place = dirname(files[0]!);
  assert.equal(verify('--write-manifests', root).status, 0);
  const sums = (): string => fs.readFileSync(join(place, 'SHA256SUMS'), 'utf8');
  assert.equal(sums().trimEnd().split('\n').length, 4);
  const tool = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: place, encoding: 'utf8' });
  if (tool.error) t.diagnostic('sha256sum is not here');
  else assert.equal(tool.status, 0, tool.stderr);

  // Another valid run of this configuration: only the manifest can tell.
  const before = fs.readFileSync(files[1]!);
  fs.rmSync(files[1]!);
  const header = exampleHeader(exampleConfig({ eta: 0.2, steps: 2 }));
  const other = RunWriter.create(files[1]!, header);
  for (let step = 0; step <= 2; step++) other.measure(exampleMeasure(step, { eta: 0.2, trainLoss: 0.5 }));
  other.end({ reason: 'finished', step: 2, seconds: 1 });
  fs.rmSync(files[2]!);
  const added = writeRun(root, 0.5);
  const { runs, problems } = readRuns([root]);
  assert.deepEqual(
    runs.map(({ file }) => file),
    [files[0], files[3], added],
  );
  const told = new Map(problems.map((problem) => [problem.file, problem.message]));
  assert.match(told.get(files[1]!)!, /so it was changed since it was committed, or SHA256SUMS was/);
  assert.match(told.get(files[2]!)!, /SHA256SUMS lists the file, but it is not there/);
  assert.match(told.get(added)!, /SHA256SUMS does not list the file.*npm run verify -- --write-manifests/);
  assert.equal(problems.length, 3);

  // A changed file is never listed anew; a lost and an added one are.
  const old = sums();
  const refused = verify('--write-manifests', root);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /keeps its old manifest: .*eta=0.2/);
  assert.equal(sums(), old);
  fs.writeFileSync(files[1]!, before);
  assert.equal(verify('--write-manifests', root).status, 0);
  assert.deepEqual(verifyRuns([root]).problems, []);
});

test('a damaged manifest is named by line and hides no run but those it tells of', () => {
  const root = temporaryFolder();
  const files = [0.1, 0.2, 0.3].map((eta) => writeRun(root, eta));
  verify('--write-manifests', root);
  const manifest = join(dirname(files[0]!), 'SHA256SUMS');
  const text = fs.readFileSync(manifest, 'utf8');
  for (const [damaged, message, read] of [
    [text.slice(0, 150), /:2: the line is damaged/, 3],
    [`${text}${text}`, /:4: eta=0.1.* is listed twice/, 3],
    ['\0'.repeat(100), /:1: the line is damaged/, 3],
    [text.replace(/^./, (digit) => (digit === '0' ? '1' : '0')), /SHA-256 is/, 2],
  ] as const) {
    fs.writeFileSync(manifest, damaged);
    const { runs, problems } = readRuns([root]);
    assert.equal(runs.length, read);
    assert.ok(
      problems.some((problem) => message.test(problem.message)),
      String(message),
    );
  }
  fs.rmSync(manifest);
  fs.mkdirSync(manifest);
  assert.equal(readRuns([root]).runs.length, 3);
  assert.match(readRuns([root]).problems[0]!.message, /SHA256SUMS: it is a folder/);
});

test('every committed log is in the manifest of its folder', () => {
  const places = fs.globSync('*/*', { cwd: COMMITTED_LOGS }).map((place) => join(COMMITTED_LOGS, place));
  assert.ok(places.length >= 17);
  for (const place of places) assert.ok(fs.existsSync(join(place, 'SHA256SUMS')), place);
});
