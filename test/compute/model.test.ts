import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import './one-thread.ts';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compileModel, CompileError, tf } from '../../lib/compute/index.ts';
import { assertSameHistory, assertSameWeights, compareFits, withWeights, silent } from './model-support.ts';
import { random, type Tensor } from './support.ts';

const x = random([50, 4], 1);
const labels = tf.tensor1d(
  Array.from({ length: 50 }, (_, i) => (i * 7) % 3),
  'int32',
);
const y = tf.cast(tf.oneHot(labels, 3), 'float32');

/** A classifier with batch norm, so that training and inference differ. */
const classifier = (optimizer: tfTypes.Optimizer = tf.train.adam(0.01)) => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, activation: 'tanh', inputShape: [4] }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return withWeights(model);
};
const quiet = { verbose: silent, shuffle: false };

const optimizers: Record<string, () => tfTypes.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01, 0.9, 0.999, 1e-7, 0.1),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
};

type WithRate = { learningRate: number; setLearningRate?(rate: number): void };
/** As people do it: SGD and momentum have a method, of the others the field is set. */
const setRate = (model: tfTypes.LayersModel, rate: number) => {
  const optimizer = model.optimizer as unknown as WithRate;
  if (optimizer.setLearningRate) optimizer.setLearningRate(rate);
  else optimizer.learningRate = rate;
};

for (const [name, make] of Object.entries(optimizers)) {
  test(`fit by ${name} gives tfjs's history and weights: a last batch of 8, a split for validation, a schedule set by a callback`, async () => {
    const { compiled } = await compareFits(
      () => classifier(make()),
      (fit, model) =>
        fit(x, y, {
          ...quiet,
          epochs: 3,
          batchSize: 16,
          validationSplit: 0.2,
          callbacks: { onBatchEnd: async (batch) => setRate(model, 0.05 / (batch + 1)) },
        }),
    );
    compiled.dispose();
  });
}

test('fit shuffles as tfjs does: with the same Math.random the same batches', async () => {
  let state = 0;
  const draw = mock.method(Math, 'random', () => (state = (state * 16807 + 12345) % 2147483647) / 2147483647);
  try {
    const { compiled } = await compareFits(
      () => classifier(),
      (fit) => {
        state = 1;
        return fit(x, y, { ...quiet, shuffle: true, epochs: 3, batchSize: 16, validationData: [x, y] });
      },
    );
    compiled.dispose();
    assert.ok(draw.mock.callCount() > 100);
  } finally {
    draw.mock.restore();
  }
});

test('a second fit goes on with the weights, the slots and the count of the first', async () => {
  const { compiled } = await compareFits(
    () => classifier(),
    async (fit) => {
      await fit(x, y, { ...quiet, epochs: 2 });
      return fit(x, y, { ...quiet, initialEpoch: 2, epochs: 4 });
    },
  );
  compiled.dispose();
});

/** Two inputs, two outputs, an l2 regularizer, metrics by output. */
const twoByTwo = () => {
  const [a, b] = [tf.input({ shape: [4], name: 'left' }), tf.input({ shape: [2], name: 'right' })];
  const hidden = tf.layers
    .dense({ units: 5, activation: 'relu', kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }) })
    .apply(tf.layers.concatenate().apply([a, b])) as tfTypes.SymbolicTensor;
  const first = tf.layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(hidden);
  const second = tf.layers.dense({ units: 1, name: 'size' }).apply(hidden);
  const model = tf.model({ inputs: [a, b], outputs: [first, second] as tfTypes.SymbolicTensor[] });
  model.compile({
    optimizer: tf.train.sgd(0.05),
    loss: { kind: 'categoricalCrossentropy', size: 'meanSquaredError' } as unknown as string[],
    metrics: { kind: 'accuracy', size: 'mse' } as unknown as string[],
  });
  return withWeights(model);
};
const right = random([50, 2], 3);
const sizes = random([50, 1], 4);

test('several inputs and outputs, by name and by position, with metrics and class weights for one output', async () => {
  const { compiled, history } = await compareFits(twoByTwo, (fit) =>
    fit(
      { left: x, right },
      { kind: y, size: sizes },
      {
        ...quiet,
        epochs: 2,
        batchSize: 20,
        classWeight: { kind: { 0: 1, 1: 3, 2: 0.5 } },
        validationData: [
          [x, right],
          [y, sizes],
        ],
      },
    ),
  );
  assert.ok('val_kind_loss' in history && 'size_mse' in history, Object.keys(history).join());
  compiled.dispose();
});

