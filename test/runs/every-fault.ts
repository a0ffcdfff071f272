/** A run with checkpoints, in which each file operation fails in turn: whatever fails, the log stays whole, and going on ends it. */
import fs from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { checkpointPath, readCheckpoint, readRun, RunFileError, RunWriter } from '../../lib/runs/index.ts';
import type { RunHeader } from '../../lib/runs/index.ts';
import { Disk, injectFaults, PowerCut } from './faults.ts';
import { exampleConfig, exampleHeader, exampleMeasure, examplePath } from './example.ts';

export const FAULTS = ['ENOSPC', 'EIO', 'EROFS', 'EINTR', 'power'] as const;

const STEPS = 6;
const CHECKPOINT_EVERY = 2;

/** Makes the run, or goes on with it, as the recorder does. */
function make(file: string, header: RunHeader): void {
  let writer: RunWriter;
  let from = 0;
  if (fs.existsSync(file)) {
    if (readRun(file).end?.reason === 'finished') return;
    const saved = checkpointPath(file);
    from = fs.existsSync(saved) ? readCheckpoint(saved, header.hash).step : 0;
    writer = RunWriter.resume(file, { step: from, expected: header });
  } else writer = RunWriter.create(file, header);
  try {
    for (let step = from; step <= STEPS; step++) {
      writer.measure(exampleMeasure(step));
      if (step > 0 && step % CHECKPOINT_EVERY === 0 && step < STEPS)
        writer.checkpoint({ step: step + 1, arrays: { w: new Float32Array([step]) }, state: {} });
    }
    writer.end({ reason: 'finished', step: STEPS, seconds: 1 });
  } finally {
    writer.close();
  }
}

const told = (file: string) => {
  const { measures, end } = readRun(file);
  return { measures, reason: end?.reason };
};

export interface Outcome {
  tried: number;
  /** How many ended in an error, which is a RunFileError except when the power went. */
  errors: number;
}

/**
 * Fails operation 0, `every`, 2 `every`, ... of the run by `fault`, in a folder each below `scratch`.
 * @throws AssertionError at the first after which anything is lost, wrong or unclear
 */
export function everyFault(scratch: string, fault: (typeof FAULTS)[number], every = 1): Outcome {
  const header = exampleHeader(exampleConfig({ steps: STEPS }));
  const plain = examplePath(join(scratch, `plain-${fault}`), header);
  make(plain, header);
  const expected = told(plain);
  const outcome = { tried: 0, errors: 0 };
  for (let at = 0; ; at += every) {
    const root = join(scratch, `${fault}-${at}`);
    fs.mkdirSync(root);
    const disk = new Disk(root);
    disk.synced(root);
    let file = examplePath(root, header);
    let error: unknown;
    let failed: string | undefined;
    {
      using faults = injectFaults(at, fault, (path) => disk.synced(path));
      try {
        make(file, header);
      } catch (caught) {
        error = caught;
      }
      failed = faults.failed;
    }
    if (failed === undefined) return outcome;
    outcome.tried++;
    const what = `${fault} at operation ${at}, ${failed}`;
    if (error !== undefined) outcome.errors++;
    if (fault === 'power') {
      assert.ok(error instanceof PowerCut || error instanceof RunFileError, `${what}: ${String(error)}`);
      const after = join(scratch, `power-${at}-after`);
      disk.restore(after);
      file = examplePath(after, header);
    } else if (error !== undefined) {
      assert.ok(error instanceof RunFileError, `${what}: no clear error but ${(error as Error).message}`);
      assert.match(error.message, /Expected .+\. \S+/, what);
    }
    // What is there can be read, is the beginning of the whole, and going on makes the whole.
    if (fs.existsSync(file)) {
      const { measures } = told(file);
      assert.deepEqual(measures, expected.measures.slice(0, measures.length), what);
    }
    make(file, header);
    assert.deepEqual(told(file), expected, what);
  }
}
