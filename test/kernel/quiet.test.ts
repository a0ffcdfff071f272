import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quieted, QUIET_BEGIN, QUIET_END } from '../../lib/kernel/session/quiet.ts';

const all = `one\n${QUIET_BEGIN}I0000 port.cc: oneDNN\n${QUIET_END}two\n${QUIET_BEGIN}x${QUIET_END}three`;

test('what lies between the marks is left out, in whatever pieces it comes', () => {
  for (const size of [1, 2, 3, 7, all.length]) {
    const quieted = new Quieted();
    let shown = '';
    for (let at = 0; at < all.length; at += size) shown += quieted.push(all.slice(at, at + size));
    assert.equal(shown + quieted.flush(), 'one\ntwo\nthree', `pieces of ${size}`);
  }
});

test('what was said is shown at the end where the second mark never came, and what only looks like a mark is', () => {
  const quieted = new Quieted();
  assert.equal(quieted.push(`before${QUIET_BEGIN}it died of this`), 'before');
  assert.equal(quieted.flush(), 'it died of this');
  assert.equal(quieted.push('after\u001B_q'), 'after');
  assert.equal(quieted.push('x') + quieted.flush(), '\u001B_qx');
});
