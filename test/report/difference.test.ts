import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceOf } from '../../lib/report/difference.ts';
import { differenceHtml, differenceText } from '../../lib/report/difference-html.ts';
import type { Summary } from '../../lib/report/page.ts';
import type { VerdictPart } from '../../lib/report/verdict.ts';
import { summaryOf } from '../handover/support.ts';

const LOG = 'data/runs/a/desk/one.jsonl';
const before = summaryOf({
  name: 'figure-2',
  effect: -1,
  logs: { [LOG]: 'a'.repeat(64), 'data/runs/a/desk/two.jsonl': 'b'.repeat(64) },
});

/** A summary with its first part changed. */
function withPart(summary: Summary, part: Partial<VerdictPart>): Summary {
  const { verdict } = summary;
  assert.ok(verdict?.parts?.[0]);
  return { ...summary, verdict: { ...verdict, parts: [{ ...verdict.parts[0], ...part }] } };
}

test('two reports of the same numbers and logs differ in nothing, whenever and in whatever folder they were made', () => {
  const later = { ...before, seconds: 9, provenance: { ...before.provenance, madeAt: '2027-01-01T00:00:00Z' } };
  const difference = differenceOf([before], [later]);
  assert.deepEqual([difference.figures, difference.same], [[], ['Workbook figure-2']]);
  assert.match(differenceHtml(difference), /No verdict, no number and no log moved/);
});

test('a part whose verdict, number or interval moved is told with both values and the logs behind it', () => {
  const now = withPart(
    summaryOf({
      name: 'figure-2',
      effect: -2,
      logs: { [LOG]: 'c'.repeat(64), 'data/runs/a/desk/three.jsonl': 'd'.repeat(64) },
    }),
    { verdict: 'not shown', n: 4 },
  );
  const [figure] = differenceOf([before], [now]).figures;
  assert.deepEqual(figure?.parts, [
    {
      key: '2a',
      claim: 'Loss falls',
      measure: 'slope',
      state: 'moved',
      verdict: ['shown', 'not shown'],
      effect: [-1, -2],
      interval: [
        [-1.5, -0.5],
        [-2.5, -1.5],
      ],
      n: [3, 4],
    },
  ]);
  assert.deepEqual(figure?.logs, {
    added: ['data/runs/a/desk/three.jsonl'],
    removed: ['data/runs/a/desk/two.jsonl'],
    changed: [LOG],
  });
  const text = differenceText(differenceOf([before], [now]));
  assert.match(text, /logs: 1 new, 1 changed, 1 gone/);
  assert.match(
    text,
    /2a, Loss falls: shown → not shown; slope -1 → -2; \[-1\.5, -0\.5\] → \[-2\.5, -1\.5\]; n = 3 → n = 4/,
  );
});

test('rounding moves no number, and a number that came or went does', () => {
  assert.deepEqual(differenceOf([before], [withPart(before, { effect: -1 - 1e-15 })]).figures, []);
  const [gone] = differenceOf([before], [withPart(before, { effect: null, interval: null })]).figures;
  assert.deepEqual(
    [gone?.parts[0]?.effect, gone?.parts[0]?.interval],
    [
      [-1, null],
      [[-1.5, -0.5], null],
    ],
  );
  const [moved] = differenceOf([before], [withPart(before, { effect: -1.000001 })]).figures;
  assert.deepEqual(moved?.logs, { added: [], removed: [], changed: [] });
  assert.match(
    differenceHtml(differenceOf([before], [withPart(before, { effect: -1.1 })])),
    /the same logs: code or versions/,
  );
});

test('figures, parts, verdicts and failures that came or went are told as such', () => {
  const other = summaryOf({ name: 'figure-3', effect: 1 });
  const states = (was: Summary[], is: Summary[]) =>
    differenceOf(was, is).figures.map(({ name, state }) => [name, state]);
  assert.deepEqual(states([before], [before, other]), [['figure-3', 'new']]);
  assert.deepEqual(states([before, other], [before]), [['figure-3', 'gone']]);
  const renamed = differenceOf([before], [withPart(before, { panel: '2b' })]).figures[0]?.parts;
  assert.deepEqual(
    renamed?.map(({ key, state }) => [key, state]),
    [
      ['2b', 'new'],
      ['2a', 'gone'],
    ],
  );
  const { verdict: _, ...without } = before;
  assert.deepEqual(differenceOf([before], [without]).figures[0]?.verdict, ['shown', 'no verdict']);
  assert.match(
    differenceText(differenceOf([before], [{ ...before, error: 'no <run>' }])),
    /ran to its end → failed \(no <run>\)/,
  );
});

test('nothing of a report becomes markup of the page', () => {
  const html = differenceHtml(differenceOf([before], [withPart(before, { claim: '<script>', effect: 5 })]));
  assert.ok(html.includes('&lt;script&gt;') && !html.includes('<script>'));
});
