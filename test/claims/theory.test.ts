import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure5, theory } from '../../lib/claims/index.ts';
import type { TheoryResults } from '../../lib/claims/index.ts';
import { logsOf } from './support.ts';

const held: TheoryResults = {
  lemma1: 1e-15,
  decay: { agreement: 'shown', error: 0.002 },
  correction: {
    agreement: 'shown',
    smooth: { holding: 15, deciding: 15 },
    kinked: { holding: 5, deciding: 5 },
  },
  vanishing: { agreement: 'shown', largest: 1e-4 },
  fixedPoints: {
    agreement: 'shown',
    parts: { curve: 'shown', weights: 'shown', collapse: 'shown' },
    offCurve: 1e-11,
    rank: 0,
    unequal: 0,
    collapses: [],
    solved: 1e-11,
    printed: 0.11,
  },
  logs: [],
};

test('the theory is shown where every statement holds; ReLU alone takes it down to in part, and says what would decide it', () => {
  assert.equal(theory(held).verdict, 'shown');
  const relu = theory({ ...held, correction: { ...held.correction, kinked: { holding: 0, deciding: 5 } } });
  assert.equal(relu.verdict, 'shown in part');
  assert.match(relu.summary, /^5 of 6 parts shown; Lemma 2 \(and for ReLU\): not shown/);
  const [part] = relu.parts.filter(({ verdict }) => verdict !== 'shown');
  assert.match(part!.decides!, /jump of the gradient/);
});

test('intervals that decide nothing and logs that are not there are undecided, not wrong', () => {
  const { parts, verdict } = theory({
    ...held,
    decay: { agreement: 'not tested here', error: NaN },
    correction: {
      agreement: 'not tested here',
      smooth: { holding: 0, deciding: 0 },
      kinked: { holding: 0, deciding: 0 },
    },
    vanishing: { agreement: 'not tested here', largest: NaN },
  });
  assert.deepEqual(
    parts.map((part) => part.verdict),
    ['shown', 'undecided', 'undecided', 'undecided', 'undecided', 'shown'],
  );
  assert.equal(verdict, 'shown in part');
  for (const { effect } of parts) assert.ok(effect === null || Number.isFinite(effect));
});

test('figure 5: equations that miss the solver are not shown; without a trained network 5c is open and says the command', () => {
  const logs = logsOf('5');
  const good = { solver: 1e-13, decayed: 1e-13, linear: 1e-15 };
  const words = (errors: typeof good) => figure5(logs, errors, () => []).parts.map(({ verdict }) => verdict);
  assert.deepEqual(words(good), ['shown', 'shown', 'undecided']);
  assert.deepEqual(words({ ...good, solver: 1e-3 }), ['not shown', 'not shown', 'undecided']);
  assert.deepEqual(words({ ...good, decayed: 0.1 }), ['not shown', 'shown', 'undecided']);
  assert.match(figure5(logs, good, () => []).parts[2]!.decides!, /npm run train -- relu-two-layer/);
});
