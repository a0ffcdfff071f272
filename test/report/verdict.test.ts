import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVerdict, verdict, VERDICT_MIME, type Verdict } from '../../lib/report/index.ts';

const good: Verdict = { figure: '2', claim: 'A claim.', verdict: 'shown', summary: 'Measured.' };

test('a verdict travels as its own type beside markdown and plain text', () => {
  const bundle = verdict({ ...good, standIn: 'fewer samples' })[Symbol.for('Jupyter.display')]?.() ?? {};
  assert.deepEqual(Object.keys(bundle), [VERDICT_MIME, 'text/markdown', 'text/plain']);
  assert.deepEqual(bundle[VERDICT_MIME], { ...good, standIn: 'fewer samples' });
  assert.match(
    String(bundle['text/markdown']),
    /\*\*Figure 2: shown\.\*\* A claim\.\n\nMeasured\.\n\n_Stand-in: fewer samples_/,
  );
});

test('the parts of a verdict are a line each, with what would decide an open one', () => {
  const part = {
    panel: '2b',
    claim: 't* falls as 1/λ',
    measure: 'exponent',
    effect: -1,
    interval: null,
    n: 4,
    of: 'λ',
  };
  const parts = [
    { ...part, verdict: 'shown' as const, words: 'λ^-1.00 over 4' },
    { ...part, verdict: 'undecided' as const, words: 'two λ', decides: 'two more' },
  ];
  const bundle = verdict({ ...good, parts, sentence: 'Plainly so.' })[Symbol.for('Jupyter.display')]?.() ?? {};
  assert.match(
    String(bundle['text/plain']),
    /Plainly so\.\n- 2b, t\* falls as 1\/λ: shown\. λ\^-1\.00 over 4\.\n- 2b, .*: undecided\. two λ\. What would decide it: two more\./,
  );
});

test('a verdict that is malformed is refused with the name of the field', () => {
  const cases: [unknown, RegExp][] = [
    [null, /must be an object/],
    [{ ...good, claim: ' ' }, /verdict\.claim must be a text that is not empty/],
    [{ ...good, figure: 2 }, /verdict\.figure must be a text/],
    [
      { ...good, verdict: 'proven' },
      /must be one of 'shown', 'shown in part', 'not shown', 'not tested here', not "proven"/,
    ],
    [{ ...good, data: 'data/runs' }, /verdict\.data must be a list of paths/],
    [{ ...good, standIn: false }, /verdict\.standIn must be a text/],
  ];
  for (const [value, message] of cases) assert.throws(() => parseVerdict(value), message);
});
