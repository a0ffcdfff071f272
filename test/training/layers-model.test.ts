import assert from 'node:assert/strict';
import test from 'node:test';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { normals, tf } from '../../lib/compute/index.ts';
import { AutoL2, autoL2ForLayers } from '../../lib/training/index.ts';

const N = 64;
const BATCH = 16;
const ETA = 0.05;
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- tfjs does not export the enum
const QUIET: tfTypes.ModelFitArgs = { verbose: 0 };

/** Made-up samples whose labels cannot all be learnt: loss and error stop improving. */
const samples = () => {
  const x = tf.tensor2d(normals(1, 1, N * 6), [N, 6]);
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: N }, (_, i) => (i * 7) % 3),
      'int32',
    ),
    3,
    1,
    0,
    'float32',
  );
  return { x, y };
};

function network(): tfTypes.LayersModel {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 8, activation: 'relu', inputShape: [6] }));
  model.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
  const shapes = model.getWeights().map(({ shape }) => shape);
  model.setWeights(
    shapes.map((shape, i) =>
      tf.tensor(
        normals(
          2,
          i,
          shape.reduce((a, b) => a * b, 1),
        ).map((v) => v / 2),
        shape,
      ),
    ),
  );
  return model;
}

const weightsOf = (model: tfTypes.LayersModel): number[] => model.getWeights().flatMap((w) => [...w.dataSync()]);

/** The same training by hand: plain tfjs gradients of loss + L2 term, lambda asked of AutoL2 one update late, as documented. */
function byHand(epochs: number, convention: 'half' | 'full', lambda: number) {
  const { x, y } = samples();
  const model = network();
  const schedule = new AutoL2({ lambda });
  const variables = model.trainableWeights.map((w) => w.read() as tfTypes.Variable);
  const lambdas: number[] = [];
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let at = 0; at < N; at += BATCH) {
      const [xb, yb] = [x.slice([at, 0], [BATCH, 6]), y.slice([at, 0], [BATCH, 3])];
      const inForce = schedule.lambda;
      lambdas.push(inForce);
      const predict = () => model.apply(xb, { training: true }) as tfTypes.Tensor;
      const bare = () => tf.mean(tf.metrics.categoricalCrossentropy(yb, predict())).asScalar();
      const loss = bare().dataSync()[0] as number;
      const right = tf.mean(tf.equal(predict().argMax(1), yb.argMax(1)).toFloat()).dataSync()[0] as number;
      const { grads } = tf.variableGrads(() => {
        const squares = variables.map((v) => tf.sum(tf.square(v)));
        return tf.add(bare(), tf.mul(tf.addN(squares), convention === 'half' ? inForce / 2 : inForce)).asScalar();
      }, variables);
      for (const v of variables) v.assign(tf.sub(v, tf.mul(grads[v.name] as tfTypes.Tensor, ETA)));
      if (schedule.isDue(step)) schedule.measure(step, { loss, error: 1 - right });
      step++;
    }
  }
  return { weights: weightsOf(model), lambdas };
}

for (const l2Convention of ['half', 'full'] as const) {
  test(`fit with AutoL2 (${l2Convention}) trains as gradient descent on loss + L2 term, its lambda moved at the same steps`, async () => {
    const epochs = 30;
    const lambda = 0.3;
    const wanted = byHand(epochs, l2Convention, lambda);
    assert.ok(new Set(wanted.lambdas).size >= 2, 'lambda must decay in this test');
    const { x, y } = samples();
    const model = network();
    const decays: { step: number; lambda: number }[] = [];
    const autoL2 = autoL2ForLayers(tf.train.sgd(ETA), { lambda, l2Convention, onDecay: (decay) => decays.push(decay) });
    model.compile({ optimizer: autoL2.optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(x, y, { batchSize: BATCH, epochs, shuffle: false, ...QUIET, callbacks: autoL2.callback });
    weightsOf(model).forEach((have, i) => {
      const want = wanted.weights[i] as number;
      assert.ok(Math.abs(have - want) < 1e-4 * (1 + Math.abs(want)), `weight ${i}: ${have}, by hand ${want}`);
    });
    const moved = wanted.lambdas.flatMap((value, step) =>
      step > 0 && value !== wanted.lambdas[step - 1] ? [{ step, lambda: value }] : [],
    );
    assert.deepEqual(decays, moved);
    assert.ok(Math.abs((autoL2.lambda.dataSync()[0] as number) / (wanted.lambdas.at(-1) as number) - 1) < 1e-6);
  });
}

test('with momentum the L2 gradient is part of what the velocity takes; variables not penalised are left out', async () => {
  const { x, y } = samples();
  const decay = async (penalise: (v: tfTypes.Variable) => boolean) => {
    const model = network();
    const autoL2 = autoL2ForLayers(tf.train.momentum(ETA, 0.9), { lambda: 1, penalise });
    // A loss of gradient 0: what moves is the L2 term alone.
    model.compile({ optimizer: autoL2.optimizer, loss: (_t, p) => tf.mul(tf.mean(p), 0), metrics: ['accuracy'] });
    const [before] = [weightsOf(model)];
    await model.fit(x, y, { batchSize: N, epochs: 2, shuffle: false, ...QUIET, callbacks: autoL2.callback });
    return { before, after: weightsOf(model) };
  };
  const all = await decay(() => true);
  // v1 = l w, w1 = w (1 - eta l); v2 = 0.9 l w + l w1, w2 = w1 - eta v2.
  const factor = 1 - ETA - ETA * (0.9 + 1 - ETA);
  all.after.forEach((have, i) => {
    assert.ok(Math.abs(have - factor * (all.before[i] as number)) < 1e-6);
  });
  const none = await decay(() => false);
  assert.deepEqual(none.after, none.before);
});

test('fit without accuracy, and settings that make no schedule, are errors that say what to do', async () => {
  const { x, y } = samples();
  const model = network();
  const autoL2 = autoL2ForLayers(tf.train.sgd(ETA));
  model.compile({ optimizer: autoL2.optimizer, loss: 'categoricalCrossentropy' });
  await assert.rejects(
    model.fit(x, y, { batchSize: N, epochs: 1, ...QUIET, callbacks: autoL2.callback }),
    /compile the model with metrics: \['accuracy'\]/,
  );
  assert.throws(() => autoL2ForLayers(tf.train.sgd(ETA), { lambda: 0 }), /lambda must be positive/);
  assert.throws(
    () => autoL2ForLayers(tf.train.sgd(ETA), { l2Convention: 'third' as 'half' }),
    /l2Convention must be 'half' or 'full'/,
  );
});

test('training with AutoL2 leaves no tensor behind but its lambda', async () => {
  const { x, y } = samples();
  const model = network();
  const autoL2 = autoL2ForLayers(tf.train.sgd(ETA));
  model.compile({ optimizer: autoL2.optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const fit = () => model.fit(x, y, { batchSize: BATCH, epochs: 3, ...QUIET, callbacks: autoL2.callback });
  await fit();
  const before = tf.memory().numTensors;
  await fit();
  assert.equal(tf.memory().numTensors, before);
  autoL2.dispose();
  assert.equal(tf.memory().numTensors, before - 1);
});
