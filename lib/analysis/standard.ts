/** Claims 1 and 2 over a sweep of eta and lambda, asked as the paper states them: figures 2, 3, 4, S2. Rules of 2026-11-29. */

import type { Run } from '../runs/index.ts';
import { averaged } from './averaged.ts';
import type { AveragedRun } from './averaged.ts';
import { groupBy, median } from './curve.ts';
import { exponentIs } from './part.ts';
import type { PartVerdict } from './part.ts';
import { fitFactor, fitPowerLaw } from './power-law.ts';
import type { Estimate } from './regress.ts';
import { mean, regress } from './regress.ts';
import { gainBeyondNoise } from './smooth.ts';
import { summarizeRun, T_STAR_MARGIN } from './summary.ts';
import type { RunSummary } from './summary.ts';

/** Set on 2026-11-29, after the logs that STANDARD_AFTER names; what is run later tests them. */
export const STANDARD = {
  /** A setting enters when its highest training accuracy is at least this, whatever the network and the augmentation. */
  reach: 0.9,
  /** Looks before t*, and the first part of the run in which t* must lie: as `INCLUSION` has them. */
  measuresBefore: 8,
  insideFraction: 0.5,
  /** The paper's own standard: t* lies within this factor of c/(eta lambda) ... */
  factor: 2,
  /** ... for this share of the settings ... */
  share: 0.9,
  /** ... whose decay rates span so many decades. */
  decades: 1,
  /** An exponent is asked where eta lambda t_fit, the decay up to training accuracy 1, is at most this: t* = c/(eta lambda) presupposes it. */
  decayAtFit: 0.1,
  /** And is -1 when it lies within this of it, its interval no wider to either side; not when the interval excludes all of that. */
  exponent: 0.1,
  /** Fewer settings decide nothing: over eta and lambda, and at one eta. */
  settings: 10,
  settingsAtOneEta: 4,
  /** Plateau: over the smallest decade of lambda whose weights decay by at most this a step, over so many times 1/rate steps ... */
  plateauRate: 0.01,
  plateauLength: 2,
  plateauDecades: 1,
  /** ... the maxima of ALL seeds lie within this; not, where even the mean curves' lie further apart. */
  plateauRange: 0.03,
  plateauSettings: 5,
  plateauSettingsAtOneEta: 3,
  /** Training on beyond training accuracy 1 helps when this share of the settings gain more than the margin of t*; not when fewer than half do. */
  gainShare: 0.9,
} as const;

/** The sweeps whose logs had been seen when STANDARD was set: all there were. Of them, what was added later is the test. */
export const STANDARD_AFTER = 'every log committed by 2026-11-29 (commit a6eaa1f)';

/** One setting: the summary of its mean curve, and what the seeds behind it reached. */
export interface SettingSummary extends RunSummary {
  seeds: number;
  /** Highest test accuracy of each seed. */
  seedMaxima: number[];
  /** Decay of the weights by L2 alone up to training accuracy 1; NaN where a seed never gets there. */
  decayAtFit: number;
}

/**
 * Every pair of eta and lambda of a sweep, seeds averaged look by look; of several lengths the longest, which begins as the others do. Training
 * accuracy 1 is where the last seed has reached it.
 */
export function summarizeSettings(runs: readonly Run[]): SettingSummary[] {
  const pairs = groupBy(averaged(runs).map(summarizeSetting), ({ eta, lambda }) => `${eta} ${lambda}`);
  return [...pairs.values()]
    .map((same) => same.reduce((longest, next) => (rank(next) > rank(longest) ? next : longest)))
    .sort((a, b) => a.eta - b.eta || a.lambda - b.lambda);
}

const rank = ({ outcome, steps }: SettingSummary): number => (outcome === 'finished' ? steps : 0);

