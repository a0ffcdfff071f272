/** TensorFlow ops that tfjs does not expose, or makes of several: the same kernels eagerly and compiled, exact gradients. */
export {
  averagePool,
  conv2d,
  maxPool,
  type ConvolutionOptions,
  type Padding,
  type PoolOptions,
} from './convolution.ts';
export { dense, relu, reluGradient } from './dense.ts';
export { softmaxCrossEntropy, softmaxCrossEntropyWithTargets, sumOfSquares } from './losses.ts';
export { batchNorm } from './normalization.ts';
export { dropout, normal, permutation, seedOf, uniform, uniformInt } from './random.ts';
export { attribute, dataTypeOf, differentiable, rawOp, rawOps } from './raw.ts';
export { gatherRows, toFloat, uint8Tensor } from './uint8.ts';
