/** The paper's claims over a sweep of eta and lambda, as numbers, and the rules that say what counts as shown. */

import { fitFactor, fitPowerLaw } from './power-law.ts';
import type { PowerLaw } from './power-law.ts';
import { regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import type { RunSummary } from './summary.ts';

/** Fixed before any run that they can judge was made: only short runs, eta lambda >= 0.15, had been seen. */
export const RULES = {
  /** Fewer runs in the fit decide nothing. */
  runs: 10,
  /** An exponent agrees with -1 when it lies within this of it and its interval is no wider to either side. */
  exponent: 0.1,
  /** It agrees in part within this. */
  exponentInPart: 0.25,
  /** The plateau is looked at where eta lambda is at most this. */
  plateauProduct: 0.01,
  /** Maximum test accuracies there are alike when all lie within this of one another; in part within twice this. */
  plateauRange: 0.03,
  /** Training beyond training accuracy 1 helps when this share of the runs gains; in part when half of them do. */
  gainShare: 0.9,
} as const;

export type Agreement = 'shown' | 'shown in part' | 'not shown' | 'not tested here';

/** Claim 1: t* = c / (eta lambda). */
export interface ScalingClaim {
  agreement: Agreement;
  n: number;
  /** Free exponents; undefined with too few runs. */
  law: PowerLaw | undefined;
  /** c with both exponents held at -1, in epochs. */
  c: Estimate | undefined;
  /** t* lies within this factor of c / (eta lambda). */
  scatter: number;
}

/** Claim 2: where trained long enough, the maximum depends little on eta and on small lambda. */
export interface PlateauClaim {
  agreement: Agreement;
  n: number;
  lowest: number;
  highest: number;
  /** Change of the maximum test accuracy a decade of eta, and of lambda; undefined with too few runs. */
  perDecade: { eta: Estimate; lambda: Estimate } | undefined;
}

/** Panel c: the maximum lies above the test accuracy at which training accuracy first is 1. */
export interface GainClaim {
  agreement: Agreement;
  n: number;
  /** Runs whose maximum is higher by more than the margin of t*. */
  gaining: number;
  median: number;
  /** Lowest and highest test accuracy at training accuracy 1. */
  fitRange: [number, number];
}

function grade(shown: boolean, inPart: boolean): Agreement {
  return shown ? 'shown' : inPart ? 'shown in part' : 'not shown';
}

/** Whether an exponent is `expected`, by RULES. */
export function exponentAgreement(estimate: Estimate, expected: number): Agreement {
  const off = Math.abs(estimate.value - expected);
  const reach = (estimate.high - estimate.low) / 2;
  return grade(
    off <= RULES.exponent && reach <= RULES.exponent,
    off <= RULES.exponentInPart && reach <= RULES.exponentInPart,
  );
}

/** The weakest of several agreements; in part when some are shown and some are not. */
export function together(agreements: readonly Agreement[]): Agreement {
  if (agreements.includes('not tested here')) return 'not tested here';
  if (agreements.every((agreement) => agreement === 'shown')) return 'shown';
  return agreements.every((agreement) => agreement === 'not shown') ? 'not shown' : 'shown in part';
}

/** Fits t* (epochs) over the included runs, with free exponents and with both at -1. */
export function scalingClaim(summaries: readonly RunSummary[]): ScalingClaim {
  const included = summaries.filter((summary) => summary.included);
  const n = included.length;
  if (n < RULES.runs) return { agreement: 'not tested here', n, law: undefined, c: undefined, scatter: NaN };
  const tStar = included.map((summary) => summary.tStarEpochs);
  const law = fitPowerLaw(tStar, { eta: included.map(({ eta }) => eta), lambda: included.map(({ lambda }) => lambda) });
  const { factor, scatter } = fitFactor(
    tStar,
    included.map(({ eta, lambda }) => 1 / (eta * lambda)),
  );
  const agreement = together([
    exponentAgreement(law.exponents['eta']!, -1),
    exponentAgreement(law.exponents['lambda']!, -1),
  ]);
  return { agreement, n, law, c: factor, scatter };
}

/** The maximum test accuracies of the included runs with eta lambda <= RULES.plateauProduct. */
export function plateauClaim(summaries: readonly RunSummary[]): PlateauClaim {
  const low = summaries.filter(
    ({ included, eta, lambda }) => included && eta * lambda <= RULES.plateauProduct * (1 + 1e-9),
  );
  const maxima = low.map((summary) => summary.maxTestAccuracy);
  const [lowest, highest] = [Math.min(...maxima), Math.max(...maxima)];
  if (low.length < RULES.runs)
    return { agreement: 'not tested here', n: low.length, lowest, highest, perDecade: undefined };
  const { slopes } = regress(maxima, {
    eta: low.map(({ eta }) => Math.log10(eta)),
    lambda: low.map(({ lambda }) => Math.log10(lambda)),
  });
  return {
    agreement: grade(highest - lowest <= RULES.plateauRange, highest - lowest <= 2 * RULES.plateauRange),
    n: low.length,
    lowest,
    highest,
    perDecade: { eta: slopes['eta']!, lambda: slopes['lambda']! },
  };
}

/** Maximum against test accuracy at training accuracy 1, over the included runs. */
export function gainClaim(summaries: readonly RunSummary[], margin = 0.005): GainClaim {
  const included = summaries.filter((summary) => summary.included);
  const gains = included.map((summary) => summary.maxTestAccuracy - summary.fitTestAccuracy).sort((a, b) => a - b);
  const fits = included.map((summary) => summary.fitTestAccuracy);
  const n = gains.length;
  const gaining = gains.filter((gain) => gain > margin).length;
  const middle = n === 0 ? NaN : (gains[Math.floor((n - 1) / 2)]! + gains[Math.ceil((n - 1) / 2)]!) / 2;
  return {
    agreement: n < RULES.runs ? 'not tested here' : grade(gaining >= RULES.gainShare * n, gaining >= n / 2),
    n,
    gaining,
    median: middle,
    fitRange: [Math.min(...fits), Math.max(...fits)],
  };
}
