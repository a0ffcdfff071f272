import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  coverage,
  etaLambdaClaims,
  exponentAgreement,
  gainBeyondNoise,
  gainClaim,
  lambdaLaws,
  lawOf,
  loadSweep,
  plateauAtFirst,
  plateauClaim,
  RULES,
  scalingClaim,
  selectionLaws,
  smoothed,
  summarizeRun,
  together,
  withoutReach,
} from '../../lib/analysis/index.ts';
import { normals } from '../../lib/random/index.ts';
import type { RunSummary, Sweep } from '../../lib/analysis/index.ts';
import { temporaryFolder } from '../runs/support.ts';
import { plantedSweep } from './planted.ts';
import { writeSyntheticSweep } from './support.ts';

const folders = { inverse: temporaryFolder(), square: temporaryFolder() };
let inverse: Sweep;
let square: Sweep;
before(() => {
  writeSyntheticSweep(folders.inverse);
  writeSyntheticSweep(folders.square, { a: 0.5, b: 1, c: 0.35 });
  inverse = loadSweep('fc-eta-lambda', 'desk', [folders.inverse]);
  square = loadSweep('fc-eta-lambda', 'desk', [folders.square]);
});

test('a sweep made with t* = c/(eta lambda) shows claim 1, one made with t* ~ eta^-1/2 does not', () => {
  const shown = scalingClaim(inverse.summaries);
  assert.equal(shown.agreement, 'shown');
  assert.ok(shown.c!.low > 0.15 && shown.c!.high < 0.35, JSON.stringify(shown.c));
  const not = scalingClaim(square.summaries);
  assert.notEqual(not.agreement, 'shown');
  assert.ok(Math.abs(not.law!.exponents['eta']!.value + 0.5) < 0.1);
});

test('too few runs decide nothing, whatever they say', () => {
  const few = inverse.summaries.filter((summary) => summary.included).slice(0, RULES.runs - 1);
  assert.equal(scalingClaim(few).agreement, 'not tested here');
  assert.equal(plateauClaim(few).agreement, 'not tested here');
  assert.equal(gainClaim(few).agreement, 'not tested here');
  assert.equal(scalingClaim([]).n, 0);
});

test('an exponent counts as -1 only where value and interval allow no other reading, as another only where they exclude it', () => {
  const estimate = (value: number, reach: number) => ({ value, low: value - reach, high: value + reach });
  assert.equal(exponentAgreement(estimate(-1.05, 0.05), -1), 'shown');
  assert.equal(exponentAgreement(estimate(-1.05, 0.2), -1), 'shown in part');
  assert.equal(exponentAgreement(estimate(-1.2, 0.05), -1), 'shown in part');
  assert.equal(exponentAgreement(estimate(-0.5, 0.01), -1), 'not shown');
  assert.equal(exponentAgreement(estimate(-0.5, 0.3), -1), 'not shown');
  // -1, or what would pass for it, lies inside: a wide interval decides nothing.
  assert.equal(exponentAgreement(estimate(-1, 0.4), -1), 'not tested here');
  assert.equal(exponentAgreement(estimate(-1.19, 1.15), -1), 'not tested here');
  assert.equal(exponentAgreement(estimate(-0.6, 0.35), -1), 'not tested here');
});

test('several agreements together are as weak as they must be', () => {
  assert.equal(together(['shown', 'shown']), 'shown');
  assert.equal(together(['shown', 'not shown']), 'shown in part');
  assert.equal(together(['not shown', 'not shown']), 'not shown');
  assert.equal(together(['shown', 'not tested here']), 'not tested here');
});

/** Included runs with given maxima, eta and lambda far from collinear. */
function withMaxima(maxima: readonly number[], fit = 0.7): RunSummary[] {
  const base = inverse.summaries.find((summary) => summary.included)!;
  return maxima.map((maxTestAccuracy, i) => {
    const [eta, lambda] = [0.1 * 2 ** (i % 4), 1e-3 * 3 ** (i % 3)];
    return {
      ...base,
      eta,
      lambda,
      decayRate: eta * lambda,
      steps: 2 / (eta * lambda),
      maxTestAccuracy,
      fitTestAccuracy: fit,
      smoothGain: maxTestAccuracy - fit,
    };
  });
}

