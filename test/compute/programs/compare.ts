/** One published program trained both ways: losses and weights must agree. */
import assert from 'node:assert/strict';
import { compiled, eagerly, type TrainingProgram } from './program.ts';

const STEPS = 6;
const LOSS = 1e-6;
const WEIGHT = 1e-5;

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

/** What is asked of a program, in words. */
export const factOf = ({ name, rounding }: TrainingProgram): string =>
  `${name}: ${STEPS} compiled steps have tfjs's losses to ${rounding?.losses ?? LOSS} and weights to ${rounding?.tolerance ?? WEIGHT}` +
  (rounding ? ` (${rounding.why})` : '');

/** @throws AssertionError where the two trainings are apart */
export async function requireSameTraining({ make, rounding }: TrainingProgram): Promise<void> {
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
    distance(actual.losses, expected.losses) <= (rounding?.losses ?? LOSS),
    `losses ${actual.losses} instead of ${expected.losses}`,
  );
  expected.weights.forEach((values, i) => {
    const off = distance(actual.weights[i] as Float32Array, values);
    assert.ok(off <= (rounding?.tolerance ?? WEIGHT), `weight ${i} of ${expected.weights.length} is ${off} off`);
  });
}
