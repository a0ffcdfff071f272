/**
 * The learning rate of a tf.train optimizer as an input of the compiled step: callbacks may change it between two batches.
 * The optimizer's own `applyGradients` runs, so its arithmetic is tfjs's; only the number is another.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';

type Tensor = tfTypes.Tensor;

interface State {
  learningRate: number;
  iterations_: number | undefined;
  /** SGD and momentum: minus the rate, as a tensor. */
  c?: Tensor;
}

/** The rate while a step is traced, where the optimizer takes it as a number: a float32 that nobody chooses. */
const MARK = Math.fround(1.2345678e-29);

const WITH_TENSOR = [tf.SGDOptimizer, tf.MomentumOptimizer] as unknown[];
const WITH_NUMBER = [
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
  tf.RMSPropOptimizer,
  tf.AdagradOptimizer,
  tf.AdadeltaOptimizer,
] as unknown[];

export interface RateInput {
  /** The optimizer to trace: it shares the state of the given one, but for the rate. */
  traced: tfTypes.Optimizer;
  /** Calls `run` with `rate` in the place of the learning rate. */
  during<T>(rate: Tensor, run: () => T): T;
  /** float32 scalar to pass as `rate` now, for SGD and momentum minus the learning rate. It belongs to this object or the optimizer. */
  current(): Tensor;
  dispose(): void;
}

/** Undefined for optimizers that are not tf.train's own: what they do with their rate is not known. */
export function rateInput(optimizer: tfTypes.Optimizer): RateInput | undefined {
  const kind = optimizer.constructor as { prototype?: tfTypes.Optimizer };
  const withTensor = WITH_TENSOR.includes(kind);
  if (!withTensor && !WITH_NUMBER.includes(kind)) return undefined;
  if (optimizer.applyGradients !== kind.prototype?.applyGradients) return undefined;
  const state = optimizer as unknown as State;
  let given: Tensor | undefined;
  const traced = Object.create(optimizer, {
    learningRate: { value: MARK, enumerable: true },
    c: { get: () => given },
    iterations_: {
      get: () => state.iterations_,
      set: (count: number) => {
        state.iterations_ = count;
      },
    },
  }) as tfTypes.Optimizer;
  let known: { value: number; tensor: Tensor } | undefined;
  return {
    traced,
    during(rate, run) {
      given = rate;
      try {
        return withTensor ? run() : withMarkAs(rate, run);
      } finally {
        given = undefined;
      }
    },
    current() {
      if (withTensor) return state.c as Tensor;
      const value = state.learningRate;
      if (!known || !Object.is(known.value, value)) {
        known?.tensor.dispose();
        known = { value, tensor: tf.keep(tf.scalar(value)) };
      }
      return known.tensor;
    },
    dispose: () => known?.tensor.dispose(),
  };
}

/** Where tfjs makes a tensor of the mark, it gets the rate instead. */
function withMarkAs<T>(rate: Tensor, run: () => T): T {
  const engine = tf.engine() as unknown as {
    makeTensor(values: unknown, shape: number[], dtype: string, backend?: unknown): Tensor;
  };
  const own = engine as Partial<typeof engine>;
  const { makeTensor } = engine;
  own.makeTensor = (values, shape, dtype, backend) => {
    const value = shape.length === 0 && values instanceof Float32Array ? values[0] : undefined;
    if (value === MARK) return tf.clone(rate);
    if (value === -MARK) return tf.neg(rate);
    return makeTensor.call(engine, values, shape, dtype, backend);
  };
  try {
    return run();
  } finally {
    delete own.makeTensor;
  }
}
