import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint, RunFileError, writeCheckpoint } from '../../lib/runs/index.ts';
import { temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const path = join(folder, 'a.ckpt');
const checkpoint = {
  hash: 'abc',
  step: 7,
  arrays: {
    'dense/w': Float32Array.of(1.5, -0, NaN, 3e-45),
    n: Int32Array.of(-1, 2 ** 30),
    big: new Float64Array(100_000).fill(Math.PI),
    u: Uint8Array.of(1, 2, 3),
  },
  state: { counters: [1, 2], nested: { seconds: 1.25 } },
};

test('a checkpoint comes back to the bit', () => {
  writeCheckpoint(path, checkpoint);
  assert.deepEqual(readCheckpoint(path, 'abc'), checkpoint);
  assert.deepEqual(fs.readdirSync(folder), ['a.ckpt']);
});

test('every damaged or cut checkpoint is an error that says so and what to do', () => {
  writeCheckpoint(path, { ...checkpoint, arrays: { w: new Float32Array(20) } });
  const whole = fs.readFileSync(path);
  for (let byte = 0; byte < whole.length; byte++) {
    const flipped = Buffer.from(whole);
    flipped[byte]! ^= 1;
    fs.writeFileSync(path, flipped);
    assert.throws(() => readCheckpoint(path), { name: 'RunFileError', message: /damaged|not a checkpoint/ });
    fs.writeFileSync(path, whole.subarray(0, byte));
    assert.throws(() => readCheckpoint(path), {
      name: 'RunFileError',
      message: /(damaged|not a checkpoint).*Delete it/,
    });
  }
});

test('a checkpoint of another configuration is refused', () => {
  writeCheckpoint(path, checkpoint);
  assert.throws(() => readCheckpoint(path, 'other'), /belongs to the configuration abc/);
});

test('a full disk leaves the older checkpoint whole and no temporary file', (t) => {
  writeCheckpoint(path, checkpoint);
  const write = fs.writeSync;
  let calls = 0;
  t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer, offset: number, length: number) => {
    if (calls++ < 3) return write(fd, bytes, offset, length);
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  });
  assert.throws(
    () => writeCheckpoint(path, { ...checkpoint, step: 8 }),
    (error) => error instanceof RunFileError && /cannot write the checkpoint: the disk is full/.test(error.message),
  );
  t.mock.restoreAll();
  assert.equal(readCheckpoint(path).step, 7);
  assert.deepEqual(fs.readdirSync(folder), ['a.ckpt']);
});

test('an array of an unknown kind is refused by name', () => {
  const arrays = { w: new BigInt64Array(1) } as unknown as typeof checkpoint.arrays;
  assert.throws(() => writeCheckpoint(path, { ...checkpoint, arrays }), /checkpoint array w is a BigInt64Array/);
});
