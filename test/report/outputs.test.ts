import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, markdown, scriptJson } from '../../lib/report/html.ts';
import type { Notebook, Output } from '../../lib/report/notebook.ts';
import { isWide, pictureOf, titleOf, verdictOf } from '../../lib/report/notebook.ts';
import { noNeeds, outputHtml } from '../../lib/report/outputs.ts';
import { compareNames } from '../../lib/report/build.ts';

const shown = (data: Record<string, unknown>) => {
  const needs = noNeeds();
  return { html: outputHtml({ output_type: 'display_data', data }, needs), needs };
};

test('a vega-lite chart is its still picture with the specification beside it', () => {
  const { html, needs } = shown({
    'application/vnd.vegalite.v5+json': { description: 'a </script> chart' },
    'image/svg+xml': ['<svg>', '</svg>'],
    'text/plain': 'chart',
  });
  assert.deepEqual([needs.vega, needs.plotly, needs.charts], [true, false, 1]);
  assert.match(
    html,
    /<img src="data:image\/svg\+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=" alt="a &lt;\/script&gt; chart">/,
  );
  assert.match(
    html,
    /<script type="application\/json" id="workbook-chart-1-spec">\{"description":"a \\u003c\/script> chart"\}<\/script>/,
  );
});

test('of several representations the richest is taken', () => {
  const png = { 'image/png': 'AAAA\n' };
  assert.match(shown({ 'text/html': '<p>x</p>', ...png }).html, /^<img src="data:image\/png;base64,AAAA"/);
  assert.equal(shown({ 'text/plain': 'x', 'text/html': '<p>x</p>' }).html, '<div class="html"><p>x</p></div>');
  assert.equal(shown({ 'text/plain': ['<x', '>'] }).html, '<pre>&lt;x&gt;</pre>');
  assert.match(shown({ 'text/latex': '$$x^2$$', 'text/plain': 'x' }).html, /<math/);
});

test('streams lose colours and lines that were written over; errors show their traceback', () => {
  const html = (output: Output) => outputHtml(output, noNeeds());
  assert.equal(
    html({ output_type: 'stream', name: 'stdout', text: '\u001b[31m1 %\r50 %\r100 %\u001b[0m\ndone' }),
    '<pre class="stream stdout">100 %\ndone</pre>',
  );
  assert.equal(
    html({ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[31mE: v', 'at <cell>'] }),
    '<pre class="error">E: v\nat &lt;cell&gt;</pre>',
  );
});

test('markdown has formulas as MathML, tables and coloured code, and prices stay prices', () => {
  const html = markdown('With $\\eta\\lambda$.\n\n$$t^* = c$$\n\n|a|\n|-|\n|1|\n\n```ts\nconst x = 1;\n```');
  assert.equal(html.match(/<math/g)?.length, 2);
  assert.match(html, /display="block"/);
  assert.match(html, /<table>/);
  assert.match(html, /hljs-keyword/);
  assert.equal(markdown('from $5 to $6'), '<p>from $5 to $6</p>\n');
});

test('texts cannot end the element that they stand in', () => {
  assert.equal(escapeHtml(`<a href="x">'&`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;');
  assert.ok(!scriptJson('</script>').includes('</'));
});

const notebook = (cells: Notebook['cells']): Notebook => ({ nbformat: 4, metadata: {}, cells });
const picture = (text: string, tags: string[] = []): Notebook['cells'][number] => ({
  cell_type: 'code',
  source: '',
  metadata: { tags },
  outputs: [{ output_type: 'display_data', data: { 'image/svg+xml': text } }],
});

test('the picture is that of the cell tagged figure, else the first', () => {
  const text = (...cells: Notebook['cells']) =>
    /first|tagged|second/.exec(pictureOf(notebook(cells))!.data.toString())?.[0];
  assert.equal(text(picture('<svg>first</svg>'), picture('<svg>tagged</svg>', ['figure'])), 'tagged');
  assert.equal(text(picture('<svg>first</svg>'), picture('<svg>second</svg>')), 'first');
  assert.equal(pictureOf(notebook([])), undefined);
});

test('the title is the first heading, and two verdicts are an error', () => {
  const heading = { cell_type: 'markdown' as const, source: ['text\n', '# The title\n'], metadata: {} };
  assert.equal(titleOf(notebook([heading])), 'The title');
  const verdict = {
    cell_type: 'code' as const,
    source: '',
    metadata: {},
    outputs: [{ output_type: 'execute_result' as const, data: { 'application/vnd.l2-dynamics.verdict+json': {} } }],
  };
  assert.throws(() => verdictOf(notebook([verdict, verdict])), /gives 2 verdicts and may give one/);
  assert.throws(() => verdictOf(notebook([verdict])), /verdict\.figure/);
});

test('figures stand in the order of the paper, other workbooks behind them', () => {
  const names = ['theory', 'figure-S12', 'figure-10', 'figure-S2', 'figure-2', 'start-here'];
  assert.deepEqual(names.toSorted(compareNames), [
    'figure-2',
    'figure-10',
    'figure-S2',
    'figure-S12',
    'start-here',
    'theory',
  ]);
});

test('a picture of several panels beside each other is wide', () => {
  const svg = (box: string) => ({ extension: 'svg' as const, data: Buffer.from(`<svg viewBox="${box}"></svg>`) });
  assert.equal(isWide(svg('0 0 900 300')), true);
  assert.equal(isWide(svg('0 0 400 300')), false);
  assert.equal(isWide({ extension: 'svg', data: Buffer.from('<svg></svg>') }), false);
  const header = Buffer.alloc(24);
  header.writeUInt32BE(900, 16);
  header.writeUInt32BE(300, 20);
  assert.equal(isWide({ extension: 'png', data: header }), true);
});
