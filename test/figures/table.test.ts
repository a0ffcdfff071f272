import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryFrame } from '../../lib/analysis/index.ts';
import { digits, interval, markdown, dataTable, reachTable } from '../../lib/figures/index.ts';
import { plantedSweep } from '../analysis/planted.ts';

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

test('a table of how far runs fit their training set has the highest training accuracy and what keeps a run out', () => {
  const [never, soon] = [Infinity, 30].map((fit) =>
    reachTable('planted', plantedSweep('cnn-lambda', () => ({ peak: 100, max: 0.4, fit })).slice(-1)).plain.split('\n'),
  );
  assert.match(never![0]!, /^λ \(planted\) +η +seed +highest training accuracy/);
  assert.match(never![1]!, /0\.2 +0 +0\.0\d+ +0\.4 .*training accuracy 1 not reached/);
  assert.match(soon![1]!, /0\.2 +0 +1 +0\.4 +\d.* yes$/);
});
