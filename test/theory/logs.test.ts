import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { descendFunction, evolveFunction } from '../../lib/theory/evolution.ts';
import { fixedPointRows, initialKernelRows, kernelRows, kinkRows, trainedCurves } from '../../lib/theory/logs.ts';
import { plantedRun, twoSamples } from './support.ts';

const near = (actual: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

// Upper triangle of [[3, 0], [0, 4]]: of length 5.
const KERNEL = [3, 0, 4];
const TIME = -100 * Math.log1p(-0.01);
const two = (model: object, seed = 0) =>
  twoSamples({ kind: 'two-layer', parameterization: 'ntk', width: 8, power: 1, ...model }, seed);
const start = { kernel: KERNEL, f: [0.5, -0.25], target: [1, -1], gram: [1, 0, 1] };

describe('measured kernels as rows', () => {
  it('what is left, the correction and the alignment are those planted', () => {
    // Decayed by the theory's factor, then 10 % more in one entry: 0.3 of a length of 5.
    const decay = Math.exp(-2 * TIME);
    const kernel = [3.3 * decay, 0, 4 * decay];
    const [row] = kernelRows([plantedRun('kernel-decay', two({}), { 0: start, 100: { kernel, f: [0.2, -0.4] } })]);
    assert.ok(row);
    near(row.lambdaT, TIME);
    near(row.predicted, decay);
    near(row.correction, 0.3 / 5);
    near(row.left, (decay * (3.3 * 3 + 16)) / 25);
    near(row.alignment, 0.3);
    const problem = {
      k: 2,
      lambda: 0.5,
      kernel: [
        [3, 0],
        [0, 4],
      ],
      initial: start.f,
      target: start.target,
    };
    const [f] = descendFunction(problem, 0.02, [100]);
    near(row.predictedAlignment, (f![0]! - f![1]!) / 2);
  });

  it('networks are told apart by name, degree and whether their gradient jumps; unfinished runs are left out', () => {
    const rows = kernelRows(
      [
        two({}),
        two({ activation: 'linear' }),
        two({ power: 2 }),
        two({ power: 3 }),
        twoSamples({ kind: 'deep-relu', layers: 2, width: 8 }),
      ].map((config) => plantedRun('kernel-decay', config, { 0: start, 100: { kernel: KERNEL, f: [0, 0] } })),
    );
    assert.deepEqual(
      rows.map(({ name, k, smooth }) => [name, k, smooth]),
      [
        ['2 layers, ReLU', 2, false],
        ['2 layers, linear', 2, true],
        ['2 layers, ReLU²', 3, true],
        ['2 layers, ReLU³', 4, true],
        ['2 layers, ReLU, float32', 2, false],
      ],
    );
    const { end, ...unfinished } = plantedRun('kernel-decay', two({}), {
      0: start,
      100: { kernel: KERNEL, f: [0, 0] },
    });
    assert.equal(end?.reason, 'finished');
    assert.deepEqual(kernelRows([unfinished]), []);
  });

  it('the parts of a correction are those planted and add up as vectors', () => {
    const decay = Math.exp(-2 * TIME);
    const frozen = [3.3 * decay, 0, 4 * decay];
    const kernel = [3.3 * decay, 0, 4.4 * decay];
    const config = { ...two({}), observe: 'frozen-gates' };
    const [row] = kinkRows([plantedRun('kernel-kinks', config, { 0: start, 100: { kernel, frozen, flipped: 0.25 } })]);
    assert.ok(row);
    near(row.smoothPart, 0.3 / 5);
    near(row.kinkPart, 0.4 / 5);
    near(row.correction, Math.hypot(0.3, 0.4) / 5);
    [0, 0, 0, 0.08].forEach((value, i) => near(row.kinks[i]!, value));
    assert.equal(row.flipped, 0.25);
  });

  it('the distance at initialization is relative to the infinite-width kernel, of ReLU networks only', () => {
    // Orthogonal samples of length 1, phi = sqrt 2 relu: E[phi^2] + E[phi'^2] = 2 on the diagonal, E[phi] E[phi] = 1/pi beside it.
    const limit = [2, 1 / Math.PI, 2];
    const twice = limit.map((value) => 2 * value);
    const runs = [two({}), two({ power: 2 })].map((config) =>
      plantedRun('kernel-decay', config, { 0: { ...start, kernel: twice } }),
    );
    const rows = initialKernelRows(runs);
    assert.equal(rows.length, 1);
    near(rows[0]!.distance, 1);
  });
});

describe('trained networks beside the theory', () => {
  const config = (lambda: number, width: number) => ({
    ...twoSamples({ kind: 'two-layer', parameterization: 'ntk', width, power: 1 }, 0, lambda),
    observe: 'function',
  });
  const kernelRun = plantedRun(
    'relu-two-layer',
    { ...two({}), steps: 0, observe: 'kernel' },
    { 0: { kernel: KERNEL, target: [1, -1] } },
  );
  const problem = {
    k: 2,
    lambda: 0.5,
    kernel: [
      [3, 0],
      [0, 4],
    ],
    initial: [0, 0],
    target: [1, -1],
  };
  const [flow] = evolveFunction(problem, [2]);

  it('a network on the flow has no distance to it, and the gap of the steps to it', () => {
    const run = plantedRun('relu-two-layer', config(0.5, 1000), {
      0: { f: [0, 0], target: [1, -1] },
      100: { f: Array.from(flow!) },
    });
    const [curve] = trainedCurves([run, kernelRun]);
    assert.ok(curve);
    near(curve.largest2, 0);
    assert.ok(curve.largest1 > 0.1);
    near(curve.final.overshoot, curve.largestInSteps);
    assert.ok(curve.final.overshoot > 1e-4);
    near(curve.strength, 250);
    near(curve.stepSize, 0.08);
    near(curve.final.trained, (flow![0]! - flow![1]!) / 2);
    const [shifted] = trainedCurves([
      plantedRun('relu-two-layer', config(0.5, 1000), {
        0: { f: [0, 0], target: [1, -1] },
        100: { f: Array.from(flow!, (value) => value + 0.1) },
      }),
      kernelRun,
    ]);
    near(shifted!.largest2, 0.1);
  });

  it('without a finished kernel run there is nothing to compare', () => {
    const run = plantedRun('relu-two-layer', config(0.5, 1000), { 0: { f: [0, 0], target: [1, -1] } });
    assert.deepEqual(trainedCurves([run]), []);
  });
});

describe('fixed points as rows', () => {
  it('a path rises to its largest strength and falls after it', () => {
    const observed = (strength: number) => ({
      strength,
      lambda: 0.1,
      f: 0.5,
      squaredNorms: [1, 1],
      rankRatios: [0, 0.2],
      updates: 7,
      gradient: 1e-14,
    });
    const run = (path: string) =>
      plantedRun(
        'deep-linear',
        { ...twoSamples({ kind: 'deep-linear', depth: 1, width: 16, parameterization: 'ntk' }), path },
        { 0: observed(0.1), 1: observed(0.9), 2: observed(0.1) },
      );
    assert.deepEqual(
      fixedPointRows([run('continued')]).map(({ path, width, rankRatio }) => [path, width, rankRatio]),
      [
        ['up', 16, 0.2],
        ['up', 16, 0.2],
        ['down', 16, 0.2],
      ],
    );
    assert.ok(fixedPointRows([run('fresh')]).every(({ path }) => path === 'fresh'));
  });
});
