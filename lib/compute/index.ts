/** Compiled training for TensorFlow.js: any tfjs step at graph speed through the stock binding, on CPU or GPU. */
export { device, tensorflowVersion, tf } from './backend.ts';
export {
  compile,
  counterInput,
  scalarInput,
  type CompiledFunction,
  type InputSpec,
  type Program,
  type ProgramSource,
} from './compile.ts';
export { CompileError } from './errors.ts';
export {
  attribute,
  averagePool,
  batchNorm,
  conv2d,
  dataTypeOf,
  dense,
  differentiable,
  dropout,
  gatherRows,
  maxPool,
  normal,
  permutation,
  rawOp,
  rawOps,
  relu,
  reluGradient,
  seedOf,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithTargets,
  sumOfSquares,
  toFloat,
  uint8Tensor,
  uniform,
  uniformInt,
  type ConvolutionOptions,
  type Padding,
  type PoolOptions,
} from './ops/index.ts';
export { normals, philox } from './random.ts';
export { threadCount, threadEnvironment } from './threads.ts';
