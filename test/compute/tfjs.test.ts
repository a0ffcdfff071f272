import assert from 'node:assert/strict';
import { test } from 'node:test';
import './one-thread.ts';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, tf } from '../../lib/compute/index.ts';
import { assertClose, assertSameBits, random, valuesOf, variable, withProgram, type Tensor } from './support.ts';

const optimizers: Record<string, () => tfTypes.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
};

const x = random([16, 5], 1) as tfTypes.Tensor2D;
const targets = random([16, 2], 2) as tfTypes.Tensor2D;

/** A linear model with an optimizer; `warm` applies it once eagerly, so that its slots exist. */
function fit(make: () => tfTypes.Optimizer, warm = false) {
  const w = variable(random([5, 2], 3)) as tfTypes.Variable<tfTypes.Rank.R2>;
  const optimizer = make();
  const step = () => {
    const loss = optimizer.minimize(() => tf.losses.meanSquaredError(targets, tf.matMul(x, w)) as tfTypes.Scalar, true);
    return [loss as Tensor];
  };
  if (warm) tf.dispose(step());
  return { w, optimizer, step };
}

/** Of x / sqrt(y) TensorFlow makes x rsqrt(y) in a graph, which rounds otherwise. */
const ROUNDED = ['rmsprop', 'adagrad', 'adadelta'];

for (const [name, make] of Object.entries(optimizers)) {
  const exact = !ROUNDED.includes(name);
  const compare = exact ? assertSameBits : assertClose;
  for (const warm of [false, true]) {
    test(`tf.train ${name}${warm ? ', used before,' : ''} keeps its slots in the program: steps equal eager ones${exact ? ' to the bit' : ''}`, () => {
      const eager = fit(make, warm);
      const losses = Array.from({ length: 7 }, () => valuesOf(eager.step())[0]!);
      const { w, optimizer, step } = fit(make, warm);
      const before = optimizer.iterations;
      const program = compile({ variables: [w], data: [x, targets], functions: { step: { run: step } } });
      withProgram(program, () => {
        compare(valuesOf(program.call('step')), [losses[0]!]);
        compare(valuesOf(program.repeat('step', 4)), [losses[4]!]);
        program.sync();
        compare(valuesOf(step()), [losses[5]!]); // eager, with the slots brought back
        compare(valuesOf(program.call('step')), [losses[6]!]);
        assert.equal(optimizer.iterations, before + 7);
      });
      compare([w.dataSync()], [eager.w.dataSync()]);
      if (name !== 'sgd') assert.ok(program.variables.length > 1);
    });
  }
}

for (const [name, make] of Object.entries(optimizers)) {
  test(`tf.train ${name}: the slots of large weights, whose values tracing does not keep, start as they do eagerly`, () => {
    const [wide, wanted] = [random([16, 300], 5), random([16, 100], 6)] as [tfTypes.Tensor2D, tfTypes.Tensor2D];
    const train = () => {
      const w = variable(random([300, 100], 4)) as tfTypes.Variable<tfTypes.Rank.R2>;
      const optimizer = make();
      const loss = () => tf.losses.meanSquaredError(wanted, tf.matMul(wide, w)) as tfTypes.Scalar;
      return { w, step: () => [optimizer.minimize(loss, true) as Tensor] };
    };
    const [eager, own] = [train(), train()];
    const losses = Array.from({ length: 3 }, () => valuesOf(eager.step())[0]!);
    withProgram(
      compile({ variables: [own.w], data: [wide, wanted], functions: { step: { run: own.step } } }),
      (program) => {
        assertClose(valuesOf(program.repeat('step', 3)), [losses[2]!]);
      },
    );
    assertClose([own.w.dataSync()], [eager.w.dataSync()]);
  });
}

test('a learning rate set after compiling is an error instead of being ignored', () => {
  const { w, step } = fit(() => tf.train.sgd(0.1));
  const sgd = tf.train.sgd(0.1) as unknown as tfTypes.Optimizer & { setLearningRate(rate: number): void };
  const run = () => [sgd.minimize(() => tf.sum(tf.square(w)) as tfTypes.Scalar, true) as Tensor];
  withProgram(compile({ variables: [w], functions: { step: { run }, other: { run: step } } }), (program) => {
    tf.dispose(program.call('step'));
    sgd.setLearningRate(0.01);
    assert.throws(() => program.call('step'), /settings changed after it was compiled, from .*0\.1.* to .*0\.01/);
    tf.dispose(program.call('other'));
  });
});

const model = () => {
  const net = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 6, activation: 'relu' }),
      tf.layers.dense({ units: 3 }),
    ],
  });
  net.setWeights(net.getWeights().map((weight, i) => tf.abs(random(weight.shape, 10 + i, 0.3))));
  return net;
};
const images = random([4, 8, 8, 2], 4);

