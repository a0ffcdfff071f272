/** Compiled training for TensorFlow.js: any tfjs step at graph speed through the stock binding, on CPU or GPU. */
export { device, tensorflowVersion, tf } from './backend.ts';
export { compile } from './compile.ts';
export {
  counterInput,
  scalarInput,
  type CompiledFunction,
  type InputSpec,
  type InputType,
  type Program,
  type ProgramSource,
  type StepsOptions,
  type StepsProgress,
} from './source.ts';
export { whyNoBfloat16, type Precision } from './precision.ts';
export { withDraws } from './draws.ts';
export { CompileError } from './errors.ts';
export {
  compileModel,
  type CompiledModel,
  type CompileModelOptions,
  type FitArgs,
  type FitDatasetArgs,
  type FitOptions,
} from './layers/index.ts';
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
export { normals, philox } from '../random/index.ts';
export { threadCount, threadEnvironment } from './threads.ts';
