/** Each figure's claim as a pure function from its logs to its parts, its verdict and one plain sentence. Needs no TensorFlow. */

import type { Conclusion, FigureLogs } from './claim.ts';
import { figureS10, figureS11, figureS9 } from './autol2.ts';
import { figureS12 } from './budgets.ts';
import { figure1 } from './figure-1.ts';
import { figureS1 } from './figure-s1.ts';
import { figureS5 } from './figure-s5.ts';
import { figureS6 } from './figure-s6.ts';
import { figureS7 } from './figure-s7.ts';
import { figureS8 } from './figure-s8.ts';
import { figure2, figure3, figure4, figureS2 } from './lambda-laws.ts';
import { figureS3, figureS4 } from './predicted-lambda.ts';

export { startsOf } from './autol2.ts';
export { budgetsOf } from './budgets.ts';
export { concludeFrom, countShown, judgeParts, missingRuns, partOf, sweepOf, verdictOf } from './claim.ts';
export type { Conclusion, EarlierReading, FigureLogs, Group, Judged, SweepLogs } from './claim.ts';
export { EQUATION_RULES, figure5 } from './figure-5.ts';
export type { EquationErrors } from './figure-5.ts';
export { askedAtFit } from './figure-s1.ts';
export { S6_NETWORKS } from './figure-s6.ts';
export { lawParts } from './lambda-laws.ts';
export type { LawPanels } from './lambda-laws.ts';
export { LEMMA_1_RULE, theory } from './theory.ts';
export type { TheoryResults } from './theory.ts';

/** The claims that follow from logs alone, by figure. Figure 5 and the theory also need what their workbooks compute. */
export const CLAIMS = {
  '1': figure1,
  '2': figure2,
  '3': figure3,
  '4': figure4,
  S1: figureS1,
  S2: figureS2,
  S3: figureS3,
  S4: figureS4,
  S5: figureS5,
  S6: figureS6,
  S7: figureS7,
  S8: figureS8,
  S9: figureS9,
  S10: figureS10,
  S11: figureS11,
  S12: figureS12,
} as const satisfies Record<string, (logs: FigureLogs) => Conclusion>;
