/** A random training program with random JavaScript state, trained eagerly and compiled: equal, or an error. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, CompileError, tf } from '../../../lib/compute/index.ts';
import type { Tensor } from '../support.ts';
import { Random } from './random.ts';
import { numberSource, type NumberSource } from './state.ts';

const CALLS = 32;
/** Rounding of both ways, relative above 1. */
const TOLERANCE = 1e-4;

/** One step of training with a number from JavaScript in it. */
interface Training {
  about: string;
  step(): Tensor[];
  before(call: number): void;
  dispose(): void;
}

/** How a number enters the step. */
const USES: Record<string, (x: Tensor, number: () => number) => Tensor> = {
  factor: (x, number) => tf.mul(x, number()),
  branch: (x, number) => (number() > 1.2 ? tf.tanh(x) : tf.sigmoid(x)),
  'number of ops': (x, number) => {
    let y = x;
    for (let i = 0; i < Math.min(3, number()); i++) y = tf.add(y, 0.5);
    return y;
  },
  attribute: (x, number) => tf.leakyRelu(x, number() / 10),
  constant: (x, number) => tf.add(x, tf.tensor1d([number(), 1])),
  'which tensor': (x, number) => [tf.neg(x), x, tf.square(x), tf.abs(x)][Math.round(number()) % 4] as Tensor,
  axis: (x, number) => tf.add(x, tf.mean(x, number() > 1.2 ? 0 : 1, true)),
};

type Optimizer = tfTypes.Optimizer & { setLearningRate?(rate: number): void };
const OPTIMIZERS: Record<string, () => Optimizer> = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.5),
  adam: () => tf.train.adam(0.01),
  rmsprop: () => tf.train.rmsprop(0.01),
};

/** What may happen to a model or an optimizer between two calls. */
const EVENTS: Record<string, (parts: Parts) => void> = {
  nothing: () => undefined,
  'another optimizer': (parts) => void (parts.optimizer = parts.makeOptimizer()),
  'another rate': ({ optimizer }) => optimizer.setLearningRate?.(0.2),
  'another layer': (parts) => {
    const layer = tf.layers.dense({ units: 2, inputShape: [2], activation: 'tanh', kernelInitializer: 'ones' });
    layer.build([null, 2]);
    parts.layer = layer;
  },
  'another activation': (parts) => {
    const other = tf.layers.dense({ units: 2, activation: 'tanh' }) as unknown as { activation: unknown };
    (parts.layer as unknown as { activation: unknown }).activation = other.activation;
  },
  'a frozen layer': ({ layer }) => void (layer.trainable = false),
  'another tensor': (parts) => void (parts.captured = tf.tensor1d([3, -1])),
  'a variable assigned': ({ w }) =>
    tf.tidy(() =>
      w.assign(
        tf.tensor2d([
          [2, 1],
          [0, 1],
        ]),
      ),
    ),
  'weights set': ({ layer }) => tf.tidy(() => layer.setWeights([tf.ones([2, 2]), tf.ones([2])])),
};

interface Parts {
  optimizer: Optimizer;
  makeOptimizer: () => Optimizer;
  layer: tfTypes.layers.Layer;
  captured: Tensor;
  w: tfTypes.Variable;
}

function trainingOf(seed: number): Training & { w: tfTypes.Variable; x: Tensor } {
  const random = new Random(seed);
  const sources: { source: NumberSource; use: string }[] = Array.from({ length: random.integer(1, 3) }, () => ({
    source: numberSource(random),
    use: random.entry(USES)[0],
  }));
  const [optimizerName, makeOptimizer] = random.entry(OPTIMIZERS);
  const layer = tf.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones' });
  layer.build([null, 2]);
  const w = tf.variable(
    tf.tensor2d([
      [0.3, -0.2],
      [0.1, 0.4],
    ]),
  );
  const x = tf.tensor2d([
    [0.5, 1],
    [-1, 0.3],
    [0.2, -0.7],
  ]);
  const parts: Parts = { optimizer: makeOptimizer(), makeOptimizer, layer, captured: tf.tensor1d([0.5, 1]), w };
  const [eventName, event] = random.of([['nothing', EVENTS['nothing']] as const, random.entry(EVENTS)]) as [
    string,
    (parts: Parts) => void,
  ];
  const eventAt = random.integer(1, CALLS);
  const forward = (): Tensor => {
    let y = parts.layer.apply(tf.matMul(x, w)) as Tensor;
    for (const { source, use } of sources) y = (USES[use] as (typeof USES)[string])(y, source.read);
    return tf.mul(y, parts.captured);
  };
  return {
    about: `${sources.map(({ source, use }) => `${source.about}, as ${use}`).join('; ')}; ${optimizerName}; ${eventName} at ${eventAt}`,
    w,
    x,
    step: () => {
      const weights = parts.layer.trainableWeights.map((weight) => weight.read() as tfTypes.Variable);
      const loss = () => tf.mean(tf.square(tf.sub(forward(), 0.3))) as tfTypes.Scalar;
      return [parts.optimizer.minimize(loss, true, [w, ...weights]) as Tensor];
    },
    before: (call) => {
      for (const { source } of sources) source.before(call);
      if (call === eventAt) event(parts);
    },
    dispose: () => {
      tf.dispose([w, x, parts.captured, ...parts.layer.weights.map((weight) => weight.read())]);
    },
  };
}

const lossOf = (tensors: Tensor[]): number => {
  const [loss] = tensors;
  const value = loss?.dataSync()[0] ?? NaN;
  tf.dispose(tensors);
  return value;
};

export type Outcome =
  | { kind: 'equal' }
  /** An error before anything differed. */
  | { kind: 'refused'; message: string; at: number }
  /** An error after some calls that differed. */
  | { kind: 'late'; message: string; calls: number }
  | { kind: 'silent'; at: number; eager: number; compiled: number };

/** A program that has been refused says so again. */
function disposeAnyway(program: { dispose(): void } | undefined): void {
  try {
    program?.dispose();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
  }
}

/** Trains the program of this seed both ways. @throws whatever is no CompileError */
export function tryProgram(seed: number): { about: string; outcome: Outcome } {
  const eager = trainingOf(seed);
  const expected: number[] = [];
  eager.before(0);
  for (let call = 0; call < CALLS; call++) {
    if (call > 0) eager.before(call);
    expected.push(lossOf(tf.tidy(() => eager.step())));
  }
  eager.dispose();
  const own = trainingOf(seed);
  let firstWrong: number | undefined;
  let actual: number[] = [];
  let call = -1;
  let program: ReturnType<typeof compile<'step'>> | undefined;
  try {
    own.before(0);
    program = compile({ variables: [own.w], data: [own.x], functions: { step: { run: own.step } } });
    for (call = 0; call < CALLS; call++) {
      if (call > 0) own.before(call);
      const loss = lossOf(program.call('step'));
      actual.push(loss);
      const wanted = expected[call] as number;
      if (!(Math.abs(loss - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted)))) firstWrong ??= call;
    }
    program.dispose();
    program = undefined;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { message } = error;
    const outcome: Outcome =
      firstWrong === undefined
        ? { kind: 'refused', message, at: call }
        : { kind: 'late', message, calls: call - firstWrong };
    return { about: own.about, outcome };
  } finally {
    disposeAnyway(program);
    own.dispose();
  }
  if (firstWrong === undefined) return { about: own.about, outcome: { kind: 'equal' } };
  const at = firstWrong;
  return {
    about: own.about,
    outcome: { kind: 'silent', at, eager: expected[at] as number, compiled: actual[at] as number },
  };
}
