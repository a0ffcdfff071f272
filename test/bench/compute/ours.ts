// The compiled step of lib/compute (argument `compiled`), or the same step as an ordinary user of tfjs writes it (`eager`).
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import {
  averagePool,
  batchNorm,
  compile,
  conv2d,
  dense,
  maxPool,
  relu,
  softmaxCrossEntropy,
  tf,
  type Program,
} from '../../../lib/compute/index.ts';
import { blocksOf, CASES, etaOf, inputShape, LAMBDA, parametersOf, pseudo, type Case } from './cases.ts';
import { serve } from './worker.ts';

type Tensor = tfTypes.Tensor;
const mode = process.argv[2];

const tensor = (shape: number[], salt: number, scale: number): Tensor =>
  tf.tensor(
    pseudo(
      shape.reduce((a, b) => a * b, 1),
      salt,
    ).map((value) => value * scale),
    shape,
  );

/** Uniform weights with the variance of the paper's, 2 / fan-in. */
const initial = (spec: Case): tfTypes.Variable[] =>
  parametersOf(spec).map(({ shape, initial: value }, i) => {
    const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    return tf.variable(value === 'weights' ? tensor(shape, i + 1, Math.sqrt(6 / fanIn)) : tf.fill(shape, value));
  });

/** The layers that a network is made of: ours, or plain tfjs. */
interface Layers {
  convolution(x: Tensor, filter: Tensor, bias: Tensor, stride: number): Tensor;
  normRelu(x: Tensor, scale: Tensor, offset: Tensor): Tensor;
  globalAverage(x: Tensor): Tensor;
  dense(x: Tensor, weights: Tensor, bias: Tensor): Tensor;
}

const ourLayers: Layers = {
  convolution: (x, filter, bias, stride) => conv2d(x, filter, bias, { stride }),
  normRelu: (x, scale, offset) => relu(batchNorm(x, scale, offset)),
  globalAverage: (x) => tf.reshape(averagePool(x, { size: x.shape[1]! }), [x.shape[0]!, x.shape[3]!]),
  dense,
};

const plainLayers: Layers = {
  convolution: (x, filter, bias, stride) => tf.add(tf.conv2d(x as never, filter as never, stride, 'same'), bias),
  normRelu(x, scale, offset) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.relu(tf.batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, 1e-5));
  },
  globalAverage: (x) => tf.mean(x, [1, 2]),
  dense: (x, weights, bias) => tf.add(tf.matMul(x as never, weights as never), bias),
};

/** WRN n-k as lib/models builds it. */
function wrnLogits(spec: Case, parameters: readonly Tensor[], x: Tensor, layers: Layers): Tensor {
  let used = 0;
  const take = (): Tensor => parameters[used++]!;
  const convolution = (h: Tensor, stride: number) => layers.convolution(h, take(), take(), stride);
  const normRelu = (h: Tensor) => layers.normRelu(h, take(), take());
  let h = convolution(x, 1);
  for (const { stride, first } of blocksOf(spec)) {
    const main = convolution(normRelu(convolution(normRelu(h), stride)), 1);
    h = tf.add(main, first ? convolution(h, stride) : h);
  }
  return layers.dense(layers.globalAverage(normRelu(h)), take(), take());
}

function ourLogits(spec: Case, parameters: Tensor[], x: Tensor): Tensor {
  if (spec.kind === 'fc') {
    let h = x;
    for (let i = 0; i < 8; i += 2) {
      const y = dense(h, parameters[i]!, parameters[i + 1]);
      h = i < 6 ? relu(y) : y;
    }
    return h;
  }
  if (spec.kind === 'wrn') return wrnLogits(spec, parameters, x, ourLayers);
  const [k0, b0, k1, b1, k2, b2, k3, b3, w4, b4, w5, b5] = parameters as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const [first, second] = spec.pools!.map(([size, stride]) => ({ size, stride }));
  let h = relu(conv2d(relu(conv2d(x, k0, b0)), k1, b1, { padding: 'valid' }));
  h = relu(conv2d(maxPool(h, first!), k2, b2));
  h = maxPool(conv2d(h, k3, b3, { padding: 'valid' }), second!);
  return dense(dense(tf.reshape(h, [spec.batch, -1]), w4, b4), w5, b5);
}

function plainLogits(spec: Case, parameters: Tensor[], x: Tensor): Tensor {
  const p = parameters as never[];
  const layer = (h: Tensor, i: number) => tf.add(tf.matMul(h as never, p[i]!), p[i + 1]!);
  if (spec.kind === 'fc') return layer(tf.relu(layer(tf.relu(layer(tf.relu(layer(x, 0)), 2)), 4)), 6);
  if (spec.kind === 'wrn') return wrnLogits(spec, parameters, x, plainLayers);
  const convolution = (h: Tensor, i: number, pad: 'same' | 'valid') =>
    tf.add(tf.conv2d(h as tfTypes.Tensor4D, p[i]!, 1, pad), p[i + 1]!);
  const pool = (h: Tensor, [size, stride]: [number, number]) =>
    tf.maxPool(h as tfTypes.Tensor4D, size, stride, 'valid');
  let h = tf.relu(convolution(tf.relu(convolution(x, 0, 'same')), 2, 'valid'));
  h = tf.relu(convolution(pool(h, spec.pools![0]!), 4, 'same'));
  h = pool(convolution(h, 6, 'valid'), spec.pools![1]!);
  return layer(layer(tf.reshape(h, [spec.batch, -1]), 8), 10);
}

/** Cross-entropy divided by the 10 classes, then theta <- theta - eta (gradient + lambda theta). */
function step(loss: () => Tensor, parameters: tfTypes.Variable[], eta: number): Tensor {
  const { value, grads } = tf.variableGrads(loss as () => tfTypes.Scalar, parameters);
  for (const parameter of parameters) {
    const gradient = grads[parameter.name]!;
    parameter.assign(
      mode === 'compiled'
        ? tf.addN([parameter, tf.mul(parameter, -eta * LAMBDA), tf.mul(gradient, -eta)])
        : tf.sub(parameter, tf.mul(tf.add(gradient, tf.mul(parameter, LAMBDA)), eta)),
    );
  }
  return value;
}

let program: Program<'step'> | undefined;
let eager: (() => Tensor) | undefined;
const lossOf = (value: Tensor): number => {
  const [loss] = value.dataSync();
  value.dispose();
  return loss!;
};

await serve({
  build(name) {
    const spec = CASES[name]!;
    const parameters = initial(spec);
    const x = tensor(inputShape(spec), 0, 1);
    const labels = Int32Array.from({ length: spec.batch }, (_, i) => i % 10);
    const y = tf.tensor1d(labels, 'int32');
    if (mode === 'compiled') {
      const run = () => [
        step(
          () => tf.div(tf.mean(softmaxCrossEntropy(ourLogits(spec, parameters, x), y)), 10),
          parameters,
          etaOf(spec),
        ),
      ];
      program = compile({ variables: parameters, data: [x, y], functions: { step: { run } }, verify: false });
      lossOf(program.repeat('step', 1)[0]!);
    } else {
      const targets = tf.oneHot(y, 10);
      const loss = () => tf.div(tf.losses.softmaxCrossEntropy(targets, plainLogits(spec, parameters, x)), 10);
      eager = () => tf.tidy(() => step(loss, parameters, etaOf(spec)));
      lossOf(eager());
    }
  },
  run(steps) {
    if (program) return lossOf(program.repeat('step', steps)[0]!);
    let loss = NaN;
    for (let i = 0; i < steps; i++) loss = lossOf(eager!());
    return loss;
  },
});
