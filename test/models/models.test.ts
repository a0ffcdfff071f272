import assert from 'node:assert/strict';
import test from 'node:test';
import { normals, tf } from '../../lib/compute/index.ts';
import {
  buildModel,
  cnn,
  deepLinear,
  fc,
  initialValues,
  parameterCount,
  reluTwoLayer,
  resnet50,
  wrn,
  type Model,
} from '../../lib/models/index.ts';

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

test('WRN 28-10 has 38,557,770 parameters: weights, biases and batch norm as the authors count them, 28 convolutions', () => {
  const model = wrn({ depth: 28, widen: 10 });
  assert.equal(parameterCount(model), 38_557_770);
  const size = (kind: string) =>
    model.parameters.filter((p) => p.kind === kind).reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
  assert.equal(size('weights'), 38_529_712);
  assert.equal(size('bias'), 10_106);
  assert.equal(size('scale') + size('offset'), 17_952);
  assert.equal(model.parameters.filter((p) => p.shape.length === 4).length, 28);
  const shortcuts = model.parameters.filter((p) => p.name.endsWith('shortcut/weights'));
  assert.deepEqual(
    shortcuts.map((p) => p.shape),
    [
      [3, 3, 16, 160],
      [3, 3, 160, 320],
      [3, 3, 320, 640],
    ],
  );
});

test('the CNN has 51,044,810 parameters, with batch norm 51,046,610', () => {
  assert.equal(parameterCount(cnn()), 51_044_810);
  assert.equal(parameterCount(cnn({ batchNorm: true })), 51_046_610);
  const dense = cnn().parameters.find((p) => p.name === 'dense0/weights');
  assert.deepEqual(dense?.shape, [97_200, 500], '18 x 18 x 300 features');
});

test('ResNet-50 has 25,557,032 parameters; the two-layer ReLU network 78,500,000', () => {
  assert.equal(parameterCount(resnet50()), 25_557_032);
  assert.equal(parameterCount(reluTwoLayer({ inputs: 784, width: 100_000 })), 78_500_000);
  assert.equal(parameterCount(reluTwoLayer({ inputs: 784, width: 5000 })), 3_925_000);
});

/** Small ones of every kind, with the shape of one sample's logits. */
const small: Record<string, Model> = {
  wrn: wrn({ depth: 10, widen: 1, imageSize: 16 }),
  cnn: cnn({ channels: 3, dense: 5 }),
  'cnn with batch norm': cnn({ channels: 3, dense: 5, batchNorm: true, imageSize: 16 }),
  resnet50: resnet50({ width: 4, imageSize: 64, classes: 7, blocks: [1, 2, 1, 1] }),
  'deep linear': deepLinear({ inputs: 5, width: 4, hidden: 2, parameterization: 'ntk' }),
  'two-layer ReLU': reluTwoLayer({ inputs: 5, width: 4 }),
};

for (const [name, model] of Object.entries(small)) {
  test(`${name}: logits [n, classes], and a finite gradient for every parameter`, () => {
    const parameters = initialValues(model, { sigmaW: 1, sigmaB: 0, seed: 1 }).map((values, i) =>
      tf.variable(tf.tensor(values, model.parameters[i]?.shape)),
    );
    const x = tf.tensor(normals(1, 99, 4 * model.inputShape.reduce((a, b) => a * b, 1)), [4, ...model.inputShape]);
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.logits(parameters, x);
      assert.deepEqual(logits.shape, [4, model.classes]);
      return tf.mean(tf.square(tf.sub(logits, 1)));
    }, parameters);
    assert.ok(Number.isFinite(value.dataSync()[0]));
    parameters.forEach((parameter, i) => {
      const values = grads[parameter.name]?.dataSync();
      assert.deepEqual(grads[parameter.name]?.shape, model.parameters[i]?.shape);
      assert.ok(values?.every(Number.isFinite), `gradient of ${model.parameters[i]?.name}`);
    });
    tf.dispose([value, ...Object.values(grads), ...parameters, x]);
  });
}

