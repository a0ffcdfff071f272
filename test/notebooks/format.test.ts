import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notebook } from '../../lib/report/notebook.ts';
import { formatNotebook, formatted, lengthFaults } from './format.ts';

test('a cell is written as prettier writes it, top-level await and all', async () => {
  assert.equal(await formatted('const a = "b"\nawait  f( a )'), "const a = 'b';\nawait f(a);");
});

test('a cell that writes a file is formatted below its first line and may be long; lines for the shell stay', async () => {
  assert.equal(await formatted('%%writefile a.ts\nf( 1 )'), '%%writefile a.ts\nf(1);');
  assert.equal(await formatted('!ls   -l\nf( 1 )'), '!ls   -l\nf( 1 )');
  assert.deepEqual(lengthFaults(`%%writefile a.ts\n${'f();\n'.repeat(20)}`), []);
});

test('a cell of more than 12 lines or 100 columns is a fault; imports count for width alone', () => {
  const line = 'f();\n';
  assert.deepEqual(lengthFaults(line.repeat(12).trimEnd()), []);
  assert.match(lengthFaults(line.repeat(13).trimEnd()).join(), /13 lines, at most 12/);
  assert.deepEqual(lengthFaults(`import {\n  a,\n} from 'a';\n${line.repeat(12)}`.trimEnd()), []);
  assert.match(lengthFaults(`f('${'x'.repeat(100)}');`).join(), /a line of 106 columns/);
});

test('outputs and text stay, and the cells that change are named', async () => {
  const cell = { cell_type: 'code' as const, source: 'f( 1 )', metadata: {}, outputs: [] };
  const notebook: Notebook = {
    cells: [{ cell_type: 'markdown', source: 'a  b', metadata: {} }, cell],
    metadata: {},
    nbformat: 4,
  };
  const { changed, faults } = await formatNotebook(notebook);
  assert.deepEqual([changed, faults], [[1], []]);
  assert.deepEqual(notebook.cells, [
    { cell_type: 'markdown', source: 'a  b', metadata: {} },
    { ...cell, source: ['f(1);'] },
  ]);
});