function summarizeSetting(run: AveragedRun): SettingSummary {
  const summary = summarizeRun(run);
  const seeds = run.seeds.map(summarizeRun);
  const fitStep = Math.max(...seeds.map((seed) => seed.fitStep));
  const fitAt = run.measures.findIndex(({ step }) => step === fitStep);
  const fit = run.measures[fitAt];
  const accuracies = run.measures.map(({ testError }) => 1 - testError);
  const { augmentation, measureTraining } = run.header.config;
  const reach = mean(seeds.map((seed) => seed.reach));
  const fits = reach >= STANDARD.reach || (augmentation !== undefined && measureTraining === 'next-batch');
  const reasons = [
    summary.outcome !== 'finished' &&
      (summary.outcome === 'diverged' ? 'diverged' : `not finished (${summary.outcome})`),
    summary.lambda === 0 && 'lambda = 0',
    summary.outcome === 'finished' && !summary.longEnough && 't* in the second half of the run',
    summary.measuresBeforeTStar < STANDARD.measuresBefore && `fewer than ${STANDARD.measuresBefore} looks before t*`,
    !fits && `training accuracy below ${STANDARD.reach}`,
  ].filter((reason) => reason !== false);
  return {
    ...summary,
    reach,
    fits,
    fitStep: fit?.step ?? NaN,
    fitEpochs: fit?.epoch ?? NaN,
    fitTestAccuracy: fit ? 1 - fit.testError : NaN,
    smoothGain: fit ? gainBeyondNoise(accuracies, fitAt) : NaN,
    included: reasons.length === 0,
    excludedFor: reasons.join('; '),
    seeds: seeds.length,
    seedMaxima: seeds.map(({ maxTestAccuracy }) => maxTestAccuracy),
    decayAtFit: fit ? summary.decayRate * fit.step : NaN,
  };
}

/** Whether a network can fit its training data: some run of it without L2 reaches training accuracy 1. Undefined without such runs. */
export function overparameterized(runs: readonly Run[]): boolean | undefined {
  const without = runs.filter(({ header, end }) => header.config.lambda === 0 && end?.reason === 'finished');
  return without.length === 0
    ? undefined
    : without.some(({ measures }) => measures.some(({ trainError }) => trainError === 0));
}

/** t* against c/(eta lambda), by the paper's own standard. */
export interface StandardClaim {
  verdict: PartVerdict;
  /** Settings that enter, how many of them lie within STANDARD.factor of c/(eta lambda), and over how many decades of the decay rate. */
  n: number;
  within: number;
  decades: number;
  /** c = eta lambda t*, in epochs, and in steps of decay (rate x t*): the geometric mean with its interval over settings. */
  c: Estimate | undefined;
  decayAtTStar: Estimate | undefined;
  used: readonly SettingSummary[];
}

/** Whether there is enough to decide on, of the settings that a sweep has: over eta and lambda, or at one eta. */
function enough(
  used: readonly { eta: number }[],
  all: readonly { eta: number }[],
  overBoth: number = STANDARD.settings,
  atOneEta: number = STANDARD.settingsAtOneEta,
): boolean {
  const etas = (of: readonly { eta: number }[]) => new Set(of.map(({ eta }) => eta)).size;
  return etas(all) === 1 ? used.length >= atOneEta : used.length >= overBoth && etas(used) > 1;
}

