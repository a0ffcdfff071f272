/**
 * A checkpoint file: `L2-CHECKPOINT 1\n`, the length of its JSON head (uint32, little endian), the head, the bytes of every array, and the
 * SHA-256 of all that. Written under a temporary name, flushed, renamed: a kill leaves the old one or the new one, never half of one.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { canonicalJson } from './config.ts';
import { replaceFile } from './durable.ts';
import { asRunFileError, RunFileError } from './error.ts';
import { readRegularFile } from './file.ts';

const MAGIC = Buffer.from('L2-CHECKPOINT 1\n');
const SUM_BYTES = 32;
const kinds = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array };

export type CheckpointArray = InstanceType<(typeof kinds)[keyof typeof kinds]>;

export interface Checkpoint {
  /** Hash of the run's configuration. */
  hash: string;
  /** The next step to train: this many updates are in the arrays. */
  step: number;
  /** Parameters, optimizer slots and the like, by name. */
  arrays: Record<string, CheckpointArray>;
  /** Counters of generators, elapsed seconds, a schedule's state: plain JSON, finite numbers only. */
  state: unknown;
}

interface Head {
  hash: string;
  step: number;
  state: unknown;
  arrays: { name: string; kind: keyof typeof kinds; length: number }[];
}

/** Where the checkpoint of a run file lies: beside it, ignored by git. */
export function checkpointPath(runFile: string): string {
  return `${runFile.replace(/\.jsonl$/, '')}.ckpt`;
}

/** Writes a checkpoint atomically. Throws a RunFileError when it cannot; an older checkpoint of that name is then still whole. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const arrays = Object.entries(checkpoint.arrays);
  const head: Head = {
    hash: checkpoint.hash,
    step: checkpoint.step,
    state: checkpoint.state,
    arrays: arrays.map(([name, array]) => ({ name, kind: kindOf(name, array), length: array.length })),
  };
  const headBytes = Buffer.from(canonicalJson(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headBytes.length);
  const parts = [MAGIC, length, headBytes, ...arrays.map(([, a]) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))];
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  try {
    replaceFile(path, [...parts, sum.digest()]);
  } catch (cause) {
    throw asRunFileError(path, 'write the checkpoint', cause);
  }
}

/** Reads a checkpoint and proves its checksum, and, given one, that it belongs to the configuration of that hash. Arrays are copies. */
export function readCheckpoint(path: string, hash?: string): Checkpoint {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(path);
  } catch (cause) {
    throw asRunFileError(path, 'read the checkpoint', cause);
  }
  const remedy = 'Delete it: the run then starts again from step 0 and its log is compared, not lost.';
  const body = bytes.subarray(0, Math.max(0, bytes.length - SUM_BYTES));
  const start = MAGIC.length + 4;
  if (body.length < start || !body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new RunFileError({
      file: path,
      found: 'this is not a checkpoint, or it is cut',
      expected: `a file that begins ${MAGIC.toString().trim()}`,
      remedy,
    });
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length)))
    throw new RunFileError({
      file: path,
      found: 'the checkpoint is damaged',
      expected: 'content that fits its checksum',
      remedy,
    });
  let offset = start + body.readUInt32LE(MAGIC.length);
  const head = JSON.parse(body.toString('utf8', start, offset)) as Head;
  if (hash !== undefined && head.hash !== hash)
    throw new RunFileError({
      file: path,
      found: `the checkpoint belongs to the configuration ${head.hash.slice(0, 8)}`,
      expected: hash.slice(0, 8),
      remedy,
    });
  const arrays: Record<string, CheckpointArray> = {};
  for (const { name, kind, length } of head.arrays) {
    const array = new kinds[kind](length);
    new Uint8Array(array.buffer).set(body.subarray(offset, offset + array.byteLength));
    arrays[name] = array;
    offset += array.byteLength;
  }
  return { hash: head.hash, step: head.step, arrays, state: head.state };
}

/** Removes a checkpoint if it is there. */
export function removeCheckpoint(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch (cause) {
    throw asRunFileError(path, 'remove the checkpoint, which the run needs no more', cause);
  }
}

function kindOf(name: string, array: CheckpointArray): Head['arrays'][number]['kind'] {
  const kind = array.constructor.name;
  if (!(kind in kinds))
    throw new TypeError(`checkpoint array ${name} is a ${kind}: expected ${Object.keys(kinds).join(', ')}`);
  return kind as keyof typeof kinds;
}
