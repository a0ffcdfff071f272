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
export { dense, rawOp, relu, reluGradient, softmaxCrossEntropy, sumOfSquares } from './ops.ts';
export { threadCount, threadEnvironment } from './threads.ts';
