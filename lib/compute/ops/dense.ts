/** Layers of a fully connected network as single TensorFlow ops: fewer nodes than their tfjs compositions. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attribute, differentiable, rawOp, requireRank, requireSize, T_FLOAT } from './raw.ts';

type Tensor = tfTypes.Tensor;

const matMul = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  rawOp(
    'MatMul',
    [T_FLOAT, attribute.bool('transpose_a', transposeA), attribute.bool('transpose_b', transposeB)],
    [a, b],
  );

/** x W + b: x [n, in], W [in, out], b [out] or absent, all float32; result [n, out]. */
export function dense(x: Tensor, weights: Tensor, bias?: Tensor): Tensor {
  requireRank('x of dense', x, 2);
  requireRank('weights of dense', weights, 2);
  requireSize('inputs of dense (columns of x)', x.shape[1], weights.shape[0]);
  if (bias) requireRank('bias of dense', bias, 1);
  return differentiable(
    bias ? [x, weights, bias] : [x, weights],
    (save) => {
      const product = matMul(x, weights);
      save([x, weights]);
      return bias ? rawOp('BiasAdd', [T_FLOAT], [product, bias]) : product;
    },
    (dy, saved) => {
      const [input, w] = saved as [Tensor, Tensor];
      return [
        () => matMul(dy, w, false, true),
        () => matMul(input, dy, true, false),
        () => rawOp('BiasAddGrad', [T_FLOAT], [dy]),
      ].slice(0, bias ? 3 : 2);
    },
  );
}

/** `dy` where x > 0, else 0: the gradient of `relu` with one op. Shapes equal, float32. No gradient. */
export const reluGradient = (dy: Tensor, x: Tensor): Tensor => rawOp('ReluGrad', [T_FLOAT], [dy, x]);

/** max(x, 0) with TensorFlow's own gradient op; the gradient at 0 is 0. Any shape, float32. */
export function relu(x: Tensor): Tensor {
  return differentiable(
    [x],
    (save) => {
      const y = rawOp('Relu', [T_FLOAT], [x]);
      save([y]);
      return y;
    },
    (dy, [y]) => [() => reluGradient(dy, y as Tensor)],
  );
}
