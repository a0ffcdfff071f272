import assert from 'node:assert/strict';
import test from 'node:test';
import { measureSteps } from '../../lib/runs/index.ts';

test('measuring every k steps includes step 0 and the last', () => {
  assert.deepEqual(measureSteps({ every: 10 }, 30), [0, 10, 20, 30]);
  assert.deepEqual(measureSteps({ every: 10 }, 25), [0, 10, 20, 25]);
  assert.deepEqual(measureSteps({ every: 100 }, 7), [0, 7]);
});

test('the log-spaced schedule has every step below everyBelow, then pointsPerDecade points a decade', () => {
  const steps = measureSteps({ pointsPerDecade: 20, everyBelow: 20 }, 100_000);
  assert.deepEqual(
    steps.slice(0, 20),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.equal(steps.filter((step) => step >= 1000 && step < 10_000).length, 20);
  assert.equal(steps.at(-1), 100_000);
  for (let i = 1; i < steps.length; i++) assert.ok((steps[i] as number) > (steps[i - 1] as number));
  const gaps = steps.slice(21).map((step, i) => step / (steps[i + 20] as number));
  assert.ok(Math.max(...gaps) < 1.15, 'no gap above a twentieth of a decade (1.122, and rounding)');
});

test('a run of 1 step measures before and after it', () => {
  assert.deepEqual(measureSteps({ pointsPerDecade: 20, everyBelow: 20 }, 1), [0, 1]);
});

test('a schedule that never measures is an error', () => {
  assert.throws(() => measureSteps({ every: 0 }, 10), /measure.every must be at least 1, got 0/);
});
