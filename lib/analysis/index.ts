/** Run files to tables: what each run says of the claims, and the laws fitted over many. Needs no TensorFlow. */

export { exponentAgreement, gainClaim, plateauClaim, RULES, scalingClaim, together } from './claims.ts';
export type { Agreement, GainClaim, PlateauClaim, ScalingClaim } from './claims.ts';
export { coverage } from './coverage.ts';
export type { Coverage } from './coverage.ts';
export { measureFrame, measureRows, summaryFrame } from './frames.ts';
export { AnalysisError, DATA_FOLDERS, loadSweep } from './load.ts';
export type { Sweep } from './load.ts';
export { fitFactor, fitPowerLaw } from './power-law.ts';
export type { PowerLaw } from './power-law.ts';
export { measureC, predictL2 } from './predict-l2.ts';
export { regress } from './regress.ts';
export type { Estimate, Regression } from './regress.ts';
export { exclusions, INCLUSION, summarizeRun, T_STAR_MARGIN } from './summary.ts';
export type { Outcome, RunSummary } from './summary.ts';
