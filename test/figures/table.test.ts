import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etaLambdaClaims, summarizeRun, summaryFrame } from '../../lib/analysis/index.ts';
import {
  dataTable,
  digits,
  etaLambdaRows,
  etaLambdaSummary,
  interval,
  lawTable,
  markdown,
  reachTable,
  readingsTable,
  selectionTables,
  selectionWords,
} from '../../lib/figures/index.ts';
import { paperLaw, plantedSweep } from '../analysis/planted.ts';

test('a table shows chosen columns in order, numbers to the right, what was not measured as a dash', () => {
  const shown = dataTable(
    [
      { a: 1, b: 'x|y', c: 0.123456 },
      { a: 20, b: null, c: NaN },
    ],
    { c: 'C', b: 'B' },
  );
  assert.equal(shown.text, '| C | B |\n| --: | --- |\n| 0.1235 | x\\|y |\n| – | – |');
  assert.equal(shown.plain, '     C  B\n0.1235  x|y\n     –  –');
});

test('a danfo.js frame is a table of its rows, also after a query that leaves none', () => {
  const frame = summaryFrame([
    { eta: 0.1, included: true },
    { eta: 0.2, included: false },
  ] as never);
  assert.equal(dataTable(frame.query(frame['included']), { eta: 'η' }).text, '| η |\n| --: |\n| 0.1 |');
  const none = frame.query(frame['eta'].gt(1));
  assert.equal(dataTable(none, { eta: 'η' }).text, '| η |\n| --- |');
});

test('numbers keep four digits and intervals their ends', () => {
  assert.equal(digits(1234567), '1234567');
  assert.equal(digits(0.000123456), '0.0001235');
  assert.equal(interval({ value: -1, low: -1.05, high: -0.951 }, 2), '-1.00 [-1.05, -0.95]');
});

test('Markdown shows itself as Markdown and as text', () => {
  const bundle = (markdown('a', '- b') as unknown as Record<symbol, () => unknown>)[Symbol.for('Jupyter.display')]!();
  assert.deepEqual(bundle, { 'text/markdown': 'a\n\n- b', 'text/plain': 'a\n\n- b' });
});

test('a table of how far runs fit their training set has the highest training accuracy, t* against the time of L2, and what keeps a run out', () => {
  const [never, soon] = [Infinity, 30].map((fit) =>
    reachTable('planted', plantedSweep('cnn-lambda', () => ({ peak: 100, max: 0.4, fit })).slice(-1)).plain.split('\n'),
  );
  assert.match(never![0]!, /^λ \(planted\) +η +seed +highest training accuracy/);
  assert.match(never![1]!, /0\.2 +\d +0\.0\d+ +0\.4 .*training accuracy 1 not reached/);
  // t* = 71 of 39,000 steps, at eta lambda = 1e-4 a step.
  assert.match(soon![1]!, /0\.2 +\d +1 +0\.4 +8\.875 +0\.0071 +3\.9 +yes$/);
});

test('the old readings stand above the new one, which leaves out what does not fit', () => {
  const runs = plantedSweep('wrn-momentum-lambda', ({ lambda }) => ({
    peak: 0.3 / lambda,
    max: lambda < 1.5e-3 ? 0.6 : 0.5,
    fit: 30,
  }));
  const poor = runs
    .filter(({ header }) => header.config.steps >= 8000 && header.config.lambda >= 1e-4)
    .map((run) =>
      run.header.config.lambda < 1.5e-3
        ? run
        : { ...run, measures: run.measures.map((m) => ({ ...m, trainError: 0.6 })) },
    );
  const lines = readingsTable('planted', poor.map(summarizeRun)).plain.split('\n');
  assert.equal(lines.length, 4);
  assert.match(lines[1]!, /not shown: 9 from 0\.5 /);
  assert.match(lines[3]!, /judged\) +shown: 6 from 0\.(6|59)/);
});

test('why the exponents are what they are is said in numbers of the runs, and nothing where there are none', () => {
  const summaries = plantedSweep('fc-eta-lambda', (config) => ({
    ...paperLaw({ c: 0.3 })(config),
    ...(config.lambda > 0 && { peak: 0.3 / (Math.min(config.eta, 0.5) * config.lambda) }),
    fit: 10 + 10 * config.eta,
  })).map(summarizeRun);
  assert.match(selectionWords(summaries).text, /^the rule leaves \d+ runs, .*The fit gets slower with η/);
  assert.equal(selectionTables('planted', summaries).length, 2);
  const level = plantedSweep('fc-eta-lambda', paperLaw({ c: 0.3, fit: 5 })).map(summarizeRun);
  assert.doesNotMatch(selectionWords(level).text, /The fit gets slower/);
  assert.match(selectionWords([]).text, /too few/);
  assert.deepEqual(selectionTables('planted', []), []);
});

test('rows and summary of the three panels say what is open and why', () => {
  const none = etaLambdaClaims([]);
  assert.match(etaLambdaSummary(none), /0 pairs of η and λ can enter the fit, too few/);
  assert.match(lawTable(none.scaling).text, /too few to decide/);
  const runs = plantedSweep('cnn-lambda', paperLaw({ c: 1, fit: 8 }));
  const unfitted = runs.map((run) => ({ ...run, measures: run.measures.map((m) => ({ ...m, trainError: 0.25 })) }));
  const left = lawTable(etaLambdaClaims(unfitted.map(summarizeRun)).scaling).text;
  assert.match(left, /training accuracy 1 not reached: \d+; .*lambda = 0: \d+/);
  const [gain] = etaLambdaRows('planted', etaLambdaClaims(unfitted.map(summarizeRun)), ['gain']);
  assert.match(gain!.measured, /^not tested here: no run .*; training accuracy is 0\.75 at most$/);
  const found = etaLambdaClaims(runs.map(summarizeRun));
  assert.match(lawTable(found.scaling).text, /exponent of λ \| -[01]\.\d+ \[.*\] \| -[01]\.\d+ \[/);
  const wide = { ...found.scaling.law!, exponents: { lambda: { value: -1.2, low: -2.3, high: -0.1 } } };
  const [row] = etaLambdaRows('planted', { ...found, scaling: { ...found.scaling, law: wide } }, ['scaling']);
  assert.match(row!.measured, /^not tested here, the interval is too wide: /);
});
