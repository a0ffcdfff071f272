export { evolveFunction, evolveFunctionMatrix, symmetricExponential, symmetricModes } from './evolution.ts';
export type { FunctionProblem, SymmetricModes } from './evolution.ts';
export { evolveMode, evolveModeAt, kernelDecay, lateTail, linearMode } from './modes.ts';
export type { Dynamics, Mode, Tail } from './modes.ts';
export { solveGradientFlow } from './ode.ts';
export { integrate } from './quadrature.ts';
