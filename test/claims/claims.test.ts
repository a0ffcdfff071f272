import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Part } from '../../lib/analysis/index.ts';
import { CLAIMS, countShown, judgeParts, verdictOf } from '../../lib/claims/index.ts';
import type { Conclusion } from '../../lib/claims/index.ts';
import type { RunConfig } from '../../lib/runs/index.ts';
import { parseVerdict } from '../../lib/report/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { plantedRun, plantedSweep } from '../analysis/planted.ts';
import type { Law } from '../analysis/planted.ts';
import { logsOf, opened } from './support.ts';

const part = (verdict: Part['verdict']): Part => ({
  panel: '1',
  claim: 'so it is',
  verdict,
  measure: 'share',
  effect: 1,
  interval: null,
  n: 1,
  of: 'runs',
  words: 'all',
});

test('a figure is in part only where a part is shown; what no part shows is not shown, or not tested where nothing is decided', () => {
  const word = (...verdicts: Part['verdict'][]) => verdictOf(verdicts.map(part));
  assert.equal(word('shown', 'shown'), 'shown');
  assert.equal(word('shown', 'not shown'), 'shown in part');
  assert.equal(word('shown', 'undecided'), 'shown in part');
  assert.equal(word('not shown', 'undecided'), 'not shown');
  assert.equal(word('not shown', 'not shown'), 'not shown');
  assert.equal(word('undecided', 'undecided'), 'not tested here');
  assert.equal(word(), 'not tested here');
  assert.equal(countShown([part('shown'), part('undecided')]), '1 of 2 parts shown');
});

test('the largest preset that decides a part counts, else the first', () => {
  const logs = opened('wrn-budget');
  const [desk] = logs.opened;
  const both = { ...logs, opened: [desk!, { ...desk!, preset: 'paper' }] };
  const decided = (preset: string) =>
    judgeParts(both, (sweep) => [part(sweep.preset === preset ? 'shown' : 'undecided')]).sweep.preset;
  assert.equal(decided('desk'), 'desk');
  assert.equal(decided('paper'), 'paper');
  assert.equal(decided('neither'), 'desk');
});

/** Every text of a conclusion. */
const textsOf = ({ claim, summary, sentence, standIn, parts, earlier }: Conclusion): string[] => [
  claim,
  summary,
  sentence,
  standIn ?? '',
  ...parts.flatMap(({ claim: text, words, decides, measure, of }) => [text, words, decides ?? '', measure, of]),
  ...earlier.map(({ words }) => words),
];

