/** The random functions and layers of tfjs inside a compiled function. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, CompileError, tf, withDraws } from '../../lib/compute/index.ts';
import { assertSameBits, random, valuesOf, variable, withProgram, type Tensor, type Values } from './support.ts';

const compiled = (run: () => Tensor[], seed = 7) => compile({ variables: [], seed, functions: { f: { run } } });
const ones = tf.ones([64, 32]);
const train = { training: true };
const applied = (layer: tfTypes.layers.Layer, x: Tensor = ones) => layer.apply(x, train) as Tensor;
const sequence = random([4, 6, 3], 1);

/** Each as a function of a step that draws. */
const MEMBERS: Record<string, () => Tensor> = {
  'tf.dropout': () => tf.dropout(ones, 0.5),
  'tf.dropout with a noise shape': () => tf.dropout(ones, 0.5, [64, 1]),
  'tf.randomNormal': () => tf.randomNormal([64]),
  'tf.randomNormal of whole numbers': () => tf.randomNormal([64], 0, 9, 'int32'),
  'tf.randomStandardNormal': () => tf.randomStandardNormal([64]),
  'tf.randomUniform': () => tf.randomUniform([64]),
  'tf.randomUniform of whole numbers': () => tf.randomUniform([64], -5, 5, 'int32'),
  'tf.randomUniform of booleans': () => tf.cast(tf.randomUniform([64], 0, 2, 'bool'), 'int32'),
  'tf.randomUniformInt': () => tf.randomUniformInt([64], 0, 10),
  'tf.truncatedNormal': () => tf.truncatedNormal([64]),
  'tf.randomGamma': () => tf.randomGamma([64], 2, 3),
  'tf.multinomial': () => tf.multinomial(tf.zeros([8]) as tfTypes.Tensor1D, 64),
  'tf.multinomial of rows': () => tf.multinomial(tf.zeros([4, 8]) as tfTypes.Tensor2D, 16, 3),
  'layers.dropout': () => applied(DROPOUT),
  'layers.spatialDropout1d': () => applied(SPATIAL, sequence),
  'layers.gaussianNoise': () => applied(NOISE),
  'layers.gaussianDropout': () => applied(GAUSSIAN_DROPOUT),
  'layers.alphaDropout': () => applied(ALPHA_DROPOUT),
  'dropout inside a model': () => MODEL.apply(sequence, train) as Tensor,
  'recurrent dropout of an LSTM': () => applied(LSTM, sequence),
  'recurrent dropout of a GRU': () => applied(GRU, sequence),
  'recurrent dropout of stacked cells, both ways': () => applied(BIDIRECTIONAL, sequence),
};
const DROPOUT = tf.layers.dropout({ rate: 0.5 });
const SPATIAL = tf.layers.spatialDropout1d({ rate: 0.5 });
const NOISE = tf.layers.gaussianNoise({ stddev: 1 });
const GAUSSIAN_DROPOUT = tf.layers.gaussianDropout({ rate: 0.5 });
const ALPHA_DROPOUT = tf.layers.alphaDropout({ rate: 0.5 });
const recurrent = { units: 5, dropout: 0.3, recurrentDropout: 0.4 };
const LSTM = tf.layers.lstm(recurrent);
const GRU = tf.layers.gru(recurrent);
const BIDIRECTIONAL = tf.layers.bidirectional({ layer: tf.layers.lstm(recurrent) as tfTypes.RNN, mergeMode: 'concat' });
for (const layer of [LSTM, GRU, BIDIRECTIONAL]) layer.apply(sequence, train);
const MODEL = tf.sequential({
  layers: [
    tf.layers.dropout({ rate: 0.3, inputShape: [6, 3] }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 4 }),
    tf.layers.gaussianNoise({ stddev: 0.2 }),
  ],
});

const isOther = (a: Values[], b: Values[]) =>
  assert.notDeepEqual(
    a.map((v) => [...v]),
    b.map((v) => [...v]),
  );

for (const [name, draw] of Object.entries(MEMBERS)) {
  test(`${name} draws anew at each step, as it does eagerly under the same seed, and otherwise under another`, () => {
    const run = () => [draw(), draw()];
    const eager = (step: number, seed = 7) => valuesOf(withDraws({ seed, name: 'f', step }, () => tf.tidy(run)));
    withProgram(compiled(run), (program) => {
      const [first, second] = [valuesOf(program.call('f')), valuesOf(program.call('f'))];
      assertSameBits(first, eager(0));
      assertSameBits(second, eager(1));
      assertSameBits(valuesOf(program.repeat('f', 3)), eager(4));
      isOther(first, second);
      isOther([first[0]!], [first[1]!]); // two places in one step
      isOther(first, eager(0, 8));
    });
  });
}

