/** The paper's claims over a sweep of eta and lambda, as numbers, and the rules that say what counts as shown. */

import { combined, grade, together } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { groupBy, median } from './curve.ts';
import { fitFactor, fitPowerLaw } from './power-law.ts';
import type { PowerLaw } from './power-law.ts';
import { mean, regress } from './regress.ts';
import type { Estimate } from './regress.ts';
import { exclusions } from './summary.ts';
import type { RunSummary } from './summary.ts';

/**
 * Fixed before any run that they can judge was made: only short runs, eta lambda >= 0.15, had been seen. Changed after the logs of
 * fc-eta-lambda and the first seed of wrn-momentum-lambda had been seen: `plateauRate` in place of eta lambda <= 0.01, which is the same
 * without momentum and with the half; `plateauLength` in place of "t* in the first half of the run"; gains beyond noise in place of the
 * maximum against one look; intervals too wide to exclude an exponent decide nothing; seeds of a pair are averaged first.
 */
export const RULES = {
  /** Fewer pairs of eta and lambda in the fit decide nothing. */
  runs: 10,
  /** The same for a sweep over lambda at one eta: different lambdas. */
  runsAtOneEta: 4,
  /** An exponent agrees with -1 when it lies within this of it and its interval is no wider to either side. */
  exponent: 0.1,
  /** It agrees in part within this. */
  exponentInPart: 0.25,
  /** The plateau is looked at where weights decay by at most this share a step (eta lambda for plain gradient descent). */
  plateauRate: 0.01,
  /** And over runs of at least so many times 1/rate steps: weights could shrink to exp(-2). The paper's FC runs have 2. */
  plateauLength: 2,
  /** Maximum test accuracies there are alike when all lie within this of one another; in part within twice this. */
  plateauRange: 0.03,
  /** Training beyond training accuracy 1 helps when this share of the runs gains; in part when half of them do. */
  gainShare: 0.9,
} as const;

/** Claim 1: t* = c / (eta lambda). */
export interface ScalingClaim {
  agreement: Agreement;
  /** Pairs of eta and lambda, and their runs: seeds are averaged. */
  n: number;
  runs: number;
  /** Free exponents; undefined with too few pairs. */
  law: PowerLaw | undefined;
  /** c with all exponents held at -1, in epochs. */
  c: Estimate | undefined;
  /** t* lies within this factor of c / (eta lambda). */
  scatter: number;
  /** The same with t* read from means over looks; beside, judged by nobody. */
  smooth: Law | undefined;
  /** Why runs do not enter, most frequent first. */
  leftOut: { reason: string; runs: number }[];
}

/** A law of t* over some pairs. */
export interface Law {
  n: number;
  law: PowerLaw;
  c: Estimate;
  scatter: number;
}

/** Claim 2: where trained long enough, the maximum depends little on eta and on small lambda. */
export interface PlateauClaim {
  agreement: Agreement;
  n: number;
  lowest: number;
  highest: number;
  /** Change of the maximum test accuracy a decade of lambda, and of eta if there are several; undefined with too few pairs. */
  perDecade: { eta?: Estimate; lambda: Estimate } | undefined;
}

/** Panel c: after training accuracy 1 the test accuracy rises. */
export interface GainClaim {
  agreement: Agreement;
  n: number;
  /** Pairs that gain more than the margin of t*, beyond what a maximum over noisy looks gains: these decide. */
  gaining: number;
  median: number;
  /** The paper's reading: the maximum against the one look at training accuracy 1. */
  plain: { gaining: number; median: number };
  /** Lowest and highest test accuracy at training accuracy 1. */
  fitRange: [number, number];
  /** Highest training accuracy of any run. */
  reach: number;
}

/**
 * Whether an exponent is `expected`: shown `near` it with an interval no wider to either side, in part within `inPart`. Not shown only where
 * its interval leaves out all that would be; a wide one decides nothing.
 */
