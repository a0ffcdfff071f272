/** Published training programs, rewritten from their descriptions: what each trains, and the two ways to do a step. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, compileModel, tf } from '../../../lib/compute/index.ts';
import { random } from '../support.ts';

export type Tensor = tfTypes.Tensor;
export type Model = tfTypes.LayersModel;
type Variable = tfTypes.Variable;

/** A `tf.LayersModel` that `trainOnBatch` trains, or a step over variables. */
export type Training =
  { model: Model; x: Tensor[]; y: Tensor[] } | { variables: Variable[]; data: Tensor[]; step: () => Tensor[] };

export interface TrainingProgram {
  name: string;
  /** Where it is published, and what was made smaller, if anything. */
  from: string;
  /** How far weights may be apart where 1e-5 is too little to ask (losses, 1e-6), and why. */
  rounding?: { tolerance: number; losses?: number; why: string };
  make(): Training;
}

/** One training, eager or compiled. */
export interface Trainer {
  /** One step; its loss. */
  step(): Promise<number>;
  /** The weights, in one order for both ways. */
  weights(): Float32Array[];
  dispose(): void;
}

/** Numbers of the size that initializers give: deviation 1/sqrt(fan-in), biases near 0, scales and variances near 1. */
export function initial(shape: number[], name: string, stream: number): Tensor {
  return tf.tidy(() => {
    const around = /gamma|variance|scale/.test(name) ? 1 : 0;
    const fanIn = shape.length < 2 ? 100 : shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const deviation = /embedding/.test(name) ? 0.05 : 1 / Math.sqrt(fanIn);
    return tf.add(random(shape, stream, deviation), around);
  });
}

export function initialise<M extends Model>(model: M): M {
  const values = model.weights.map(({ shape, originalName }, i) => initial(shape as number[], originalName, 100 + i));
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** A variable whose name says what it is; see `initial`. */
export const parameter = (shape: number[], stream: number, name = 'kernel'): Variable => {
  const value = initial(shape, name, stream);
  const made = tf.variable(value);
  value.dispose();
  return made;
};

/** Whole numbers from 0 to n - 1, as data sets have them: classes, tokens. */
export const classes = (shape: number[], n: number, dtype: 'int32' | 'float32' = 'int32'): Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 2654435761) >>> 7) % n),
    shape,
    dtype,
  );
export const oneHot = (shape: number[], n: number): Tensor =>
  tf.tidy(() => tf.cast(tf.oneHot(classes(shape, n), n), 'float32'));
/** Uniform in [0, 1), as pixels are. */
export const pixels = (shape: number[], stream = 1): Tensor => tf.tidy(() => tf.sigmoid(random(shape, stream)));
export const bits = (shape: number[]): Tensor => classes(shape, 2, 'float32');
export const normal = random;

const first = (losses: number | number[]): number => (Array.isArray(losses) ? (losses[0] as number) : losses);
const read = (tensors: Tensor[]): number => {
  const value = (tensors[0] as Tensor).dataSync()[0] as number;
  tf.dispose(tensors);
  return value;
};

export function eagerly(training: Training): Trainer {
  if (!('model' in training)) {
    const { step, variables, data } = training;
    return {
      step: async () => read(tf.tidy(() => step())),
      weights: () => variables.map((variable) => variable.dataSync() as Float32Array),
      dispose: () => tf.dispose([...variables, ...data]),
    };
  }
  const { model, x, y } = training;
  return {
    step: async () => first(await model.trainOnBatch(x, y)),
    weights: () => model.getWeights().map((weight) => weight.dataSync() as Float32Array),
    dispose: () => {
      model.dispose();
      tf.dispose([...x, ...y]);
    },
  };
}

export function compiled(training: Training): Trainer {
  const eager = eagerly(training);
  if (!('model' in training)) {
    const program = compile({ ...training, functions: { step: { run: training.step } } });
    return {
      step: async () => read(program.call('step')),
      weights: () => {
        program.sync();
        return eager.weights();
      },
      dispose: () => {
        program.dispose();
        eager.dispose();
      },
    };
  }
  const model = compileModel(training.model);
  return {
    ...eager,
    step: async () => first(await model.trainOnBatch(training.x, training.y)),
    dispose: () => {
      model.dispose();
      eager.dispose();
    },
  };
}

/** `model` trained on `x` and `y`, compiled by tfjs with these arguments, weights set. */
export function layers(
  make: () => Model,
  args: tfTypes.ModelCompileArgs,
  data: () => { x: Tensor[]; y: Tensor[] },
): Training {
  const model = make();
  model.compile(args);
  return { model: initialise(model), ...data() };
}

export const sequential = (...list: tfTypes.layers.Layer[]): Model => tf.sequential({ layers: list });

/** Losses of tfjs are typed with a rank that a mean does not have. */
export const scalar = (tensor: Tensor): tfTypes.Scalar => tensor as tfTypes.Scalar;