test('a program goes on drawing after a checkpoint as if it had not stopped, and dispose leaves no variable', () => {
  const w = variable(tf.ones([16]));
  const run = () => {
    w.assign(tf.add(w, tf.randomNormal([16])));
    return [];
  };
  const make = () => compile({ variables: [w], seed: 1, functions: { step: { run } } });
  const before = Object.keys(tf.engine().registeredVariables).length;
  const whole = make();
  const start = whole.read();
  whole.repeat('step', 5);
  const checkpoint = whole.read();
  whole.repeat('step', 5);
  const end = whole.read();
  whole.dispose();
  const resumed = make();
  resumed.write(checkpoint);
  for (let i = 0; i < 5; i++) resumed.call('step');
  assertSameBits(resumed.read(), end);
  resumed.write(start);
  resumed.repeat('step', 10);
  assertSameBits(resumed.read(), end);
  resumed.dispose();
  assert.equal(Object.keys(tf.engine().registeredVariables).length, before);
});

test('functions of one program draw independently of each other, and of how often another ran', () => {
  const run = () => [tf.randomNormal([32])];
  const source = { variables: [], seed: 3, functions: { a: { run }, b: { run } } };
  withProgram(compile(source), (program) => {
    const a = valuesOf(program.call('a'));
    isOther(a, valuesOf(program.call('b')));
    const next = valuesOf(program.call('a'));
    withProgram(compile(source), (other) => {
      tf.dispose(other.repeat('b', 5));
      assertSameBits(valuesOf(other.call('a')), a);
      assertSameBits(valuesOf(other.call('a')), next);
    });
  });
});

test('dropout is the same in the gradient as in the value', () => {
  const w = variable(tf.ones([200]));
  const run = () => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.dropout(w, 0.4)) as tfTypes.Scalar, [w]);
    return [value, tf.sum(grads[w.name] as Tensor)];
  };
  withProgram(compile({ variables: [w], functions: { f: { run } } }), (program) => {
    const [value, gradient] = valuesOf(program.call('f')).map((v) => v[0]!);
    assert.ok(Math.abs(value! - gradient!) < 1e-3, `${value} ${gradient}`);
  });
});

test('a seed of its own gives the same numbers at each step, as it does eagerly', () => {
  const run = () => [
    tf.randomNormal([8], 0, 1, 'float32', 7),
    tf.randomUniform([8], 0, 1, 'float32', 7),
    tf.truncatedNormal([8], 0, 1, 'float32', 7),
    tf.dropout(tf.ones([8]), 0.5, undefined, 7),
  ];
  withProgram(compiled(run), (program) => {
    const eager = valuesOf(run());
    assertSameBits(valuesOf(program.call('f')), eager);
    assertSameBits(valuesOf(program.call('f')), eager);
  });
});

/** Mean and deviation of many draws, and the largest distance of their distribution from that of eager tfjs. */
function distribution(draw: () => Tensor): { values: Float64Array; mean: number; deviation: number } {
  const values = Float64Array.from(valuesOf([draw()])[0]!).sort();
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { values, mean, deviation };
}
/** Kolmogorov-Smirnov distance of two samples, both sorted. */
function distance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= x) i++;
    while (j < b.length && b[j]! <= x) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

const N = 20_000;
const DISTRIBUTIONS: Record<string, () => Tensor> = {
  'randomNormal(2, 3)': () => tf.randomNormal([N], 2, 3),
  'randomNormal of whole numbers': () => tf.randomNormal([N], 0, 4, 'int32'),
  'randomUniform(-1, 4)': () => tf.randomUniform([N], -1, 4),
  'randomUniform of whole numbers': () => tf.randomUniform([N], 0, 10, 'int32'),
  'randomUniform of whole numbers around 0': () => tf.randomUniform([N], -3, 3, 'int32'),
  'randomUniformInt(5, 9)': () => tf.randomUniformInt([N], 5, 9),
  'truncatedNormal(1, 2)': () => tf.truncatedNormal([N], 1, 2),
  'randomGamma(2, 3)': () => tf.randomGamma([N], 2, 3),
  'randomGamma(0.5, 1)': () => tf.randomGamma([N], 0.5, 1),
  'dropout(0.3)': () => tf.dropout(tf.ones([N]), 0.3),
  multinomial: () => tf.multinomial(tf.tensor1d([0, 1, 2]), N),
  gaussianNoise: () => applied(NOISE, tf.zeros([N])),
  gaussianDropout: () => applied(GAUSSIAN_DROPOUT, tf.ones([N])),
  alphaDropout: () => applied(ALPHA_DROPOUT, tf.ones([N])),
};
for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
  test(`${name} has the distribution that it has in tfjs`, () => {
    withProgram(
      compiled(() => [draw()]),
      (program) => {
        const own = distribution(() => program.call('f')[0] as Tensor);
        const eager = distribution(draw);
        // 2.5 sqrt(2 / N) is passed by chance in one of 130,000 tests.
        const apart = distance(own.values, eager.values);
        assert.ok(apart < 2.5 * Math.sqrt(2 / N), `distance ${apart}`);
        assert.ok(Math.abs(own.mean - eager.mean) < (6 * eager.deviation) / Math.sqrt(N) + 1e-9);
      },
    );
  });
}

