/** What of the theory needs TensorFlow. */

export { DeepRelu } from './deep-relu.ts';
export type { DeepReluOptions } from './deep-relu.ts';
export { tangentKernel } from './tangent-kernel.ts';
export type { Network, TangentKernelOptions } from './tangent-kernel.ts';
export { WideRelu } from './wide-relu.ts';
export type { WideReluState } from './wide-relu.ts';
