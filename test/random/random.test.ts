import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normals, philox } from '../../lib/random/index.ts';

// Known answers of the Random123 library (kat_vectors, philox 4x32-10): counter, key, result.
const KNOWN: [counter: number[], key: number[], result: number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test('philox gives the known answers of Random123', () => {
  for (const [counter, key, result] of KNOWN) {
    assert.deepEqual([...philox(counter as never, key as never)], result);
  }
});

test('normals are a function of seed, stream and position: a longer draw begins with the shorter one', () => {
  const long = normals(3, 1, 1003);
  assert.deepEqual(long.subarray(0, 6), normals(3, 1, 6));
  assert.notDeepEqual(normals(3, 1, 4), normals(3, 2, 4));
  assert.notDeepEqual(normals(3, 1, 4), normals(4, 1, 4));
});

test('normals have mean 0, variance 1 and the tails of a normal distribution', () => {
  const z = normals(1, 0, 100_000);
  const moment = (power: number) => z.reduce((sum, value) => sum + value ** power, 0) / z.length;
  assert.ok(Math.abs(moment(1)) < 0.01);
  assert.ok(Math.abs(moment(2) - 1) < 0.02);
  assert.ok(Math.abs(moment(4) - 3) < 0.15);
  const beyond = z.filter((value) => Math.abs(value) > 2).length / z.length;
  assert.ok(Math.abs(beyond - 0.0455) < 0.004);
});