test('draws of neighbouring places, steps and seeds are uncorrelated', () => {
  const run = () => [tf.randomNormal([N]), tf.randomNormal([N])];
  const at = (seed: number, step: number) => valuesOf(withDraws({ seed, name: 'f', step }, run));
  const [a, b] = at(1, 0);
  const samples = [a!, b!, at(1, 1)[0]!, at(2, 0)[0]!];
  samples.forEach((x, i) =>
    samples.slice(i + 1).forEach((y) => {
      const correlation = Array.from(x).reduce((sum, value, k) => sum + value * y[k]!, 0) / N;
      assert.ok(Math.abs(correlation) < 5 / Math.sqrt(N), `correlation ${correlation}`);
    }),
  );
});

const REFUSED = (error: Error) => {
  assert.ok(error instanceof CompileError, error.stack);
  assert.match(error.message, /behaves differently in training/);
  assert.match(error.message, /draws\.test\.ts:\d+/);
  return true;
};

test('a layer that behaves differently in training is refused unless the step says which it is', () => {
  class Asking extends tf.layers.Layer {
    static className = 'Asking';
    override call(x: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
      const input = Array.isArray(x) ? x[0]! : x;
      return kwargs.training ? tf.mul(input, 2) : tf.mul(input, 1);
    }
  }
  const norm = tf.layers.batchNormalization();
  norm.apply(ones, { training: false });
  const wrapped = tf.layers.timeDistributed({ layer: tf.layers.dropout({ rate: 0.5 }) });
  const nested = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [6, 3] }), MODEL.layers[0]!] });
  const members: [tfTypes.layers.Layer | tfTypes.LayersModel, Tensor][] = [
    [DROPOUT, ones],
    [SPATIAL, sequence],
    [NOISE, ones],
    [GAUSSIAN_DROPOUT, ones],
    [ALPHA_DROPOUT, ones],
    [LSTM, sequence],
    [GRU, sequence],
    [BIDIRECTIONAL, sequence],
    [wrapped, sequence],
    [norm, ones],
    [MODEL, sequence],
    [nested, sequence],
    [new Asking(), ones],
  ];
  for (const [layer, x] of members) {
    assert.throws(() => compiled(() => [layer.apply(x) as Tensor]).dispose(), REFUSED, layer.name);
    compiled(() => [layer.apply(x, { training: false }) as Tensor]).dispose();
    compiled(() => [layer.apply(x, { training: true }) as Tensor]).dispose();
  }
});

test('layers that are the same in training need no word, and predict says it by its name', () => {
  const plain = tf.layers.lstm({ units: 3 });
  plain.apply(sequence);
  const whole = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [3] }), tf.layers.reLU()] });
  const none = tf.layers.dropout({ rate: 0 });
  const run = () => [
    plain.apply(sequence) as Tensor,
    whole.apply(tf.ones([2, 3])) as Tensor,
    none.apply(ones) as Tensor,
  ];
  withProgram(compiled(run), (program) => assertSameBits(valuesOf(program.call('f')), valuesOf(run())));
  const predict = () => [MODEL.predict(sequence) as Tensor];
  withProgram(compiled(predict), (program) => assertSameBits(valuesOf(program.call('f')), valuesOf(predict())));
});

test('weights that a layer makes inside the step are refused: each step would draw them again', () => {
  const layer = tf.layers.dense({ units: 3 });
  assert.throws(
    () => compiled(() => [layer.apply(ones) as Tensor]),
    /makes its weights inside the step.*build it before/,
  );
});

test('a seed that is no whole number is refused', () => {
  for (const seed of [0.5, NaN, 2 ** 40]) assert.throws(() => compiled(() => [], seed), /seed must be an integer/);
  assert.throws(() => withDraws({ seed: 1, name: 'f', step: -1 }, () => 0), /step of withDraws/);
});