test('ghost batch norm: a batch of two groups gives the logits of the two groups by themselves', () => {
  const model = small['wrn'] as Model;
  const parameters = initialValues(model, { sigmaW: 1, sigmaB: 0, seed: 1 }).map((values, i) =>
    tf.tensor(values, model.parameters[i]?.shape),
  );
  const x = tf.tensor(normals(1, 98, 8 * 16 * 16 * 3), [8, 16, 16, 3]);
  const grouped = model.logits(parameters, x, { batchNormGroup: 4 }).dataSync();
  const alone = [0, 4].flatMap((start) => [...model.logits(parameters, tf.slice(x, [start], [4])).dataSync()]);
  grouped.forEach((value, i) => assert.ok(Math.abs(value - (alone[i] as number)) < 1e-5));
  const whole = model.logits(parameters, x).dataSync();
  assert.ok(
    whole.some((value, i) => Math.abs(value - (alone[i] as number)) > 1e-2),
    'statistics of 8 differ from those of 4',
  );
  assert.throws(() => model.logits(parameters, x, { batchNormGroup: 3 }), /groups of 3 needs a multiple of it, got 8/);
});

test('deep linear networks: NTK and standard parameterization are the same function of the product, up to beta', () => {
  const options = { inputs: 3, width: 4, hidden: 2 } as const;
  const ntk = deepLinear({ ...options, parameterization: 'ntk' });
  const standard = deepLinear({ ...options, parameterization: 'standard' });
  const parameters = initialValues(ntk, { sigmaW: 1, sigmaB: 0, seed: 0 }).map((values, i) =>
    tf.tensor(values, ntk.parameters[i]?.shape),
  );
  const x = tf.tensor2d([1, -2, 0.5], [1, 3]);
  const [scaled] = ntk.logits(parameters, x).dataSync();
  const [plain] = standard.logits(parameters, x).dataSync();
  assert.ok(Math.abs((scaled as number) / ((plain as number) / 4) - 1) < 1e-6, 'beta = n^(-L/2) = 1/4');
  const spread = (model: Model, i: number) =>
    moments(initialValues(model, { sigmaW: 1, sigmaB: 0, seed: 0 })[i] as Float32Array);
  const wide = { inputs: 200, width: 300, hidden: 1 } as const;
  assert.ok(Math.abs(spread(deepLinear({ ...wide, parameterization: 'ntk' }), 0).deviation - 1) < 0.02);
  assert.ok(
    Math.abs(spread(deepLinear({ ...wide, parameterization: 'standard' }), 0).deviation * Math.sqrt(200) - 1) < 0.02,
  );
});

test('a convolution draws from N(0, sigmaW^2 / (9 C_in)); batch norm starts at scale 1 and offset 0', () => {
  const model = wrn({ depth: 10, widen: 4 });
  const values = initialValues(model, { sigmaW: 0.5, sigmaB: 0, seed: 2 });
  const weights = named(model, values, 'group2/block0/conv0/weights');
  assert.ok(Math.abs(moments(weights).deviation * Math.sqrt(9 * 128) - 0.5) < 0.005);
  assert.ok(named(model, values, 'bn/scale').every((value) => value === 1));
  assert.ok(named(model, values, 'bn/offset').every((value) => value === 0));
});

test('ResNet-50 starts as the reference: weights cut at two deviations, last scale of a block 0, dense 0.01', () => {
  const model = resnet50({ width: 16 });
  const values = initialValues(model, { sigmaW: 1, sigmaB: 0, seed: 2 });
  const weights = named(model, values, 'group1/block0/conv1/weights');
  const expected = 1 / Math.sqrt(9 * 32);
  assert.ok(Math.abs(moments(weights).deviation / expected - 1) < 0.02, 'the deviation is kept');
  const largest = Math.max(...weights.map(Math.abs)) / expected;
  assert.ok(largest > 2.2 && largest <= 2 / 0.8796 + 1e-3, `largest is ${largest} deviations`);
  assert.ok(named(model, values, 'group1/block0/bn2/scale').every((value) => value === 0));
  assert.ok(named(model, values, 'group1/block0/bn1/scale').every((value) => value === 1));
  assert.ok(Math.abs(moments(named(model, values, 'dense/weights')).deviation - 0.01) < 2e-4);
});

test('sizes that make no network are named errors', () => {
  assert.throws(() => wrn({ depth: 27, widen: 1 }), /depth must be 6 m \+ 4, got 27/);
  assert.throws(() => wrn({ depth: 10, widen: 0.5 }), /widen must be a whole number from 1, got 0.5/);
  assert.throws(() => wrn({ depth: 10, widen: 1, imageSize: 30 }), /imageSize must be a multiple of 4, got 30/);
  assert.throws(() => cnn({ poolStride: 6 }), /6x6 pools of stride 6 do not fit images of 32x32/);
  assert.throws(
    () => deepLinear({ inputs: 1, width: 1, hidden: -1, parameterization: 'ntk' }),
    /hidden must be 0 or more/,
  );
});
