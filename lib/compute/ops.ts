/**
 * TensorFlow ops that tfjs does not expose, with exact gradients. They cost fewer nodes than their tfjs compositions and
 * run the same kernels eagerly and compiled.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf, type OpAttribute } from './backend.ts';
import { DATA_TYPE } from './graph.ts';

type Tensor = tfTypes.Tensor;

const type = (name: string, value: number): OpAttribute => ({ name, type: backend.binding.TF_ATTR_TYPE ?? 0, value });
const flag = (name: string, value: boolean): OpAttribute => ({ name, type: backend.binding.TF_ATTR_BOOL ?? 0, value });
const FLOAT = type('T', DATA_TYPE.float32);

/** Runs any single-output TensorFlow op by name. No gradient: wrap it in tf.customGrad. */
export const rawOp = (op: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor =>
  backend.executeSingleOutput(op, attributes, inputs);

const matMul = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  rawOp('MatMul', [FLOAT, flag('transpose_a', transposeA), flag('transpose_b', transposeB)], [a, b]);

/** x W + b: x [n, in], W [in, out], b [out] or absent, all float32; result [n, out]. */
export function dense(x: Tensor, weights: Tensor, bias?: Tensor): Tensor {
  const inputs = bias ? [x, weights, bias] : [x, weights];
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, w, b] = args as Tensor[];
    const product = matMul(input as Tensor, w as Tensor);
    const value = bias ? rawOp('BiasAdd', [FLOAT], [product, b as Tensor]) : product;
    const save = args[inputs.length] as (tensors: Tensor[]) => void;
    save([input as Tensor, w as Tensor]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input, w] = saved as [Tensor, Tensor];
        const gradients = [matMul(dy, w, false, true), matMul(input, dy, true, false)];
        return bias ? [...gradients, rawOp('BiasAddGrad', [FLOAT], [dy])] : gradients;
      },
    };
  });
  return op(...inputs);
}

/** `dy` where x > 0, else 0: the gradient of `relu` with one op. Shapes equal, float32. No gradient. */
export const reluGradient = (dy: Tensor, x: Tensor): Tensor => rawOp('ReluGrad', [FLOAT], [dy, x]);

/** max(x, 0) with TensorFlow's own gradient op; the gradient at 0 is 0. Any shape, float32. */
export function relu(x: Tensor): Tensor {
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const value = rawOp('Relu', [FLOAT], [input]);
    save([value]);
    return { value, gradFunc: (dy: Tensor, [y]: Tensor[]) => rawOp('ReluGrad', [FLOAT], [dy, y as Tensor]) };
  });
  return op(x);
}

/**
 * Cross-entropy of each sample, -log softmax(logits)[label]: logits [n, k] float32, labels [n] int32; result [n].
 * Gradient with respect to the logits only.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
    const [value, gradient] = backend.executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      [FLOAT, type('Tlabels', DATA_TYPE.int32)],
      [input, labels],
      2,
    ) as [Tensor, Tensor];
    save([gradient]);
    return { value, gradFunc: (dy: Tensor, [g]: Tensor[]) => tf.mul(dy.expandDims(1), g as Tensor) };
  });
  return op(logits);
}

/** Sum of squares of all values of x; result scalar. No gradient. */
export const sumOfSquares = (x: Tensor): tfTypes.Scalar => tf.mul(rawOp('L2Loss', [FLOAT], [x]), 2);
