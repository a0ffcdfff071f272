import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../one-thread.ts';
import { compiled, eagerly, programs } from './index.ts';

const STEPS = 6;

/** The largest difference, relative above 1. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  assert.equal(a.length, b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    assert.ok(Number.isFinite(x) && Number.isFinite(y), `${x} and ${y} at ${i}`);
    most = Math.max(most, Math.abs(x - y) / Math.max(1, Math.abs(y)));
  }
  return most;
};

test('there are 30 programs at least, all of different names', () => {
  assert.ok(programs.length >= 30);
  assert.equal(new Set(programs.map(({ name }) => name)).size, programs.length);
});

for (const { name, make, rounding } of programs) {
  const tolerance = rounding?.tolerance ?? 1e-5;
  test(`${name}: ${STEPS} compiled steps have tfjs's losses to 1e-6 and weights to ${tolerance}${rounding ? ` (${rounding.why})` : ''}`, async () => {
    const results = [];
    for (const way of [eagerly, compiled]) {
      const trainer = way(make());
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) losses.push(await trainer.step());
      results.push({ losses, weights: trainer.weights() });
      trainer.dispose();
    }
    const [expected, actual] = results as [(typeof results)[0], (typeof results)[0]];
    assert.notEqual(expected.losses[0], expected.losses.at(-1), 'nothing was learnt');
    assert.ok(
      distance(actual.losses, expected.losses) <= 1e-6,
      `losses ${actual.losses} instead of ${expected.losses}`,
    );
    expected.weights.forEach((values, i) => {
      const off = distance(actual.weights[i] as Float32Array, values);
      assert.ok(off <= tolerance, `weight ${i} of ${expected.weights.length} is ${off} off`);
    });
  });
}