export function exponentAgreement(
  { value, low, high }: Estimate,
  expected: number,
  near: number = RULES.exponent,
  inPart: number = RULES.exponentInPart,
): Agreement {
  const off = Math.abs(value - expected);
  const reach = (high - low) / 2;
  const within = grade(off <= near && reach <= near, off <= inPart && reach <= inPart);
  const excluded = low > expected + near || high < expected - near;
  return within === 'not shown' && !excluded ? 'not tested here' : within;
}

/** What the seeds of one pair of eta and lambda say together: of equal weight with pairs of one seed, whose misfit they share. */
export interface Pair {
  eta: number;
  lambda: number;
  runs: readonly RunSummary[];
}

export function pairsOf(summaries: readonly RunSummary[]): Pair[] {
  return [...groupBy(summaries, ({ eta, lambda }) => `${eta} ${lambda}`).values()].map((runs) => ({
    eta: runs[0]!.eta,
    lambda: runs[0]!.lambda,
    runs,
  }));
}

const average = (pair: Pair, of: (summary: RunSummary) => number): number => mean(pair.runs.map(of));

const VARIED = ['eta', 'lambda'] as const;

/** Predictors of a fit: what varies. */
function predictors(pairs: readonly Pair[], of: (value: number) => number): Record<string, number[]> {
  const varying = VARIED.filter((name) => !hasOne(name, pairs));
  return Object.fromEntries(varying.map((name) => [name, pairs.map((pair) => of(pair[name]))]));
}

const hasOne = (name: (typeof VARIED)[number], pairs: readonly { eta: number; lambda: number }[]): boolean =>
  new Set(pairs.map((pair) => pair[name])).size === 1;

/** Whether there is enough to decide on: RULES.runs, or at one eta RULES.runsAtOneEta of different lambda. `all` are the sweep's runs. */
function tooFew(used: readonly Pair[], all: readonly RunSummary[]): boolean {
  return hasOne('eta', all)
    ? used.length < RULES.runsAtOneEta
    : used.length < RULES.runs || VARIED.some((name) => hasOne(name, used));
}

/** The law of t* (epochs) over these runs, whatever lets them in: free exponents, and c with all at -1. Undefined with too few, or too alike. */
export function lawOf(
  summaries: readonly RunSummary[],
  tStar: (summary: RunSummary) => number = (summary) => summary.tStarEpochs,
): Law | undefined {
  const pairs = pairsOf(summaries.filter((summary) => tStar(summary) > 0));
  const varying = predictors(pairs, (value) => value);
  const names = Object.keys(varying);
  if (names.length === 0 || pairs.length < names.length + 2) return undefined;
  const times = pairs.map((pair) => Math.exp(average(pair, (summary) => Math.log(tStar(summary)))));
  const { factor, scatter } = fitFactor(
    times,
    pairs.map(({ eta, lambda }) => 1 / (eta * lambda)),
  );
  return { n: pairs.length, law: fitPowerLaw(times, varying), c: factor, scatter };
}

/** Fits t* (epochs) over the included runs, with free exponents and with all at -1; over lambda alone where the sweep has one eta. */
export function scalingClaim(summaries: readonly RunSummary[]): ScalingClaim {
  const included = summaries.filter((summary) => summary.included);
  const pairs = pairsOf(included);
  const found = tooFew(pairs, summaries) ? undefined : lawOf(included);
  const smooth = found && lawOf(included, (summary) => summary.smoothTStarEpochs);
  return {
    agreement: found
      ? together(Object.values(found.law.exponents).map((exponent) => exponentAgreement(exponent, -1)))
      : 'not tested here',
    n: pairs.length,
    runs: included.length,
    law: found?.law,
    c: found?.c,
    scatter: found?.scatter ?? NaN,
    smooth,
    leftOut: exclusions(summaries),
  };
}

