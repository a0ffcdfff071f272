/** Run files to tables: what each run says of the claims, and the laws fitted over many. Needs no TensorFlow. */

export { combined, decisive, grade, together } from './agreement.ts';
export { averaged } from './averaged.ts';
export type { AveragedRun } from './averaged.ts';
export type { Agreement } from './agreement.ts';
export { AUTO_L2_RULES, contest, decays, endsHigher, fasterAndBetter, overtaken, sooner } from './autol2.ts';
export type { Contender, Contest, Race } from './autol2.ts';
export { BUDGET_RULES, budgetClaim, budgetSweep, clockOf, scaleClaim } from './budget.ts';
export type { BudgetClaim, BudgetPoint, BudgetSweep, Clock, ScaleClaim } from './budget.ts';
export { CATAPULT_RULES, catapultClaim, lossRuns, riseClaim } from './catapult.ts';
export type { CatapultClaim, LossRise, RiseClaim } from './catapult.ts';
export {
  etaLambdaClaims,
  exponentAgreement,
  gainClaim,
  lawOf,
  plateauAtFirst,
  plateauClaim,
  RULES,
  scalingClaim,
} from './claims.ts';
export type { EtaLambdaClaims, EtaLambdaPart, GainClaim, Law, PlateauClaim, ScalingClaim } from './claims.ts';
export { coverage } from './coverage.ts';
export type { Coverage } from './coverage.ts';
export {
  accuracyAt,
  bestWithin,
  firstAt,
  groupBy,
  hasFinished,
  meanOf,
  measured,
  median,
  stepsAnEpoch,
} from './curve.ts';
export { FIT_TIME_RULES, fitTimeClaim, ratioWithoutL2 } from './fit-time.ts';
export type { FitExponent, FitTimeClaim } from './fit-time.ts';
export { FIXED_POINT_RULES, fixedPointClaim } from './fixed-points.ts';
export type { Collapse, FixedPointClaim } from './fixed-points.ts';
export { measureFrame, measureRows, summaryFrame } from './frames.ts';
export { crossover, FIGURE_5_RULES, followingClaim } from './infinite-width.ts';
export type { FollowingClaim } from './infinite-width.ts';
export {
  convergenceClaim,
  convergenceLaws,
  correctionClaim,
  correctionLaws,
  countHolding,
  decayClaim,
  decayRates,
  functionEnds,
  KERNEL_RULES,
  kinkLaws,
  kinkMeans,
  vanishingClaim,
  widthLaw,
} from './kernel-decay.ts';
export type {
  ConvergenceLaw,
  CorrectionClaim,
  CorrectionLaw,
  DecayRate,
  FunctionEnd,
  KinkLaws,
  KinkMean,
  WidthLaw,
} from './kernel-decay.ts';
export { LEVEL_RULES, levelPace } from './level-pace.ts';
export type { LevelPace } from './level-pace.ts';
export { DATA_FOLDERS } from '../runs/index.ts';
export { AnalysisError, loadSweep } from './load.ts';
export type { Sweep } from './load.ts';
export { entersNarrowFit, NARROW_RULES, narrowClaim } from './narrow.ts';
export type { NarrowClaim } from './narrow.ts';
export { openSweeps } from './open.ts';
export type { MissingRun, OpenSweep, PresetName, SweepPlan } from './open.ts';
export { conclude, judge, logFolders } from './judge.ts';
export type { Judged, Judgement } from './judge.ts';
export { both, effectOf, exponentIs, isRight, isThere, shareOf } from './part.ts';
export type { Part, PartVerdict } from './part.ts';
export { fitFactor, fitPowerLaw } from './power-law.ts';
export type { PowerLaw } from './power-law.ts';
export { measureC, predictL2 } from './predict-l2.ts';
export {
  cOverLambda,
  factorClaim,
  familyOf,
  PAPER_C,
  PREDICTION_RULES,
  predictionClaim,
  predictions,
  tunedAt,
} from './prediction.ts';
export type { Budget, FactorClaim, LambdaC, PredictionClaim, Predictions, ShortRuns } from './prediction.ts';
export { regress } from './regress.ts';
export type { Estimate, Regression } from './regress.ts';
export { gridPoints, repairClaim, ROW_RULES, rowClaim, rowPanels } from './rows.ts';
export type { GridPoint, RepairClaim, RowClaim } from './rows.ts';
export { RULE_CHANGES, RULES_SET } from './rule-book.ts';
export type { RuleChange } from './rule-book.ts';
export { SEED_RULES, seedsSaid } from './seeds.ts';
export { lambdaLaws, selectionLaws, SELECTIONS, timed } from './selections.ts';
export type { LambdaLaw, Selection } from './selections.ts';
export { settings, standIn } from './settings.ts';
export type { Setting } from './settings.ts';
export { smoothRun } from './smooth-run.ts';
export { gainBeyondNoise, SMOOTH, smoothed } from './smooth.ts';
export {
  exponentClaim,
  levelClaim,
  overparameterized,
  STANDARD,
  standardClaim,
  summarizeSettings,
  trainingOnClaim,
} from './standard.ts';
export type { ExponentClaim, LevelClaim, SettingSummary, StandardClaim, TrainingOnClaim } from './standard.ts';
export { decayRate, exclusions, INCLUSION, summarizeRun, T_STAR_MARGIN, withoutReach } from './summary.ts';
export type { Outcome, RunSummary } from './summary.ts';
export { TIED_RULES, tiedClaim } from './tied-lambda.ts';
export type { TiedBudget, TiedClaim } from './tied-lambda.ts';
export { CURVE_RULES, curvesClaim, threeRuns } from './three-curves.ts';
export type { CurvesClaim } from './three-curves.ts';
export { digits, interval, scientific } from './words.ts';
export { budgetExponent, lengthExponent } from './budget-exponent.ts';
export type { BestAtBudget, BudgetExponent } from './budget-exponent.ts';
export {
  angleRatios,
  equilibriumAngle,
  equilibriumLaw,
  equilibriumNorms,
  EQUILIBRIUM_RULES,
  layerAngles,
  wrnParameterNames,
} from './equilibrium.ts';
export type { EquilibriumNorm, LayerAngle } from './equilibrium.ts';
