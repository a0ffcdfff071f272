import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyed, numbersOf, texNumber, texOf, texText } from '../../lib/report/numbers.ts';
import { summaryOf } from '../handover/support.ts';

test('every part has a key of its own, its panel first', () => {
  const { parts = [] } = summaryOf({ name: 'figure-2', effect: -1 }).verdict ?? {};
  const [part] = parts;
  assert.ok(part);
  const keys = keyed([part, { ...part, panel: '2b' }, part]).map(({ key }) => key);
  assert.deepEqual(keys, ['2a', '2b', '2a-2']);
});

test('numbers of a report: each figure with its verdict, and each part with effect, interval and count', () => {
  const numbers = numbersOf([summaryOf({ name: 'figure-2', effect: -1 })]);
  const [figure] = numbers.figures;
  assert.deepEqual([figure?.name, figure?.verdict, figure?.sentence], ['figure-2', 'shown', 'slope -1']);
  const [part] = figure?.parts ?? [];
  assert.deepEqual([part?.key, part?.effect, part?.interval, part?.n], ['2a', -1, [-1.5, -0.5], 3]);
});

test('numbers are set as TeX sets them, to three digits', () => {
  const set = [0, -0.6349, 1.5e-5, 123456, 2e-9, 1e7].map(texNumber);
  assert.deepEqual(set, [
    '\\ensuremath{0}',
    '\\ensuremath{-0.635}',
    '\\ensuremath{1.5\\times 10^{-5}}',
    '\\ensuremath{123000}',
    '\\ensuremath{2\\times 10^{-9}}',
    '\\ensuremath{1\\times 10^{7}}',
  ]);
});

test('no sign of a text means something to TeX, and one that it does not know is a question mark', () => {
  assert.equal(
    texText('a_b 5 % & #1 $x$ {y} \\z ~ ^'),
    'a\\_b 5 \\% \\& \\#1 \\$x\\$ \\{y\\} \\textbackslash{}z \\textasciitilde{} \\textasciicircum{}',
  );
  assert.equal(
    texText('η λ −1 × 2 · ≤ é 漢'),
    '\\ensuremath{\\eta} \\ensuremath{\\lambda} \\ensuremath{-}1 \\ensuremath{\\times} 2 \\ensuremath{\\cdot} \\ensuremath{\\le} é ?',
  );
});

test('the TeX file defines one macro, and one name a number', () => {
  const tex = texOf(numbersOf([summaryOf({ name: 'figure-2', effect: -0.634567 })]));
  assert.match(tex, /\\DeclareRobustCommand\*\\ltwo\[1\]/);
  assert.ok(tex.includes('\\@namedef{ltwo@figure-2.2a.effect}{\\ensuremath{-0.635}}'));
  assert.ok(tex.includes('\\@namedef{ltwo@figure-2.2a.interval}{[\\ensuremath{-1.13}, \\ensuremath{-0.135}]}'));
  const names = [...tex.matchAll(/@namedef\{([^}]+)\}/g)].map(([, name]) => name);
  assert.equal(new Set(names).size, names.length);
});
