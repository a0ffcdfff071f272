/** A configuration as something that can be trained and measured; two kinds, full batch and minibatches. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { sumOfSquares, tf, type Program } from '../compute/index.ts';
import { initialValues, type Model } from '../models/index.ts';
import type { Measure, RunConfig } from '../runs/index.ts';
import { meanLoss } from './losses.ts';
import { isPenalised, optimizerOf, type Optimizer } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

export type Measured = Pick<Measure, 'trainLoss' | 'trainError' | 'testLoss' | 'testError' | 'l2Norm'>;

/** The part of a measurement that AutoL2 decides by. */
export type TrainingPart = Pick<Measure, 'trainLoss' | 'trainError'>;

/** A network in training, its state held by a compiled program. */
export interface Network {
  batchesPerEpoch: number;
  /** `count` updates from `step` on, all in one epoch, with the eta and lambda given. */
  advance(step: number, count: number, eta: number, lambda: number): void | Promise<void>;
  /** Before the update of `step`. */
  measure(step: number): Measured | Promise<Measured>;
  /** The training part of `measure` alone, equal to it to the bit. */
  look(step: number): TrainingPart | Promise<TrainingPart>;
  /** Parameters in the model's order, then the optimizer's slots. */
  read(): Float32Array<ArrayBuffer>[];
  /** Takes what `read` gave; also parameters alone, the slots then start at 0. */
  write(arrays: readonly Float32Array<ArrayBuffer>[]): void;
  dispose(): void;
}

/** Parameters and optimizer of a run, before they move into a compiled program. */
export interface Trainable {
  model: Model;
  parameters: tfTypes.Variable[];
  optimizer: Optimizer;
  /** Loss and gradients of one batch: x [n, ...inputShape], y labels or targets. */
  gradients(x: Tensor, y: Tensor): { loss: Tensor; gradients: Tensor[] };
  logits(x: Tensor, batchNormGroup?: number): Tensor;
  /** Sum of squares of the penalised parameters. */
  norm(): Tensor;
}

export function trainable(config: RunConfig, model: Model): Trainable {
  const seed = config.weightSeed ?? config.seed;
  const parameters = initialValues(model, { ...config, seed }).map((values, i) => {
    const initial = tf.tensor(values, model.parameters[i]?.shape, 'float32');
    const variable = tf.variable(initial, true, undefined, 'float32');
    initial.dispose();
    return variable;
  });
  const optimizer = optimizerOf(config, model, parameters);
  const penalised = isPenalised(config, model);
  const logits = (x: Tensor, batchNormGroup?: number) =>
    model.logits(parameters, x, batchNormGroup === undefined ? {} : { batchNormGroup });
  return {
    model,
    parameters,
    optimizer,
    logits,
    gradients(x, y) {
      const { value, grads } = tf.variableGrads(
        () => meanLoss(config.loss, logits(x, config.batchNormGroup), y),
        parameters,
      );
      return { loss: value, gradients: parameters.map(({ name }) => grads[name] as Tensor) };
    },
    norm: () => tf.addN(parameters.filter((_, i) => penalised[i]).map((parameter) => sumOfSquares(parameter))),
  };
}

/** The values of scalar tensors, which are disposed. */
export const scalars = (tensors: Tensor[]): number[] => {
  const values = tensors.map((tensor) => tensor.dataSync()[0] as number);
  tf.dispose(tensors);
  return values;
};

/** `read` and `write` of a network whose program holds parameters, slots and `scratch` further variables, 0 between steps. */
export function stateOf(
  program: Pick<Program, 'read' | 'write'>,
  { parameters, optimizer }: Trainable,
  scratch: readonly tfTypes.Variable[] = [],
): Pick<Network, 'read' | 'write'> {
  const kept = parameters.length + optimizer.slots.length;
  return {
    read: () => program.read().slice(0, kept) as Float32Array<ArrayBuffer>[],
    write(arrays) {
      if (arrays.length !== kept && arrays.length !== parameters.length) {
        throw new RangeError(
          `the state of this network has ${kept} arrays (${parameters.length} of them parameters), got ${arrays.length}`,
        );
      }
      const rest = [...optimizer.slots.slice(arrays.length - parameters.length), ...scratch];
      program.write([...arrays, ...rest.map(({ size }) => new Float32Array(size))]);
    },
  };
}