test('a LayersModel in inference equals eager, and follows weights set outside', () => {
  const net = model();
  const predict = () => [net.predict(images) as Tensor];
  withProgram(compile({ variables: [], data: [images], functions: { predict: { run: predict } } }), (program) => {
    assert.equal(program.variables.length, net.getWeights().length);
    const before = valuesOf(predict());
    assertClose(valuesOf(program.call('predict')), before);
    net.setWeights(net.getWeights().map((weight) => tf.mul(weight, 2)));
    const after = valuesOf(predict());
    assert.notDeepEqual(after, before);
    assertClose(valuesOf(program.call('predict')), after);
  });
});

test('a LayersModel in training equals eager: weights, moving averages and the slots of momentum', () => {
  const train = () => {
    const net = model();
    const optimizer = tf.train.momentum(0.05, 0.9);
    const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), 3);
    const loss = () => tf.losses.softmaxCrossEntropy(labels, net.apply(images, { training: true }) as Tensor);
    const run = () => [optimizer.minimize(loss as () => tfTypes.Scalar, true) as Tensor];
    return { net, run };
  };
  const eager = train();
  const losses = Array.from({ length: 4 }, () => valuesOf(eager.run())[0]!);
  const { net, run } = train();
  const program = compile({ variables: [], data: [images], functions: { step: { run } } });
  assertClose(valuesOf(program.repeat('step', 4)), [losses[3]!]);
  program.dispose();
  const weights = (of: tfTypes.LayersModel) => of.getWeights().map((weight) => weight.dataSync());
  assertClose(weights(net), weights(eager.net));
});

const a = random([4, 6], 20);
const b = random([4, 6], 21);
const positive = tf.add(tf.abs(a), 0.5);
const ints = tf.tensor1d([2, 0, 1, 2], 'int32');
const image = random([2, 6, 6, 3], 22) as tfTypes.Tensor4D;

/** tfjs ops of ordinary training, and what they are called in a step. */
const ops: Record<string, () => Tensor | Tensor[]> = {
  arithmetic: () => [
    tf.add(a, b),
    tf.sub(a, b),
    tf.mul(a, b),
    tf.div(a, positive),
    tf.mod(a, positive),
    tf.pow(positive, b),
  ],
  'unary math': () => [
    tf.abs(a),
    tf.neg(a),
    tf.exp(a),
    tf.expm1(a),
    tf.log(positive),
    tf.log1p(positive),
    tf.sqrt(positive),
    tf.rsqrt(positive),
    tf.square(a),
    tf.sign(a),
    tf.floor(a),
    tf.ceil(a),
    tf.round(a),
    tf.sin(a),
    tf.cos(a),
    tf.tan(a),
    tf.tanh(a),
    tf.erf(a),
    tf.reciprocal(positive),
    tf.clipByValue(a, -0.5, 0.5),
    tf.step(a),
    tf.isNaN(a),
    tf.isFinite(a),
  ],
  activations: () => [
    tf.relu(a),
    tf.relu6(a),
    tf.elu(a),
    tf.selu(a),
    tf.sigmoid(a),
    tf.logSigmoid(a),
    tf.softplus(a),
    tf.leakyRelu(a, 0.1),
    tf.prelu(a, tf.scalar(0.2)),
    tf.softmax(a),
    tf.logSoftmax(a),
  ],
  comparison: () => [
    tf.maximum(a, b),
    tf.minimum(a, b),
    tf.greater(a, b),
    tf.greaterEqual(a, b),
    tf.less(a, b),
    tf.lessEqual(a, b),
    tf.equal(a, b),
    tf.notEqual(a, b),
    tf.where(tf.greater(a, b), a, b),
    tf.squaredDifference(a, b),
    tf.logicalAnd(tf.greater(a, 0), tf.less(b, 0)),
    tf.logicalOr(tf.greater(a, 0), tf.less(b, 0)),
    tf.logicalNot(tf.greater(a, 0)),
    tf.logicalXor(tf.greater(a, 0), tf.less(b, 0)),
  ],
  reductions: () => [
    tf.sum(a),
    tf.sum(a, 1),
    tf.mean(a, 0, true),
    tf.mean(tf.greater(a, 0)),
    tf.mean(ints),
    tf.max(a, 1),
    tf.min(a),
    tf.prod(a, 1),
    tf.any(tf.greater(a, 0), 1),
    tf.all(tf.greater(a, 0), 1),
    tf.argMax(a, 1),
    tf.argMin(a, 1),
    tf.logSumExp(a, 1),
    tf.norm(a),
    tf.moments(a, 0).mean,
    tf.moments(a, 0).variance,
    tf.cumsum(a, 1),
  ],
  shapes: () => [
    tf.reshape(a, [6, 4]),
    tf.transpose(a),
    tf.expandDims(a, 1),
    tf.squeeze(tf.expandDims(a, 0)),
    tf.concat([a, b], 1),
    tf.stack([a, b]),
    ...tf.unstack(a),
    ...tf.split(a, 2, 1),
    tf.slice(a, [1, 2], [2, 3]),
    tf.stridedSlice(a, [0, 1], [4, 6], [2, 2]),
    tf.tile(a, [2, 1]),
    tf.pad(a, [
      [1, 0],
      [0, 2],
    ]),
    tf.mirrorPad(
      a as tfTypes.Tensor2D,
      [
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
    tf.reverse(a, 1),
    tf.broadcastTo(tf.ones([6]), [4, 6]),
    tf.cast(a, 'int32'),
    tf.onesLike(a),
    tf.zerosLike(a),
    tf.range(0, 5),
    tf.linspace(0, 1, 5),
    tf.eye(3),
  ],
  selection: () => [
    tf.gather(a, ints),
    tf.gatherND(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [3, 2],
        ],
        [2, 2],
        'int32',
      ),
    ),
    tf.oneHot(ints, 3),
    tf.topk(a, 2).values,
    tf.topk(a, 2).indices,
    tf.unsortedSegmentSum(a, ints, 3),
    tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], 'int32'), tf.ones([2, 6]), [4, 6]),
  ],
  products: () => [
    tf.matMul(a as tfTypes.Tensor2D, b as tfTypes.Tensor2D, false, true),
    tf.dot(a, tf.ones([6])),
    tf.outerProduct(tf.range(0, 3), tf.range(0, 2)),
    tf.einsum('ij,kj->ik', a, b),
    tf.fused.matMul({ a: a as tfTypes.Tensor2D, b: b as tfTypes.Tensor2D, transposeB: true, activation: 'relu' }),
  ],
  convolution: () => [
    tf.conv2d(image, random([3, 3, 3, 2], 23) as tfTypes.Tensor4D, 2, 'same'),
    tf.conv2dTranspose(image, random([3, 3, 2, 3], 24) as tfTypes.Tensor4D, [2, 6, 6, 2], 1, 'same'),
    tf.depthwiseConv2d(image, random([3, 3, 3, 1], 25) as tfTypes.Tensor4D, 1, 'same'),
    tf.separableConv2d(
      image,
      random([3, 3, 3, 1], 25) as tfTypes.Tensor4D,
      random([1, 1, 3, 2], 26) as tfTypes.Tensor4D,
      1,
      'same',
    ),
    tf.maxPool(image, 2, 2, 'valid'),
    tf.avgPool(image, 3, 2, 'same'),
    tf.batchNorm(image, tf.zeros([3]), tf.ones([3]), tf.ones([3]), tf.ones([3])),
    tf.localResponseNormalization(image),
    tf.image.resizeBilinear(image, [3, 3]),
    tf.image.resizeNearestNeighbor(image, [12, 12]),
    tf.image.flipLeftRight(image),
    tf.depthToSpace(tf.ones([1, 2, 2, 4]), 2, 'NHWC'),
    tf.spaceToBatchND(
      image,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ],
  losses: () => [
    tf.losses.meanSquaredError(a, b),
    tf.losses.absoluteDifference(a, b),
    tf.losses.huberLoss(a, b),
    tf.losses.softmaxCrossEntropy(tf.softmax(a), b),
    tf.losses.sigmoidCrossEntropy(tf.sigmoid(a), b),
    tf.losses.logLoss(tf.sigmoid(a), tf.sigmoid(b)),
    tf.losses.hingeLoss(tf.sigmoid(a), b),
    tf.losses.cosineDistance(a, b, 1),
  ],
};

