import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  coverage,
  exponentAgreement,
  gainClaim,
  loadSweep,
  plateauClaim,
  RULES,
  scalingClaim,
  together,
} from '../../lib/analysis/index.ts';
import type { RunSummary, Sweep } from '../../lib/analysis/index.ts';
import { temporaryFolder } from '../runs/support.ts';
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

test('an exponent counts as -1 only where value and interval allow no other reading', () => {
  const estimate = (value: number, reach: number) => ({ value, low: value - reach, high: value + reach });
  assert.equal(exponentAgreement(estimate(-1.05, 0.05), -1), 'shown');
  assert.equal(exponentAgreement(estimate(-1.05, 0.2), -1), 'shown in part');
  assert.equal(exponentAgreement(estimate(-1.2, 0.05), -1), 'shown in part');
  assert.equal(exponentAgreement(estimate(-1, 0.4), -1), 'not shown');
  assert.equal(exponentAgreement(estimate(-0.5, 0.01), -1), 'not shown');
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
  return maxima.map((maxTestAccuracy, i) => ({
    ...base,
    eta: 0.1 * 2 ** (i % 4),
    lambda: 1e-3 * 3 ** (i % 3),
    maxTestAccuracy,
    fitTestAccuracy: fit,
  }));
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
