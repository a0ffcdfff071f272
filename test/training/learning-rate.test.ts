import assert from 'node:assert/strict';
import test from 'node:test';
import type { EtaSchedule } from '../../lib/runs/index.ts';
import { learningRate } from '../../lib/training/index.ts';

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `${actual} is not ${expected}`);

test('constant: eta never moves', () => {
  const rate = learningRate({ kind: 'constant' }, { eta: 0.3, steps: 100, batchesPerEpoch: 10 });
  assert.deepEqual([rate.at(0), rate.at(99), rate.changesAfter(0)], [0.3, 0.3, Infinity]);
});

test('steps: eta is multiplied at each fraction of the run', () => {
  const schedule: EtaSchedule = { kind: 'steps', fractions: [0.3, 0.6, 0.9], factor: 0.2 };
  const rate = learningRate(schedule, { eta: 0.2, steps: 1000, batchesPerEpoch: 48 });
  close(rate.at(299), 0.2);
  close(rate.at(300), 0.04);
  close(rate.at(600), 0.008);
  close(rate.at(900), 0.0016);
  assert.deepEqual([0, 299, 300, 899, 900].map(rate.changesAfter), [300, 300, 600, 900, Infinity]);
});

test("epochs: the authors' boundaries, int(0.3 T) epochs times 1, 2, 3, the new rate from the step after", () => {
  const schedule: EtaSchedule = { kind: 'epochs', fraction: 0.3, drops: 3, factor: 0.2 };
  const rate = learningRate(schedule, { eta: 0.2, steps: 200 * 48, batchesPerEpoch: 48 });
  for (const [boundary, before, after] of [
    [60, 0.2, 0.04],
    [120, 0.04, 0.008],
    [180, 0.008, 0.0016],
  ] as const) {
    close(rate.at(boundary * 48), before);
    close(rate.at(boundary * 48 + 1), after);
  }
  // T = 25: int(7.5) = 7 epochs, so the last drop is at 21 epochs, not at 0.9 * 25 = 22.5.
  const short = learningRate(schedule, { eta: 1, steps: 25 * 48, batchesPerEpoch: 48 });
  assert.equal(short.changesAfter(0), 7 * 48 + 1);
  assert.equal(short.changesAfter(15 * 48), 21 * 48 + 1);
});

test('warmup: eta climbs from 0 over 5 of 90 epochs, then is divided by 10 at 30, 60 and 80', () => {
  const schedule: EtaSchedule = { kind: 'warmup', warmupEpochs: 5, drops: [30, 60, 80], of: 90, factor: 0.1 };
  const rate = learningRate(schedule, { eta: 3.2, steps: 90 * 156, batchesPerEpoch: 156 });
  assert.equal(rate.at(0), 0);
  close(rate.at(390), 1.6);
  close(rate.at(5 * 156), 3.2);
  close(rate.at(30 * 156 - 1), 3.2);
  close(rate.at(30 * 156), 0.32);
  close(rate.at(80 * 156), 0.0032);
  assert.equal(rate.changesAfter(10), 11, 'every step of the climb');
  assert.equal(rate.changesAfter(5 * 156), 30 * 156);
});

test('an unknown schedule is an error that lists the known ones', () => {
  assert.throws(
    () => learningRate({ kind: 'cosine' } as never, { eta: 1, steps: 1, batchesPerEpoch: 1 }),
    /no schedule "cosine"; known are constant, steps, epochs, warmup/,
  );
});
