/** The paper's claims over a sweep of eta and lambda, as numbers, and the rules that say what counts as shown. */

import { grade, together } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { fitFactor, fitPowerLaw } from './power-law.ts';
import type { PowerLaw } from './power-law.ts';
import { regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import type { RunSummary } from './summary.ts';

/** Fixed before any run that they can judge was made: only short runs, eta lambda >= 0.15, had been seen. */
export const RULES = {
  /** Fewer runs in the fit decide nothing. */
  runs: 10,
  /** The same for a sweep over lambda at one eta: runs, and different lambdas. */
  runsAtOneEta: 4,
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
  /** Change of the maximum test accuracy a decade of lambda, and of eta if there are several; undefined with too few runs. */
  perDecade: { eta?: Estimate; lambda: Estimate } | undefined;
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

/** Whether an exponent is `expected`, by RULES. */
export function exponentAgreement(estimate: Estimate, expected: number): Agreement {
  const off = Math.abs(estimate.value - expected);
  const reach = (estimate.high - estimate.low) / 2;
  return grade(
    off <= RULES.exponent && reach <= RULES.exponent,
    off <= RULES.exponentInPart && reach <= RULES.exponentInPart,
  );
}

/** Predictors of a fit: eta only where it varies. */
function predictors(summaries: readonly RunSummary[], of: (value: number) => number) {
  const lambda = summaries.map((summary) => of(summary.lambda));
  return hasOneEta(summaries) ? { lambda } : { eta: summaries.map((summary) => of(summary.eta)), lambda };
}

const hasOneEta = (summaries: readonly RunSummary[]): boolean => new Set(summaries.map(({ eta }) => eta)).size === 1;

/** Whether there is enough to decide on: RULES.runs, or at one eta RULES.runsAtOneEta of different lambda. `all` are the sweep's runs. */
function tooFew(used: readonly RunSummary[], all: readonly RunSummary[]): boolean {
  return hasOneEta(all)
    ? new Set(used.map(({ lambda }) => lambda)).size < RULES.runsAtOneEta
    : used.length < RULES.runs || hasOneEta(used);
}

/** Fits t* (epochs) over the included runs, with free exponents and with all at -1; over lambda alone where the sweep has one eta. */
export function scalingClaim(summaries: readonly RunSummary[]): ScalingClaim {
  const included = summaries.filter((summary) => summary.included);
  const n = included.length;
  if (tooFew(included, summaries))
    return { agreement: 'not tested here', n, law: undefined, c: undefined, scatter: NaN };
  const tStar = included.map((summary) => summary.tStarEpochs);
  const law = fitPowerLaw(
    tStar,
    predictors(included, (value) => value),
  );
  const { factor, scatter } = fitFactor(
    tStar,
    included.map(({ eta, lambda }) => 1 / (eta * lambda)),
  );
  const agreement = together(Object.values(law.exponents).map((exponent) => exponentAgreement(exponent, -1)));
  return { agreement, n, law, c: factor, scatter };
}

/** The maximum test accuracies of the included runs with eta lambda <= RULES.plateauProduct. */
export function plateauClaim(summaries: readonly RunSummary[]): PlateauClaim {
  const low = summaries.filter(
    ({ included, eta, lambda }) => included && eta * lambda <= RULES.plateauProduct * (1 + 1e-9),
  );
  const maxima = low.map((summary) => summary.maxTestAccuracy);
  const [lowest, highest] = [Math.min(...maxima), Math.max(...maxima)];
  if (tooFew(low, summaries))
    return { agreement: 'not tested here', n: low.length, lowest, highest, perDecade: undefined };
  const { slopes } = regress(maxima, predictors(low, Math.log10));
  return {
    agreement: grade(highest - lowest <= RULES.plateauRange, highest - lowest <= 2 * RULES.plateauRange),
    n: low.length,
    lowest,
    highest,
    perDecade: { ...(slopes['eta'] && { eta: slopes['eta'] }), lambda: slopes['lambda']! },
  };
}

/** Maximum against test accuracy at training accuracy 1, over the included runs. */
export function gainClaim(summaries: readonly RunSummary[], margin = 0.005): GainClaim {
  const included = summaries.filter((summary) => summary.included && Number.isFinite(summary.fitTestAccuracy));
  const gains = included.map((summary) => summary.maxTestAccuracy - summary.fitTestAccuracy).sort((a, b) => a - b);
  const fits = included.map((summary) => summary.fitTestAccuracy);
  const n = gains.length;
  const gaining = gains.filter((gain) => gain > margin).length;
  const middle = n === 0 ? NaN : (gains[Math.floor((n - 1) / 2)]! + gains[Math.ceil((n - 1) / 2)]!) / 2;
  return {
    agreement: tooFew(included, summaries)
      ? 'not tested here'
      : grade(gaining >= RULES.gainShare * n, gaining >= n / 2),
    n,
    gaining,
    median: middle,
    fitRange: [Math.min(...fits), Math.max(...fits)],
  };
}

/** The three panels of a sweep over eta and lambda (figures 2, 3, S2), or the first two of them (figure 4). */
export interface EtaLambdaClaims {
  agreement: Agreement;
  scaling: ScalingClaim;
  plateau: PlateauClaim;
  gain: GainClaim;
}

export function etaLambdaClaims(
  summaries: readonly RunSummary[],
  parts: readonly ('scaling' | 'plateau' | 'gain')[] = ['scaling', 'plateau', 'gain'],
): EtaLambdaClaims {
  const claims = { scaling: scalingClaim(summaries), plateau: plateauClaim(summaries), gain: gainClaim(summaries) };
  return { ...claims, agreement: together(parts.map((part) => claims[part].agreement)) };
}
