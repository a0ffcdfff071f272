// npm run soak:files: every file operation of a run fails in turn, every byte of a torn log, six processes at one lock. Prints the table of lib/runs/README.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRun, RunFileError, RunWriter } from '../../lib/runs/index.ts';
import { everyFault, FAULTS } from './every-fault.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath } from './example.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'l2-dynamics-soak-'));
const row = (what: string, tried: number, came: string) => console.log(`| ${what} | ${tried} | ${came} |`);

/** A finished log of a few lines. */
function log(name: string): { file: string; content: Buffer } {
  const header = exampleHeader(exampleConfig({ steps: 3 }));
  const file = examplePath(join(scratch, name), header);
  const writer = RunWriter.create(file, header);
  for (let step = 0; step <= 3; step++) writer.measure(exampleMeasure(step));
  writer.end({ reason: 'finished', step: 3, seconds: 1 });
  return { file, content: fs.readFileSync(file) };
}

/** Whether reading refuses the file. */
function refused(file: string): boolean {
  try {
    readRun(file);
    return false;
  } catch (error) {
    assert.ok(error instanceof RunFileError, String(error));
    return true;
  }
}

function flips(): void {
  const { file, content } = log('flips');
  let [tried, found] = [0, 0];
  for (let i = 0; i < content.length; i++) {
    for (const bit of [1, 4, 16]) {
      const damaged = Buffer.from(content);
      damaged[i]! ^= bit;
      fs.writeFileSync(file, damaged);
      tried++;
      if (refused(file)) found++;
    }
  }
  assert.equal(found, tried, 'a changed bit that nobody noticed');
  row('a bit of a log changed', tried, 'all detected');
}

function torn(): void {
  const { file, content } = log('torn');
  const firstLine = content.indexOf('\n') + 1;
  let [resumed, named] = [0, 0];
  for (let size = 0; size < content.length - 1; size++) {
    fs.writeFileSync(file, content.subarray(0, size));
    if (size < firstLine - 1) {
      assert.ok(refused(file), `${size} bytes`);
      named++;
      continue;
    }
    const writer = RunWriter.resume(file, { step: 0 });
    for (let step = 0; step <= 3; step++) writer.measure(exampleMeasure(step));
    writer.end({ reason: 'finished', step: 3, seconds: 1 });
    assert.equal(readRun(file).measures.length, 4);
    resumed++;
  }
  row(
    'a log cut at every byte',
    resumed + named,
    `${resumed} went on to the same end, ${named} without a header named`,
  );
}

async function locks(processes: number, turns: number): Promise<void> {
  const file = join(scratch, 'contended.jsonl');
  const results = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-process.ts'), file, String(turns)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (text: Buffer) => (output += text.toString()));
      await once(child, 'close');
      return JSON.parse(output) as { had: number; overlaps: number };
    }),
  );
  const had = results.reduce((sum, result) => sum + result.had, 0);
  assert.equal(had, processes * turns);
  assert.equal(
    results.reduce((sum, { overlaps }) => sum + overlaps, 0),
    0,
    'two had the lock at once',
  );
  row(`turns of ${processes} processes at one lock, some killed`, had, 'never two at once');
}

try {
  console.log('| what | tried | what came of it |\n| --- | ---: | --- |');
  for (const fault of FAULTS) {
    const { tried, errors } = everyFault(scratch, fault);
    const name =
      fault === 'power' ? 'power cut at an operation, unflushed bytes and names gone' : `${fault} from an operation`;
    row(name, tried, `all survived, ${errors} by an error that names the file; each went on to the same end`);
  }
  flips();
  torn();
  await locks(6, 170);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
