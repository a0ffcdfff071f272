import assert from 'node:assert/strict';
import { it } from 'node:test';
import { claims } from '../../lib/report/index.ts';

it('a table of claims has a row each, as Markdown and as aligned text, and keeps bars within a cell', () => {
  const table = claims([
    { claim: 'f decays', paper: '0', measured: '1e-9' },
    { claim: '|W| agree', paper: 'equal norms', measured: '2' },
  ]);
  const show = table[Symbol.for('Jupyter.display')] as () => Record<string, string>;
  const shown = show();
  assert.deepEqual(shown['text/markdown']!.split('\n'), [
    '| claim | the paper says | measured here |',
    '| --- | --- | --- |',
    '| f decays | 0 | 1e-9 |',
    '| \\|W\\| agree | equal norms | 2 |',
  ]);
  assert.equal(shown['text/plain']!.split('\n')[1], 'f decays   0               1e-9');
});