test('sample weights equal class weights of the same numbers, and multiply into them', async () => {
  const classWeight = { 0: 1, 1: 3, 2: 0.5 };
  const perSample = tf.gather(tf.tensor1d([1, 3, 0.5]), labels);
  const [byClass, bySample, both] = [classifier(), classifier(), classifier()];
  const expected = await byClass.fit(x, y, { ...quiet, epochs: 2, classWeight });
  const compiled = compileModel(bySample);
  const { history } = await compiled.fit(x, y, { ...quiet, epochs: 2, sampleWeight: perSample });
  assertSameHistory(history, expected.history);
  assertSameWeights(bySample, byClass);
  compiled.dispose();

  const squared = classifier();
  await squared.fit(x, y, { ...quiet, epochs: 1, classWeight: { 0: 1, 1: 9, 2: 0.25 } });
  const compiledBoth = compileModel(both);
  await compiledBoth.fit(x, y, { ...quiet, epochs: 1, classWeight, sampleWeight: perSample });
  assertSameWeights(both, squared);
  assert.ok(!perSample.isDisposed);
  compiledBoth.dispose();
});

test('callbacks see the weights of the moment, and may predict, evaluate and save with the model', async () => {
  const seen: number[][] = [];
  const { compiled } = await compareFits(
    () => classifier(tf.train.sgd(0.1)),
    (fit, model) => {
      const own: number[] = [];
      seen.push(own);
      return fit(x, y, {
        ...quiet,
        epochs: 2,
        batchSize: 25,
        callbacks: [
          {
            onBatchEnd: async () => {
              own.push(...(model.getWeights()[0] as Tensor).dataSync());
            },
          },
          {
            onEpochEnd: async () => {
              const predicted = model.predict(x) as Tensor;
              await model.save(
                tf.io.withSaveHandler(async () => ({
                  modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' },
                })),
              );
              const [loss] = model.evaluate(x, y) as Tensor[];
              own.push(...predicted.dataSync().slice(0, 6), ...(loss as Tensor).dataSync());
            },
          },
        ],
      });
    },
  );
  const [expected, actual] = seen as [number[], number[]];
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-6));
  compiled.dispose();
});

test('tf.callbacks.earlyStopping ends the training in the same epoch, and stopTraining after the same batch', async () => {
  const { compiled, history } = await compareFits(
    () => classifier(tf.train.sgd(1)),
    (fit) =>
      fit(x, y, {
        ...quiet,
        epochs: 30,
        validationSplit: 0.3,
        callbacks: tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 1 }),
      }),
  );
  assert.ok((history['loss'] as number[]).length < 30);
  compiled.dispose();
  const stopped = await compareFits(
    () => classifier(),
    (fit, model) =>
      fit(x, y, {
        ...quiet,
        epochs: 3,
        batchSize: 10,
        callbacks: {
          onBatchEnd: async (batch) => {
            if (batch === 2) model.stopTraining = true;
          },
        },
      }),
  );
  assert.equal(stopped.own.optimizer.iterations, 3);
  stopped.compiled.dispose();
});

test('an AbortSignal ends the training after the batch under way; the model holds what was learnt until then', async () => {
  const controller = new AbortController();
  const model = classifier();
  const compiled = compileModel(model);
  await compiled.fit(x, y, {
    ...quiet,
    epochs: 100,
    batchSize: 10,
    signal: controller.signal,
    callbacks: {
      onBatchEnd: async (batch) => {
        if (batch === 3) controller.abort();
      },
    },
  });
  assert.equal(model.optimizer.iterations, 4);
  const eager = classifier();
  const four = tf.slice(x, [0], [40]);
  await eager.fit(four, tf.slice(y, [0], [40]), { ...quiet, epochs: 1, batchSize: 10 });
  assertSameWeights(model, eager);
  await compiled.fit(x, y, { ...quiet, epochs: 9, signal: AbortSignal.abort() });
  assert.equal(model.optimizer.iterations, 4);
  compiled.dispose();
});

test('fitDataset and evaluateDataset equal tfjs, the short last batch and the validation set too', async () => {
  const dataset = tf.data
    .array(Array.from({ length: 50 }, (_, i) => i))
    .map((i) => ({
      xs: tf.slice(x, [i as number], [1]).squeeze([0]),
      ys: tf.slice(y, [i as number], [1]).squeeze([0]),
    }))
    .batch(16);
  const asElements = dataset as unknown as Parameters<tfTypes.LayersModel['evaluateDataset']>[0];
  const [eager, own] = [classifier(), classifier()];
  const args = { verbose: quiet.verbose, epochs: 2, validationData: dataset };
  const expected = await eager.fitDataset(dataset, args);
  const compiled = compileModel(own);
  const { history } = await compiled.fitDataset(dataset, args);
  assertSameHistory(history, expected.history);
  assertSameWeights(own, eager);
  const read = (scalars: tfTypes.Scalar | tfTypes.Scalar[]) => [scalars].flat().map((scalar) => scalar.dataSync()[0]!);
  const losses = read(await eager.evaluateDataset(asElements, {}));
  read(await compiled.evaluateDataset(asElements, {})).forEach((value, i) =>
    assert.ok(Math.abs(value - (losses[i] as number)) < 1e-6),
  );
  compiled.dispose();
});

