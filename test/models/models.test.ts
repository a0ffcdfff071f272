import assert from 'node:assert/strict';
import test from 'node:test';
import { tf } from '../../lib/compute/index.ts';
import { buildModel, fc, initialValues, parameterCount, type Model } from '../../lib/models/index.ts';

/** Computed by a separate implementation in Python, sigmaW^2 / fanIn = 1. */
const FIRST_DRAWS = [0.9911376799303855, -0.9246625876655352, -0.6176089594591907, -0.48206858748717946];

const moments = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
};
const named = (model: Model, values: Float32Array[], name: string) =>
  values[model.parameters.findIndex((spec) => spec.name === name)] as Float32Array;

test("the paper's FC network has 10,020,874 parameters, the narrow one 205,642", () => {
  assert.equal(parameterCount(fc({ sizes: [784, 2048, 2048, 2048, 10] })), 10_020_874);
  assert.equal(parameterCount(fc({ sizes: [3072, 64, 64, 64, 10] })), 205_642);
});

test('initial weights are N(0, sigmaW^2 / fanIn), untruncated; biases start at sigmaB', () => {
  const model = fc({ sizes: [500, 400, 10] });
  const values = initialValues(model, { sigmaW: Math.SQRT2, sigmaB: 0.5, seed: 3 });
  const weights = named(model, values, 'dense0/weights');
  const { mean, deviation } = moments(weights);
  const expected = Math.sqrt(2 / 500);
  assert.ok(Math.abs(mean) < (4 * expected) / Math.sqrt(weights.length), `mean ${mean}`);
  assert.ok(Math.abs(deviation / expected - 1) < 4 / Math.sqrt(2 * weights.length), `deviation ${deviation}`);
  // Untruncated: of 200,000 draws about 12.7 lie beyond 4 deviations; a truncated normal has none beyond 2.
  const beyond = weights.filter((value) => Math.abs(value) > 4 * expected).length;
  assert.ok(beyond > 2 && beyond < 35, `${beyond} beyond four deviations`);
  const within = weights.filter((value) => Math.abs(value) < expected).length / weights.length;
  assert.ok(Math.abs(within - 0.6827) < 0.005, `${within} within one deviation`);
  const bias = moments(named(model, values, 'dense0/bias'));
  assert.ok(Math.abs(bias.deviation / 0.5 - 1) < 0.15, `bias deviation ${bias.deviation}`);
  const still = initialValues(model, { sigmaW: 1, sigmaB: 0, seed: 3 });
  assert.ok(named(model, still, 'dense0/bias').every((value) => value === 0));
});

test('initial values follow from the seed alone, and differ between seeds and layers', () => {
  const model = fc({ sizes: [8, 8, 8] });
  const settings = { sigmaW: 1, sigmaB: 0, seed: 7 };
  assert.deepEqual(initialValues(model, settings), initialValues(model, settings));
  assert.notDeepEqual(initialValues(model, settings)[0], initialValues(model, { ...settings, seed: 8 })[0]);
  const values = initialValues(model, settings);
  assert.notDeepEqual(values[0], values[2]);
});

test('initial values are the same numbers on every machine', () => {
  // First draws of seed 0, stream 0, from Philox4x32-10 and Box-Muller in double precision.
  const [weights] = initialValues(fc({ sizes: [4, 1] }), { sigmaW: 2, sigmaB: 0, seed: 0 });
  assert.deepEqual([...(weights as Float32Array)], FIRST_DRAWS.map(Math.fround));
});

test('fc gives the logits of a hand-computed network', () => {
  const model = fc({ sizes: [2, 2, 1] });
  const x = tf.tensor2d([1, 2, -1, 3], [2, 2]);
  const parameters = [
    tf.tensor2d([1, -1, 2, 1], [2, 2]),
    tf.tensor1d([0.5, -4]),
    tf.tensor2d([3, -2], [2, 1]),
    tf.tensor1d([0.25]),
  ];
  // Row 1: relu(1+4+0.5, -1+2-4) = (5.5, 0) -> 16.75. Row 2: relu(-1+6+0.5, 1+3-4) = (5.5, 0) -> 16.75.
  assert.deepEqual([...model.logits(parameters, x).dataSync()], [16.75, 16.75]);
  const bare = fc({ sizes: [2, 2, 1], bias: false });
  // Row 1: relu(5, 1) -> 13. Row 2: relu(5, 4) -> 7.
  assert.deepEqual([...bare.logits([parameters[0] as never, parameters[2] as never], x).dataSync()], [13, 7]);
});

test('a network that is not known, or sizes that make none, are named errors', () => {
  assert.throws(() => buildModel({ kind: 'transformer' }), /no model transformer; known are fc/);
  assert.throws(() => fc({ sizes: [784] }), /at least two positive layer sizes, got \[784\]/);
  assert.throws(() => fc({ sizes: [784, 0, 10] }), /positive layer sizes/);
  const model = fc({ sizes: [2, 2] });
  assert.throws(() => model.logits([], tf.zeros([1, 2])), /needs 2 parameters, got 0/);
});