test('a plateau is a plateau only as far as its extremes are alike', () => {
  const level = Array.from({ length: 12 }, (_, i) => 0.82 + 0.001 * (i % 5));
  assert.equal(plateauClaim(withMaxima(level)).agreement, 'shown');
  assert.equal(plateauClaim(withMaxima([...level.slice(1), 0.78])).agreement, 'shown in part');
  assert.equal(plateauClaim(withMaxima([...level.slice(1), 0.7])).agreement, 'not shown');
});

test('the gain over training accuracy 1 counts runs beyond the margin', () => {
  const claim = gainClaim(withMaxima([...Array.from({ length: 11 }, () => 0.8), 0.704]));
  assert.equal(claim.gaining, 11);
  assert.equal(claim.agreement, 'shown');
  assert.ok(Math.abs(claim.median - 0.1) < 1e-12);
  assert.equal(gainClaim(withMaxima(Array.from({ length: 12 }, () => 0.7))).agreement, 'not shown');
});

test('a plateau is looked at where weights decay slowly, whatever momentum and the L2 term’s half do to eta lambda', () => {
  const level = withMaxima(Array.from({ length: 12 }, () => 0.8));
  const fast = { ...level[0]!, eta: 0.15, decayRate: 2 * RULES.plateauRate, maxTestAccuracy: 0.5 };
  assert.equal(plateauClaim([...level, fast]).agreement, 'shown');
  assert.notEqual(plateauAtFirst([...level, fast]).agreement, 'shown');
  const brief = { ...level[0]!, eta: 0.15, steps: 1 / level[0]!.decayRate, maxTestAccuracy: 0.5 };
  assert.equal(plateauClaim([...level, brief]).agreement, 'shown');
  const unfitted = { ...level[0]!, eta: 0.15, fits: false, maxTestAccuracy: 0.5 };
  assert.equal(plateauClaim([...level, unfitted]).agreement, 'shown');
  const slow = { ...level[0]!, eta: 0.15, maxTestAccuracy: 0.5 };
  assert.equal(plateauClaim([...level, slow]).agreement, 'not shown');
});

test('under augmentation a run that fits less than half of its images is left out, and only for that', () => {
  const runs = plantedSweep('wrn-momentum-lambda', ({ lambda }) => ({ peak: 0.3 / lambda, max: 0.6, fit: 30 }));
  const run = runs.find(({ header }) => header.config.steps === 8000)!;
  assert.ok(summarizeRun(run).fits);
  const poor = { ...run, measures: run.measures.map((measure) => ({ ...measure, trainError: 0.53 })) };
  const summary = summarizeRun(poor);
  assert.match(summary.excludedFor, /^training accuracy never 0\.5$/);
  assert.ok(!summary.fits && !summary.included);
  const [before] = withoutReach([summary]);
  assert.ok(before!.fits && before!.included);
  // What is measured on mixed batches tells nothing of the images.
  const { config } = run.header;
  const mixed = { ...poor, header: { ...run.header, config: { ...config, measureTraining: 'next-batch' as const } } };
  assert.ok(summarizeRun(mixed).included);
  const { eta, lambda } = config;
  assert.ok(Math.abs(summary.decayRate - (2 * eta * lambda) / (1 - 0.9)) < 1e-12);
});

test('seeds of a pair count as one: they neither narrow an interval nor widen a range', () => {
  const once = inverse.summaries.filter((summary) => summary.included);
  const thrice = [0, 1, 2].flatMap((seed) => once.map((summary) => ({ ...summary, seed })));
  const [one, three] = [once, thrice].map((all) => scalingClaim(all));
  assert.equal(three!.n, one!.n);
  assert.equal(three!.runs, 3 * one!.n);
  assert.deepEqual(three!.law, one!.law);
  const level = withMaxima(Array.from({ length: 12 }, () => 0.8));
  const spread = level.flatMap((summary) => [
    { ...summary, seed: 0, maxTestAccuracy: 0.77 },
    { ...summary, seed: 1, maxTestAccuracy: 0.83 },
  ]);
  assert.equal(plateauClaim(spread).agreement, 'shown');
  assert.ok(Math.abs(plateauClaim(spread).highest - 0.8) < 1e-12);
});