test('trainOnBatch, evaluate, predict and predictOnBatch equal tfjs', async () => {
  const [eager, own] = [classifier(), classifier()];
  const compiled = compileModel(own);
  for (let step = 0; step < 3; step++) {
    const expected = (await eager.trainOnBatch(x, y)) as number[];
    ((await compiled.trainOnBatch(x, y)) as number[]).forEach((value, i) =>
      assert.ok(Math.abs(value - (expected[i] as number)) < 1e-6),
    );
  }
  assertSameWeights(own, eager);
  const close = (actual: Tensor, expected: Tensor) => {
    assert.deepEqual(actual.shape, expected.shape);
    assert.ok((tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0] as number) < 1e-6);
  };
  (compiled.evaluate(x, y, { batchSize: 16 }) as Tensor[]).forEach((scalar, i) =>
    close(scalar, (eager.evaluate(x, y, { batchSize: 16 }) as Tensor[])[i] as Tensor),
  );
  close(compiled.predict(x) as Tensor, eager.predict(x) as Tensor);
  close(compiled.predict(x, { batchSize: 7 }) as Tensor, eager.predict(x) as Tensor);
  close(compiled.predictOnBatch(x) as Tensor, eager.predict(x) as Tensor);
  compiled.dispose();
});

test('what changes between two fits counts: weights set, another optimizer, loss or trainable layers', async () => {
  const { compiled } = await compareFits(
    () => classifier(),
    async (fit, model) => {
      await fit(x, y, { ...quiet, epochs: 1 });
      withWeights(model, 0.2);
      await fit(x, y, { ...quiet, epochs: 1 });
      model.layers[0]!.trainable = false;
      model.compile({ optimizer: tf.train.momentum(0.1, 0.5), loss: 'meanSquaredError', metrics: ['accuracy'] });
      return fit(x, y, { ...quiet, epochs: 2 });
    },
  );
  compiled.dispose();
});

test('fit, evaluate and predict leave no tensors behind, and dispose leaves the model as it is', async () => {
  const model = classifier();
  const compiled = compileModel(model);
  const use = async () => {
    await compiled.fit(x, y, { ...quiet, epochs: 2, batchSize: 16, validationSplit: 0.2, sampleWeight: tf.ones([50]) });
    tf.dispose(compiled.evaluate(x, y));
    tf.dispose(compiled.predict(x));
  };
  await use();
  const before = tf.memory().numTensors;
  await use();
  assert.equal(tf.memory().numTensors - before, 1); // the weights that `use` made
  compiled.dispose();
  const held = model.getWeights().map((weight) => weight.dataSync());
  assert.ok(held.flatMap((values) => [...values]).every(Number.isFinite));
  await model.fit(x, y, { ...quiet, epochs: 1 });
});

test('what cannot be compiled says why', async () => {
  assert.throws(() => compileModel({} as tfTypes.LayersModel), /takes a tf.LayersModel/);
  assert.throws(() => compileModel(tf.sequential()), /give it layers, and the first one an inputShape/);
  const stateful = tf.sequential({
    layers: [tf.layers.simpleRNN({ units: 2, stateful: true, batchInputShape: [5, 3, 1] })],
  });
  assert.throws(() => compileModel(stateful), /stateful recurrent layers.*use model.fit/);
  const plain = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
  await assert.rejects(compileModel(plain).fit(x, y), /call model.compile/);
  assert.throws(() => compileModel(plain).evaluate(x, y), CompileError);
  const compiled = compileModel(classifier());
  await assert.rejects(compiled.fit(x, y, { sampleWeight: tf.ones([49]) }), /one number a sample, \[50\], got \[49\]/);
  await assert.rejects(compiled.fit(x, tf.ones([50, 2]), quiet), /shape/);
  const twice = compiled.fit(x, y, { ...quiet, epochs: 1 });
  await assert.rejects(compiled.fit(x, y, quiet), /another fit\(\) call is ongoing/);
  await twice;
  compiled.dispose();
});