/** The maximum test accuracies of the long runs that fit their data and whose weights decay slowly, by RULES. */
export function plateauClaim(summaries: readonly RunSummary[]): PlateauClaim {
  const inside = ({ outcome, lambda, decayRate, steps, fits }: RunSummary) =>
    outcome === 'finished' &&
    lambda > 0 &&
    decayRate <= RULES.plateauRate * (1 + 1e-9) &&
    steps * decayRate >= RULES.plateauLength * (1 - 1e-9) &&
    fits;
  return plateauOver(summaries.filter(inside), summaries);
}

/** The plateau by the rule as it first stood: runs that enter the fit of t*, with eta lambda <= 0.01 whatever momentum and convention are. */
export function plateauAtFirst(summaries: readonly RunSummary[]): PlateauClaim {
  const inside = ({ included, eta, lambda }: RunSummary) => included && eta * lambda <= RULES.plateauRate * (1 + 1e-9);
  return plateauOver(summaries.filter(inside), summaries);
}

function plateauOver(low: readonly RunSummary[], all: readonly RunSummary[]): PlateauClaim {
  const pairs = pairsOf(low);
  const maxima = pairs.map((pair) => average(pair, (summary) => summary.maxTestAccuracy));
  const [lowest, highest] = [Math.min(...maxima), Math.max(...maxima)];
  const n = pairs.length;
  if (tooFew(pairs, all)) return { agreement: 'not tested here', n, lowest, highest, perDecade: undefined };
  const { slopes } = regress(maxima, predictors(pairs, Math.log10));
  return {
    agreement: grade(highest - lowest <= RULES.plateauRange, highest - lowest <= 2 * RULES.plateauRange),
    n,
    lowest,
    highest,
    perDecade: { ...(slopes['eta'] && { eta: slopes['eta'] }), lambda: slopes['lambda']! },
  };
}

/** What test accuracy gains after training accuracy 1, over the included runs. */
export function gainClaim(summaries: readonly RunSummary[], margin = 0.005): GainClaim {
  const pairs = pairsOf(summaries.filter((summary) => summary.included && Number.isFinite(summary.smoothGain)));
  const n = pairs.length;
  const reading = (of: (summary: RunSummary) => number) => {
    const gains = pairs.map((pair) => average(pair, of));
    return { gaining: gains.filter((gain) => gain > margin).length, median: n === 0 ? NaN : median(gains) };
  };
  const { gaining, median: middle } = reading((summary) => summary.smoothGain);
  const fits = pairs.map((pair) => average(pair, (summary) => summary.fitTestAccuracy));
  return {
    agreement: tooFew(pairs, summaries) ? 'not tested here' : grade(gaining >= RULES.gainShare * n, gaining >= n / 2),
    n,
    gaining,
    median: middle,
    plain: reading((summary) => summary.maxTestAccuracy - summary.fitTestAccuracy),
    fitRange: [Math.min(...fits), Math.max(...fits)],
    reach: Math.max(...summaries.map(({ reach }) => reach)),
  };
}

/** The three panels of a sweep over eta and lambda (figures 2, 3, S2), or the first two of them (figure 4). */
export interface EtaLambdaClaims {
  agreement: Agreement;
  parts: readonly EtaLambdaPart[];
  scaling: ScalingClaim;
  plateau: PlateauClaim;
  gain: GainClaim;
}

export type EtaLambdaPart = 'scaling' | 'plateau' | 'gain';

/** Panels that logs cannot decide do not hide what the others show. */
export function etaLambdaClaims(
  summaries: readonly RunSummary[],
  parts: readonly EtaLambdaPart[] = ['scaling', 'plateau', 'gain'],
): EtaLambdaClaims {
  const claims = { scaling: scalingClaim(summaries), plateau: plateauClaim(summaries), gain: gainClaim(summaries) };
  return { ...claims, parts, agreement: combined(parts.map((part) => claims[part].agreement)) };
}
