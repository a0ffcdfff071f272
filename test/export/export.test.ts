import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { csvParse } from 'd3-dsv';
import protobuf from 'google-protobuf';
import { parquetReadObjects } from 'hyparquet';
import { crc32c, maskedCrc32c } from '../../lib/export/crc32c.ts';
import { COMMITTED_LOGS, readRuns, ROOT, RunWriter, runPath, hashConfig } from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure } from '../runner/support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'l2-export-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}
const command = (...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'lib', 'export', 'main.ts'), ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });

const SWEEP = 'fc-autol2';
const { runs } = readRuns([COMMITTED_LOGS], { sweep: SWEEP });
const measured = runs.flatMap(({ measures }) => measures);
const exported = async (format: string): Promise<string> => {
  const out = join(scratch, format);
  const { code, stderr } = await command(COMMITTED_LOGS, '--sweep', SWEEP, '--format', format, '--out', out);
  assert.equal(code, 0, stderr);
  return out;
};

test('CSV and Parquet hold every run and every measurement, to the last digit', async () => {
  assert.ok(runs.length > 3);
  const [csv, parquet] = [await exported('csv'), await exported('parquet')];
  const read = async (name: string) => {
    const bytes = readFileSync(join(parquet, `${name}.parquet`));
    return (await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    })) as Record<string, unknown>[];
  };
  const [csvRuns, csvMeasures] = ['runs', 'measures'].map((name) =>
    csvParse(readFileSync(join(csv, `${name}.csv`), 'utf8')),
  );
  const [parquetRuns, parquetMeasures] = [await read('runs'), await read('measures')];
  for (const table of [csvRuns!, parquetRuns]) {
    assert.equal(table.length, runs.length);
    assert.deepEqual(JSON.parse(String(table[0]!['config'])), runs[0]!.header.config);
  }
  assert.equal(csvMeasures!.length, measured.length);
  assert.equal(parquetMeasures.length, measured.length);
  for (const at of [0, 7, measured.length - 1]) {
    for (const field of ['step', 'testLoss', 'testError', 'l2Norm', 'lambda'] as const) {
      assert.equal(Number(csvMeasures![at]![field]), measured[at]![field]);
      assert.equal(Number(parquetMeasures[at]![field]), measured[at]![field]);
    }
  }
});

test('CRC-32C is that of RFC 3720, masked as TensorFlow does', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  // Of no bytes the sum is 0, of which the mask is its constant.
  assert.equal(maskedCrc32c(Buffer.alloc(0)), 0xa282ead8);
});

/** Events of a file of TFRecords, each sum checked: step, and values by tag. */
function events(bytes: Buffer): { step: number; values: Record<string, number> }[] {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.equal(bytes.readUInt32LE(at + 8), maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(bytes.readUInt32LE(at + 12 + length), maskedCrc32c(data));
    at += 16 + length;
    const event = { step: 0, values: {} as Record<string, number> };
    const reader = new protobuf.BinaryReader(new Uint8Array(data));
    while (reader.nextField()) {
      if (reader.getFieldNumber() === 2) event.step = reader.readInt64();
      else if (reader.getFieldNumber() === 5)
        reader.readMessage(event, () => {
          while (reader.nextField())
            reader.readMessage(event, () => {
              let tag = '';
              while (reader.nextField()) {
                if (reader.getFieldNumber() === 1) tag = reader.readString();
                else event.values[tag] = new Float32Array(Uint32Array.of(reader.readFixed32()).buffer)[0]!;
              }
            });
        });
      else reader.skipField();
    }
    found.push(event);
  }
  return found;
}

test('TensorBoard event files hold every measurement of a run, with right sums', async () => {
  const out = await exported('tensorboard');
  const files = globSync('*/*/*/events.out.tfevents.*', { cwd: out });
  assert.equal(files.length, runs.length);
  const run = runs[0]!;
  const file = files.find((name) => name.endsWith(`.${run.header.hash.slice(0, 8)}`))!;
  const [version, ...rest] = events(readFileSync(join(out, file)));
  assert.deepEqual(version, { step: 0, values: {} });
  assert.deepEqual(
    rest.map(({ step, values }) => [step, values['test/accuracy'], values['train/loss']]),
    run.measures.map(({ step, testError, trainLoss }) => [step, Math.fround(1 - testError), Math.fround(trainLoss)]),
  );
});

test('an MLflow store has an experiment a sweep, parameters, and metrics with step and time', async () => {
  const out = await exported('mlflow');
  const experiments = readdirSync(out);
  assert.equal(experiments.length, new Set(runs.map(({ header }) => header.preset)).size);
  const ids = experiments.flatMap((id) =>
    readdirSync(join(out, id))
      .filter((name) => name !== 'meta.yaml')
      .map((run) => join(out, id, run)),
  );
  assert.equal(ids.length, runs.length);
  const lines = ids.map(
    (run) =>
      readFileSync(join(run, 'metrics', 'testLoss'), 'utf8')
        .trimEnd()
        .split('\n').length,
  );
  assert.equal(
    lines.reduce((sum, count) => sum + count, 0),
    measured.length,
  );
  // MLflow takes a folder for a run by these.
  for (const run of ids)
    assert.deepEqual(readdirSync(run).sort(), ['artifacts', 'meta.yaml', 'metrics', 'params', 'tags']);
  assert.ok(ids.every((run) => Number(readFileSync(join(run, 'params', 'eta'), 'utf8')) > 0));
});

test('a damaged log is named and left out, what diverged stays no number, and wrong arguments are told', async () => {
  const root = join(scratch, 'logs');
  for (const seed of [0, 1]) {
    const config = exampleConfig(seed);
    const header = exampleHeader(config);
    using writer = RunWriter.create(runPath(root, { ...header, hash: hashConfig(config) }, ['seed']), header);
    for (const step of [0, 1])
      writer.measure({
        ...exampleMeasure(config, step),
        ...(step === 1 && { trainLoss: Number.NaN, trainError: 1 }),
      });
  }
  const [first] = globSync('**/*.jsonl', { cwd: root });
  writeFileSync(join(root, first!), readFileSync(join(root, first!), 'utf8').replace('"step":1', '"step":2'));
  const out = join(scratch, 'partly');
  const { code, stdout, stderr } = await command(root, '--format', 'csv', '--out', out);
  assert.equal(code, 1);
  assert.match(stderr, /jsonl:3: /);
  assert.match(stdout, /1 runs in 2 files/);
  assert.deepEqual(
    csvParse(readFileSync(join(out, 'measures.csv'), 'utf8')).map((row) => row['trainLoss']),
    ['1', 'NaN'],
  );
  assert.match((await command(root)).stderr, /--format is missing: expected parquet, csv, tensorboard, mlflow/);
  assert.match((await command(root, '--format', 'xlsx')).stderr, /--format xlsx: expected/);
  assert.match((await command(join(root, 'none'), '--format', 'csv')).stderr, /there is no such folder/);
});