/** What must hold of every conclusion, whatever the logs. */
function wellFormed(conclusion: Conclusion): void {
  const { figure, parts, verdict } = conclusion;
  assert.equal(verdict, verdictOf(parts), figure);
  assert.ok(conclusion.summary.startsWith(countShown(parts)), conclusion.summary);
  assert.ok(parts.length > 0, figure);
  for (const text of textsOf(conclusion))
    assert.doesNotMatch(text, /NaN|undefined|Infinity|\[object/, `${figure}: ${text}`);
  for (const { verdict: word, decides, effect, interval, claim, n } of parts) {
    assert.equal(decides === undefined, word === 'shown', `${figure}, ${claim}: open parts say what decides them`);
    assert.ok(effect === null || Number.isFinite(effect), claim);
    assert.ok(interval === null || interval.every(Number.isFinite), claim);
    assert.ok(Number.isInteger(n) && n >= 0, claim);
    assert.ok(!claim.endsWith('.'), claim);
  }
  assert.match(conclusion.sentence, /^[A-Z].*\.$/);
  // It travels as JSON in a workbook's output.
  assert.deepEqual(JSON.parse(JSON.stringify(parseVerdict(conclusion))), conclusion);
}

for (const [figure, claim] of Object.entries(CLAIMS)) {
  test(`figure ${figure} without logs is not tested, and every part says what would decide it`, () => {
    const conclusion = claim(logsOf(figure));
    wellFormed(conclusion);
    assert.equal(conclusion.figure, figure);
    assert.equal(conclusion.verdict, 'not tested here');
    for (const { decides } of conclusion.parts) assert.match(decides!, /npm run train -- [\w-]+ --preset desk/);
  });

  test(`figure ${figure} over whole sweeps in which t* knows no lambda is well formed, and does not show all of its claim`, () => {
    const blind: Law = () => ({ peak: 60, max: 0.8, fit: 20 });
    const conclusion = claim(logsOf(figure, (sweep) => plantedSweep(sweep, blind)));
    wellFormed(conclusion);
    assert.notEqual(conclusion.verdict, 'shown');
  });
}

// ---- figures 2, 3, 4 and S2: the law holds, holds with another exponent, knows no lambda
/** Runs of 4 times 1/rate over two decades of lambda, as long as a law of t* needs; roles as figure 4 reads them. */
function lawRuns(sweep: string, law: Law) {
  const base = findSweep(sweep).runs('desk')[0]!.config;
  const etas = ['fc-eta-lambda', 'wrn-eta-lambda', 'wrn-eta-lambda-4096'].includes(sweep)
    ? [0.1, 0.2, 0.4, 0.8]
    : [0.4];
  const { augmentation: _no, ...plain } = base;
  return [0, 1, 2].flatMap((seed) =>
    etas.flatMap((eta) =>
      [0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2].map((lambda) => {
        const rate = (eta * lambda * (base.l2Convention === 'full' ? 2 : 1)) / (1 - base.momentum);
        const steps = lambda === 0 ? 3000 : Math.ceil(4 / rate);
        const config = { ...plain, eta, lambda, seed, steps } as RunConfig;
        return { ...plantedRun(sweep, 'desk', config, law), role: 'constant' as const };
      }),
    ),
  );
}

const decays = ({ eta, lambda, momentum }: RunConfig) => (eta * lambda) / (1 - momentum);
const LAWS: Record<'holds' | 'root' | 'blind', Law> = {
  holds: (config) =>
    config.lambda === 0 ? { peak: 20, max: 0.75, fit: 2 } : { peak: 0.5 / decays(config), max: 0.8, fit: 2 },
  root: (config) => ({ peak: 4 / Math.sqrt(decays(config) || 1), max: 0.8, fit: 2 }),
  blind: () => ({ peak: 60, max: 0.8, fit: 2 }),
};

for (const figure of ['2', '3', '4', 'S2'] as const) {
  const conclude = (law: keyof typeof LAWS) => CLAIMS[figure](logsOf(figure, (sweep) => lawRuns(sweep, LAWS[law])));

  test(`figure ${figure}: planted t* = c/(eta lambda) on a level shows every part`, () => {
    const conclusion = conclude('holds');
    wellFormed(conclusion);
    assert.deepEqual(
      conclusion.parts.map(({ verdict }) => verdict),
      conclusion.parts.map(() => 'shown'),
      JSON.stringify(conclusion.parts, undefined, 1),
    );
    assert.match(conclusion.sentence, /came at the predicted time/);
  });

  for (const law of ['root', 'blind'] as const)
    test(`figure ${figure}: planted t* ${law === 'root' ? '~ (eta lambda)^-1/2' : 'that knows no lambda'} is not shown by either reading of t*`, () => {
      const conclusion = conclude(law);
      wellFormed(conclusion);
      const times = conclusion.parts.filter(({ claim }) => claim.startsWith('t*'));
      assert.ok(times.length >= 2);
      for (const { verdict, claim } of times) assert.equal(verdict, 'not shown', claim);
      assert.notEqual(conclusion.verdict, 'shown');
      assert.match(conclusion.sentence, /did not come at the predicted time/);
    });
}

test('a network that cannot fit its data without L2 decides nothing of figure 2', () => {
  const runs = lawRuns('fc-eta-lambda', LAWS.holds).map((run) =>
    run.header.config.lambda === 0
      ? { ...run, measures: run.measures.map((look) => ({ ...look, trainError: 0.05 })) }
      : run,
  );
  const { parts } = CLAIMS['2'](logsOf('2', (sweep) => (sweep === 'fc-eta-lambda' ? runs : [])));
  for (const { verdict, words } of parts.slice(0, 2)) {
    assert.equal(verdict, 'undecided');
    assert.match(words, /without L2 the network does not reach training accuracy 1/);
  }
});

test('figure 2 takes the runs of 4,096 images for d, e, f as soon as they decide something', () => {
  const runs = (sweep: string) =>
    sweep === 'wrn-eta-lambda-4096' ? lawRuns(sweep, LAWS.holds) : lawRuns(sweep, LAWS.blind);
  const { parts, standIn } = CLAIMS['2'](logsOf('2', runs));
  assert.equal(parts.find(({ panel }) => panel === '2e')!.verdict, 'shown');
  assert.match(standIn!, /4,096 CIFAR-10 images/);
});

// ---- AutoL2: better, alike, worse, by accuracy and by time
/** AutoL2 with `lead` more accuracy, at `pace` of the constants' time; beside constants on a level. */
const duel =
  (lead: number, pace: number): Law =>
  ({ autoL2, steps }) => ({ peak: (autoL2 ? pace : 1) * 0.6 * steps, max: 0.7 + (autoL2 ? lead : 0), fit: 30 });

const fast = 0.25;
for (const [figure, sooner, higher] of [
  ['1', 2, 3],
  ['S9', 0, 1],
] as const) {
  const index = figure === '1' ? [3, 4] : [sooner, higher];
  const verdicts = (law: Law) => {
    const { parts } = CLAIMS[figure](
      logsOf(figure, (sweep) => (sweep === 'wrn-autol2' ? plantedSweep(sweep, law) : [])),
    );
    return index.map((at) => parts[at]!.verdict);
  };

  test(`figure ${figure}: AutoL2 that learns sooner and ends higher shows both parts, one that does neither shows none`, () => {
    assert.deepEqual(verdicts(duel(0.03, fast)), ['shown', 'shown']);
    assert.deepEqual(verdicts(duel(-0.03, 1.5)), ['not shown', 'not shown']);
    assert.deepEqual(verdicts(duel(0, 1)), ['not shown', 'not shown']);
    assert.deepEqual(verdicts(duel(0.03, 1.5))[1], 'shown');
  });
}

test('figure S11: AutoL2 that ends below every constant beats none, whatever is planted in the constants', () => {
  const conclusion = CLAIMS.S11(logsOf('S11', (sweep) => plantedSweep(sweep, duel(-0.004, 1))));
  wellFormed(conclusion);
  assert.equal(conclusion.verdict, 'not shown');
  assert.equal(conclusion.parts.length, 6);
  assert.equal(CLAIMS.S11(logsOf('S11', (sweep) => plantedSweep(sweep, duel(0.05, 1)))).verdict, 'shown');
});

test('figure S10 rests on the runs of 9,600 steps as soon as they decide something', () => {
  const late: Law = ({ autoL2, steps }) => ({
    peak: 0.9 * steps,
    max: 0.7,
    fit: 30,
    extra: (step) => (autoL2 ? (step < 0.3 * steps ? 0.02 : -0.03) : 0),
  });
  const conclusion = CLAIMS.S10(
    logsOf('S10', (sweep) =>
      sweep === 'wrn-autol2-long' ? plantedSweep(sweep, late) : plantedSweep(sweep, duel(0.05, 1)),
    ),
  );
  wellFormed(conclusion);
  assert.deepEqual(
    conclusion.parts.map(({ verdict }) => verdict),
    ['shown', 'shown'],
  );
  assert.match(conclusion.parts[0]!.words, /of 9600 steps/);
});

// ---- S1, S3, S4, S5, S7, S8, S12
test('figure S1: a time to the fit of 1/eta that knows no lambda is shown; one that falls with lambda and knows no eta is not', () => {
  const fit =
    (of: (config: RunConfig) => number): Law =>
    (config) => ({ peak: 4 * of(config), max: 0.8, fit: of(config) });
  const word = (law: Law) => {
    const conclusion = CLAIMS.S1(logsOf('S1', (sweep) => lawRuns(sweep, law)));
    wellFormed(conclusion);
    return conclusion.parts.map(({ verdict }) => verdict);
  };
  assert.deepEqual(word(fit(({ eta }) => 12 / eta)), ['shown', 'shown', 'shown', 'shown']);
  assert.deepEqual(word(fit(({ lambda }) => 12 / (lambda + 1e-4) ** 0.4)), [
    'not shown',
    'not shown',
    'not shown',
    'not shown',
  ]);
});

test('figure S12: scales that part early and meet late are shown, those that stay apart are not; the paper’s clock counts once it is whole', () => {
  const scales =
    (late: number, clock: number): Law =>
    ({ lambda, sigmaW, steps }) => ({
      peak: 1.5 / lambda,
      max: 0.6 + late * Math.log2(sigmaW) - 0.1 * Math.max(0, Math.log10(lambda / 1e-3)),
      fit: 20,
      extra: (step) => 0.06 * Math.log2(sigmaW) * Math.exp(-step / (0.05 * steps)) * clock,
    });
  const two = (law: Law, keep: (role: string | undefined) => boolean = () => true) => {
    const conclusion = CLAIMS.S12(logsOf('S12', (sweep) => plantedSweep(sweep, law).filter(({ role }) => keep(role))));
    wellFormed(conclusion);
    return conclusion;
  };
  const met = two(scales(0, 1));
  assert.deepEqual(
    met.parts.slice(0, 2).map(({ verdict }) => verdict),
    ['shown', 'shown'],
  );
  assert.match(met.parts[0]!.words, /4\.8\/λ steps/);
  assert.match(two(scales(0, 1), (role) => role !== 'paper clock').parts[0]!.words, / 1\/λ steps/);
  assert.deepEqual(
    two(scales(0.05, 1))
      .parts.slice(0, 2)
      .map(({ verdict }) => verdict),
    ['not shown', 'not shown'],
  );
});

test('figure S8: (a) is asked at the longest length whose grid is whole, lengths are never mixed, and λ = 0 is told beside (b)', () => {
  const alongProducts: Law = ({ eta, lambda, steps }) => ({
    peak: 0.5 * steps,
    // Short runs know λ alone, long ones the product.
    max:
      steps < 12_000
        ? 0.5 + 0.05 * Math.log10(lambda + 1e-5)
        : 0.6 - 0.05 * Math.log10((eta * lambda + 1e-7) / 3e-4) ** 2,
    fit: 1e9,
  });
  const all = plantedSweep('resnet-eta-lambda', alongProducts);
  const conclusion = CLAIMS.S8(logsOf('S8', () => all));
  wellFormed(conclusion);
  const [rows, repair] = conclusion.parts;
  assert.equal(rows!.verdict, 'shown');
  assert.match(rows!.words, /^after 12000 steps/);
  assert.match(repair!.words, /λ = 0 lacks 0\.\d+ .*after 24000 steps/);
  const short = CLAIMS.S8(logsOf('S8', () => all.filter(({ header }) => header.config.steps <= 6000)));
  assert.match(short.parts[0]!.words, /^after 3000 steps/);
  assert.notEqual(short.parts[0]!.verdict, 'shown');
});