for (const [name, run] of Object.entries(ops)) {
  test(`tfjs ${name}: compiled equals eager`, () => {
    const all = (): Tensor[] => [run()].flat();
    const expected = valuesOf(tf.tidy(all));
    withProgram(compile({ variables: [], data: [a, b, positive, image], functions: { f: { run: all } } }), (program) =>
      assertClose(valuesOf(program.call('f')), expected),
    );
  });
}

/** Gradients of ordinary tfjs ops, all in one step. */
test('gradients of tfjs ops: compiled equal eager', () => {
  const f = (v: Tensor) =>
    tf.addN(
      [
        tf.softmax(v),
        tf.logSoftmax(v),
        tf.tanh(v),
        tf.sigmoid(v),
        tf.elu(v),
        tf.relu6(v),
        tf.softplus(v),
        tf.exp(v),
        tf.square(v),
        tf.abs(v),
        tf.div(v, positive),
        tf.pow(tf.add(tf.abs(v), 1), 2),
        tf.max(v, 1),
        tf.mean(v, 0),
        tf.transpose(v),
        tf.concat([v, v], 1),
        tf.slice(v, [0, 1], [2, 2]),
        tf.gather(v, ints),
        tf.pad(v, [
          [1, 1],
          [0, 0],
        ]),
        tf.tile(v, [2, 2]),
        tf.maximum(v, b),
        tf.where(tf.greater(b, 0), v, tf.mul(v, 2)),
        tf.clipByValue(v, -1, 1),
        tf.cumsum(v, 1),
        tf.norm(v),
        tf.matMul(v as tfTypes.Tensor2D, b as tfTypes.Tensor2D, false, true),
        tf.reverse(v, 0),
        tf.stack([v, v]),
        tf.split(v, 2)[1]!,
      ].map((y) => tf.sum(tf.square(y))),
    );
  const expected = valuesOf([tf.grad(f)(a)]);
  const run = () => [tf.grad(f)(a)];
  withProgram(compile({ variables: [], data: [a, b, positive], functions: { f: { run } } }), (program) =>
    assertClose(valuesOf(program.call('f')), expected),
  );
});
