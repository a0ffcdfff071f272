/** A sample of `npm run fuzz:compute`: random JavaScript state in a step is right or an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../one-thread.ts';
import { tryProgram } from './program.ts';

test('20 random programs with random JavaScript state are equal to eager, or an error in time', () => {
  const { warn } = console;
  console.warn = () => undefined;
  const kinds = new Set<string>();
  try {
    for (let seed = 1; seed <= 20; seed++) {
      const { about, outcome } = tryProgram(seed);
      kinds.add(outcome.kind);
      assert.notEqual(outcome.kind, 'silent', `program ${seed}: ${about}`);
      if (outcome.kind === 'late') assert.ok(outcome.calls <= 8, `program ${seed}: ${about}`);
    }
  } finally {
    console.warn = warn;
  }
  assert.ok(kinds.has('equal') && kinds.has('refused'), 'some are to be right and some refused');
});