test('noise between looks lifts a maximum over a look by far, and gains nothing by the reading that decides', () => {
  const noise = Array.from(normals(1, 0, 12 * 40)).map((value) => 0.4 + 0.01 * value);
  const curves = Array.from({ length: 12 }, (_, i) => noise.slice(40 * i, 40 * (i + 1)));
  const plain = curves.map((curve) => Math.max(...curve) - curve[10]!);
  const fair = curves.map((curve) => gainBeyondNoise(curve, 10));
  const gaining = (gains: readonly number[]) => gains.filter((gain) => gain > 0.005).length;
  assert.ok(gaining(plain) >= 11, `${gaining(plain)}`);
  assert.ok(gaining(fair) <= 5, `${gaining(fair)}`);
  const rising = curves.map((curve) => curve.map((value, i) => value + 0.03 * Math.min(1, Math.max(0, i - 12) / 10)));
  assert.equal(gaining(rising.map((curve) => gainBeyondNoise(curve, 10))), 12);
  assert.ok(Number.isNaN(gainBeyondNoise(curves[0]!, 35)));
});

test('a mean over looks stands at its middle look', () => {
  assert.deepEqual(smoothed([0, 0, 5, 0, 0, 10]), [1, 3]);
  assert.deepEqual(smoothed([1, 2, 3, 4]), []);
  const runs = plantedSweep('cnn-lambda', ({ lambda }) => ({ peak: 4 / (lambda || 1), max: 0.8, fit: 8 }));
  for (const run of runs.filter(({ header }) => header.config.lambda > 0)) {
    const { smoothTStarEpochs, tStarEpochs } = summarizeRun(run);
    assert.ok(Math.abs(Math.log(smoothTStarEpochs / tStarEpochs)) < 0.3, `${smoothTStarEpochs} ${tStarEpochs}`);
  }
});

test('a panel that cannot be decided does not hide the others', () => {
  const level = withMaxima(Array.from({ length: 12 }, () => 0.8)).map((each) => ({ ...each, smoothGain: NaN }));
  const claims = etaLambdaClaims(level, ['plateau', 'gain']);
  assert.equal(claims.gain.agreement, 'not tested here');
  assert.equal(claims.agreement, 'shown in part');
});

test('selections of the runs have their own laws: a time that stops falling with large eta shows in those alone', () => {
  const bent = inverse.summaries.map((summary) => ({
    ...summary,
    tStarEpochs: 0.3 / (Math.min(summary.eta, 1) * summary.lambda),
  }));
  const laws = selectionLaws(bent, [
    { name: 'small', keep: ({ eta }) => eta < 1 },
    { name: 'large', keep: ({ eta }) => eta >= 1 },
    { name: 'none', keep: () => false },
  ]);
  const exponents = laws.map(({ found }) => found?.law.exponents['eta']?.value);
  assert.ok(Math.abs(exponents[0]! + 1) < 0.01 && Math.abs(exponents[1]!) < 0.01, String(exponents));
  assert.equal(exponents[2], undefined);
  const byLambda = lambdaLaws(inverse.summaries);
  assert.ok(byLambda.length > 3);
  for (const { n, found } of byLambda) assert.equal(found === undefined, n < 3);
  assert.equal(lawOf([]), undefined);
});

test('coverage names what of a plan is there, unfinished, missing and beyond it', () => {
  const planned = inverse.runs.map((run) => ({ config: run.header.config }));
  const [first, second, third] = inverse.runs as [Sweep['runs'][0], Sweep['runs'][0], Sweep['runs'][0]];
  const { end: _end, ...unfinished } = second;
  const runs = [first, unfinished, { ...third, header: { ...third.header, hash: 'other' } }];
  const result = coverage(runs, planned);
  assert.equal(result.planned, 118);
  assert.equal(result.ended, 1);
  assert.equal(result.unfinished, 1);
  assert.equal(result.missing.length, 116);
  assert.deepEqual(
    result.extra.map((run) => run.file),
    [third.file],
  );
});
