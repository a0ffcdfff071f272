/** Figure S1: when training accuracy first is 1. */

import { together } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { exponentAgreement } from './claims.ts';
import { fitPowerLaw } from './power-law.ts';
import type { PowerLaw } from './power-law.ts';
import type { RunSummary } from './summary.ts';

/** Fixed before any run that they can judge was made: fits at eta 0.3 and 1 had been seen. */
export const FIT_TIME_RULES = {
  /** Fewer runs, or fewer different eta or lambda among them, decide nothing. */
  runs: 6,
  values: 2,
  /** A time below this many steps is known no better than to a tenth. */
  steps: 10,
} as const;

export interface FitTimeClaim {
  agreement: Agreement;
  /** The largest eta that counts as small: the geometric mean of the smallest and the largest that reach training accuracy 1. */
  smallEta: number;
  n: number;
  /** Of the steps to training accuracy 1, in eta and lambda, over small eta. */
  law: PowerLaw | undefined;
}

/** Time to training accuracy 1 ~ eta^-1 lambda^0 for small eta. */
export function fitTimeClaim(summaries: readonly RunSummary[]): FitTimeClaim {
  const reached = summaries.filter(({ fitStep, lambda }) => Number.isFinite(fitStep) && lambda > 0);
  const etas = reached.map(({ eta }) => eta);
  const smallEta = Math.sqrt(Math.min(...etas) * Math.max(...etas));
  const used = reached.filter(({ eta, fitStep }) => eta <= smallEta * (1 + 1e-9) && fitStep >= FIT_TIME_RULES.steps);
  const different = (values: readonly number[]) => new Set(values).size >= FIT_TIME_RULES.values;
  const eta = used.map((summary) => summary.eta);
  const lambda = used.map((summary) => summary.lambda);
  if (used.length < FIT_TIME_RULES.runs || !different(eta) || !different(lambda))
    return { agreement: 'not tested here', smallEta, n: used.length, law: undefined };
  const law = fitPowerLaw(
    used.map(({ fitStep }) => fitStep),
    { eta, lambda },
  );
  return {
    agreement: together([exponentAgreement(law.exponents['eta']!, -1), exponentAgreement(law.exponents['lambda']!, 0)]),
    smallEta,
    n: used.length,
    law,
  };
}
