/** The paper's theory: curves that need no training, and the theory's run files as rows. No TensorFlow; `networks.ts` has what needs it. */

export {
  descendFunction,
  evolveFunction,
  evolveFunctionMatrix,
  symmetricExponential,
  symmetricModes,
} from './evolution.ts';
export type { FunctionProblem, SymmetricModes } from './evolution.ts';
export { evolveMode, evolveModeAt, kernelDecay, lateTail, linearMode } from './modes.ts';
export type { Dynamics, Mode, Tail } from './modes.ts';
export { solveGradientFlow } from './ode.ts';
export { checkLemma1, homogeneousCnn, homogeneousFc } from './lemma-1.ts';
export type { HomogeneousNetwork, Lemma1Check } from './lemma-1.ts';
export { collapse, DeepLinear, fixedPointCurve, fixedPoints, printedFixedPoint } from './deep-linear.ts';
export { infiniteKernel } from './infinite-kernel.ts';
export type { InfiniteKernel, InfiniteKernelOptions } from './infinite-kernel.ts';
export { fixedPointRows, initialKernelRows, kernelRows, kinkRows, trainedCurves } from './logs.ts';
export type { Family, FixedPointRow, InitialKernelRow, KernelRow, KinkRow, TrainedCurve, TrainedRow } from './logs.ts';
export { evenOddDigits, fromUpperTriangle, gramMatrix, upperTriangle } from './samples.ts';
export type { LabelledSamples } from './samples.ts';
export { TwoLayer } from './two-layer.ts';
export type { TwoLayerOptions } from './two-layer.ts';
export { integrate } from './quadrature.ts';