/** What a fit gives, or undefined where the predictors do not vary independently: a line of equal eta lambda tells neither exponent. */
function fitted<T>(fit: () => T): T | undefined {
  try {
    return fit();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function standardClaim(settings: readonly SettingSummary[]): StandardClaim {
  const used = settings.filter(({ included }) => included);
  const n = used.length;
  const decays = used.map(({ decayRate, tStar }) => decayRate * tStar);
  const rates = used.map(({ decayRate }) => Math.log10(decayRate));
  const decades = n === 0 ? 0 : Math.max(...rates) - Math.min(...rates);
  const ones = used.map(() => 1);
  const atTStar = n > 1 ? fitFactor(decays, ones).factor : undefined;
  const within = atTStar
    ? decays.filter((decay) => Math.abs(Math.log(decay / atTStar.value)) <= Math.log(STANDARD.factor) * (1 + 1e-9))
        .length
    : 0;
  const holds = within >= STANDARD.share * n;
  const wide = decades >= STANDARD.decades * (1 - 1e-9);
  const decided = enough(used, settings) && (wide || !holds);
  return {
    verdict: decided ? (holds ? 'shown' : 'not shown') : 'undecided',
    n,
    within,
    decades,
    c:
      n > 1
        ? fitFactor(
            used.map(({ eta, lambda, tStarEpochs }) => eta * lambda * tStarEpochs),
            ones,
          ).factor
        : undefined,
    decayAtTStar: atTStar,
    used,
  };
}

/** The exponents of t* where L2 has hardly begun to act when the data are fitted. */
export interface ExponentClaim {
  verdict: PartVerdict;
  n: number;
  /** By predictor that varies: eta, lambda. */
  exponents: { name: 'eta' | 'lambda'; verdict: PartVerdict; estimate: Estimate }[];
  scatter: number;
}

export function exponentClaim(
  settings: readonly SettingSummary[],
  decayAtFit: number = STANDARD.decayAtFit,
): ExponentClaim {
  const used = settings.filter((each) => each.included && each.decayAtFit <= decayAtFit * (1 + 1e-9));
  const names = (['eta', 'lambda'] as const).filter(
    (name) => new Set(settings.map((each) => each[name])).size > 1 && new Set(used.map((each) => each[name])).size > 1,
  );
  const open = { verdict: 'undecided' as const, n: used.length, exponents: [], scatter: NaN };
  if (!enough(used, settings) || names.length === 0 || used.length < names.length + 2) return open;
  const law = fitted(() =>
    fitPowerLaw(
      used.map(({ tStar }) => tStar),
      Object.fromEntries(names.map((name) => [name, used.map((each) => each[name])])),
    ),
  );
  if (!law) return open;
  const exponents = names.map((name) => {
    const estimate = law.exponents[name]!;
    return { name, estimate, verdict: exponentIs(estimate, -1, STANDARD.exponent) };
  });
  const verdicts = exponents.map(({ verdict }) => verdict);
  return {
    verdict: verdicts.includes('not shown') ? 'not shown' : verdicts.includes('undecided') ? 'undecided' : 'shown',
    n: used.length,
    exponents,
    scatter: law.scatter,
  };
}

/** The plateau: maxima of all seeds of the long, slowly decaying settings that fit their data. */
export interface LevelClaim {
  verdict: PartVerdict;
  /** Settings, and runs behind them. */
  n: number;
  runs: number;
  /** Lowest and highest maximum of any seed, and of the mean curves. */
  seeds: [number, number];
  means: [number, number];
  /** Change a decade of lambda, over the settings' mean curves. */
  perDecade: Estimate | undefined;
}

export function levelClaim(settings: readonly SettingSummary[]): LevelClaim {
  const long = settings.filter(
    ({ outcome, lambda, decayRate, steps, fits }) =>
      outcome === 'finished' &&
      lambda > 0 &&
      decayRate <= STANDARD.plateauRate * (1 + 1e-9) &&
      steps * decayRate >= STANDARD.plateauLength * (1 - 1e-9) &&
      fits,
  );
  const smallest = Math.min(...long.map(({ lambda }) => lambda));
  const used = long.filter(({ lambda }) => lambda <= smallest * 10 ** STANDARD.plateauDecades * (1 + 1e-9));
  const ends = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const maxima = used.map(({ maxTestAccuracy }) => maxTestAccuracy);
  const [seeds, means] = [ends(used.flatMap(({ seedMaxima }) => seedMaxima)), ends(maxima)];
  const lambda = used.map((each) => Math.log10(each.lambda));
  const eta = used.map((each) => Math.log10(each.eta));
  const several = (values: readonly number[]) => new Set(values).size > 1;
  const { plateauSettings, plateauSettingsAtOneEta } = STANDARD;
  const decided = enough(used, settings, plateauSettings, plateauSettingsAtOneEta) && several(lambda);
  const verdict =
    seeds[1] - seeds[0] <= STANDARD.plateauRange
      ? 'shown'
      : means[1] - means[0] > STANDARD.plateauRange
        ? 'not shown'
        : 'undecided';
  return {
    verdict: decided ? verdict : 'undecided',
    n: used.length,
    runs: used.reduce((total, each) => total + each.seeds, 0),
    seeds,
    means,
    perDecade: decided
      ? fitted(() => regress(maxima, { lambda, ...(several(eta) && { eta }) }).slopes['lambda'])
      : undefined,
  };
}

/** Training on after training accuracy 1: what the mean curves gain beyond what a maximum over noisy looks gains. */
export interface TrainingOnClaim {
  verdict: PartVerdict;
  n: number;
  gaining: number;
  median: number;
  /** Interval over settings of the mean gain. */
  gain: Estimate | undefined;
}

export function trainingOnClaim(settings: readonly SettingSummary[]): TrainingOnClaim {
  const gains = settings
    .filter(({ included, smoothGain }) => included && Number.isFinite(smoothGain))
    .map(({ smoothGain }) => smoothGain);
  const n = gains.length;
  const gaining = gains.filter((gain) => gain > T_STAR_MARGIN).length;
  const used = settings.filter(({ included, smoothGain }) => included && Number.isFinite(smoothGain));
  const verdict = gaining >= STANDARD.gainShare * n ? 'shown' : gaining < n / 2 ? 'not shown' : 'undecided';
  return {
    verdict: enough(used, settings) ? verdict : 'undecided',
    n,
    gaining,
    median: n === 0 ? NaN : median(gains),
    gain: n > 1 ? regress(gains, {}).constant : undefined,
  };
}
