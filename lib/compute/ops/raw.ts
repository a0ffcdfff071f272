/** Any TensorFlow op by name, and how an op of ours gets its gradient. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf, type OpAttribute } from '../backend.ts';
import { CompileError } from '../errors.ts';
import { DATA_TYPE } from '../graph.ts';

type Tensor = tfTypes.Tensor;

const attributeType = (name: string): number => {
  const value = backend.binding[`TF_ATTR_${name}`];
  if (value === undefined) throw new Error(`the tfjs binding has no TF_ATTR_${name}`);
  return value;
};
const [TYPE, INT, FLOAT, BOOL, STRING] = ['TYPE', 'INT', 'FLOAT', 'BOOL', 'STRING'].map(attributeType) as [
  number,
  number,
  number,
  number,
  number,
];

/** Attributes of a TensorFlow op, as its definition names them. */
export const attribute = {
  /** `value` is one of TensorFlow's DataType numbers, see DATA_TYPE. */
  type: (name: string, value: number): OpAttribute => ({ name, type: TYPE, value }),
  int: (name: string, value: number | readonly number[]): OpAttribute => ({ name, type: INT, value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: FLOAT, value }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: BOOL, value }),
  string: (name: string, value: string): OpAttribute => ({ name, type: STRING, value }),
};

/** The attribute T = float32 that most ops take. */
export const T_FLOAT = attribute.type('T', DATA_TYPE.float32);

/** TensorFlow's own data type of a tensor; differs from `dtype` for uint8, which tfjs calls int32. */
export const dataTypeOf = (tensor: Tensor): number => backend.tensorMap.get(tensor.dataId).dtype;

/** tfjs's engine: its public `tf.customGrad` computes every gradient whether needed or not, and takes one output only. */
interface Engine {
  runKernelFunc<T extends Tensor | Tensor[]>(kernel: {
    inputs: Record<string, Tensor>;
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): T;
    backwardsFunc(dy: T, saved: Tensor[]): Record<string, () => Tensor>;
  }): T;
}
const engine = tf.engine() as unknown as Engine & { state: { gradientDepth: number } };

/**
 * An op with its gradient. `gradients` gets the derivative of the result and what `forward` saved, and returns one
 * function an input; only those that are needed are called.
 */
export function differentiable(
  inputs: readonly Tensor[],
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  gradients: (dy: Tensor, saved: Tensor[]) => (() => Tensor)[],
): Tensor {
  const backward = (dy: Tensor, saved: Tensor[]) => {
    // What was saved is not on the outer tape, so a gradient of this gradient would silently lose terms.
    if (engine.state.gradientDepth > 0) {
      throw new CompileError('the ops of lib/compute have first derivatives only: use tfjs ops for higher ones');
    }
    return Object.fromEntries(gradients(dy, saved).map((gradient, i) => [i, gradient]));
  };
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.map((input, i) => [i, input])),
    forwardFunc: (_, save) => forward(save),
    backwardsFunc: backward,
  });
}

/**
 * Runs any TensorFlow op of several outputs by name, eagerly or traced. It has no gradient: differentiating through it is
 * an error, never a silent zero; give it one with `differentiable`.
 */
export function rawOps(op: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[] {
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.map((input, i) => [i, input])),
    forwardFunc: () => backend.executeMultipleOutputs(op, attributes, inputs, outputs),
    backwardsFunc: () => noGradient(op, inputs.length),
  });
}

/** Runs any single-output TensorFlow op by name, eagerly or traced. No gradient, see `rawOps`. */
export function rawOp(op: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor {
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.map((input, i) => [i, input])),
    forwardFunc: () => backend.executeSingleOutput(op, attributes, inputs),
    backwardsFunc: () => noGradient(op, inputs.length),
  });
}

function noGradient(op: string, inputs: number): Record<string, () => Tensor> {
  const fail = () => {
    throw new CompileError(`${op} has no gradient here: wrap it in differentiable(), or leave it out of the loss`);
  };
  return Object.fromEntries(Array.from({ length: inputs }, (_, i) => [i, fail]));
}

/** @throws CompileError naming `what` unless the tensor has this rank and dtype */
export function requireRank(what: string, tensor: Tensor, rank: number, dtype = 'float32'): void {
  if (tensor.rank !== rank || tensor.dtype !== dtype) {
    throw new CompileError(
      `${what} must be ${dtype} of rank ${rank}, got ${tensor.dtype} of shape [${tensor.shape.join(', ')}]`,
    );
  }
}

/** @throws CompileError naming `what` unless `actual` is `expected` */
export function requireSize(what: string, actual: number | undefined, expected: number | undefined): void {
  if (actual !== expected) throw new CompileError(`${what} must be ${expected}, got ${actual}`);
}
