import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noNeeds, outputHtml } from '../../lib/report/outputs.ts';
import { chartCsv, chartFiles } from '../../lib/report/take-along.ts';

const VEGA = 'application/vnd.vegalite.v5+json';

test('rows of one table are the CSV of a chart, as numbers were written, with commas and quotes kept', () => {
  const values = [
    { lambda: 1e-5, state: 'fit, "shown"' },
    { lambda: 0.1, state: null },
  ];
  assert.equal(chartCsv({ [VEGA]: { data: { values } } }), 'lambda,state\n0.00001,"fit, ""shown"""\n0.1,\n');
});

test('panels name their rows, tables written as CSV text count, and layers with the same rows bring them once', () => {
  const shared = { values: 'step,loss\n1,3\n2,2', format: { type: 'csv' } };
  const spec = {
    hconcat: [
      { title: { text: '(a)  Loss' }, layer: [{ data: shared }, { data: shared }] },
      { title: ['(b)', 'Error'], data: { values: [{ step: 1, error: 0.5 }] } },
    ],
  };
  assert.equal(chartCsv({ [VEGA]: spec }), 'panel,step,loss,error\n(a)  Loss,1,3,\n(a)  Loss,2,2,\n(b) Error,1,,0.5\n');
});

test('traces of a Plotly figure are rows under their names; matrices are left out', () => {
  const data = [
    { name: 'eta = 1', x: [1, 2], y: [3, 4] },
    { x: [5], y: [6], z: [[1]] },
  ];
  assert.equal(
    chartCsv({ 'application/vnd.plotly.v1+json': { data } }),
    'panel,x,y\neta = 1,1,3\neta = 1,2,4\ntrace 2,5,6\n',
  );
});

test('numbers that a Plotly figure holds in binary are written out with the digits of their type', () => {
  const binary = (dtype: string, values: { buffer: ArrayBufferLike }) => ({
    dtype,
    bdata: Buffer.from(values.buffer as ArrayBuffer).toString('base64'),
  });
  const data = [
    { name: 'a', x: binary('i2', Int16Array.of(1, -2)), y: binary('f4', Float32Array.of(0.1, 1e-7)) },
    { name: 'b', x: binary('f8', Float64Array.of(0.1)), y: binary('x9', Uint8Array.of(1)) },
  ];
  assert.equal(chartCsv({ 'application/vnd.plotly.v1+json': { data } }), 'panel,x,y\na,1,0.1\na,-2,1e-7\nb,0.1,\n');
});

test('what is no chart, or has no rows, has no CSV', () => {
  assert.equal(chartCsv({ 'text/plain': 'x' }), undefined);
  assert.equal(chartCsv({ [VEGA]: { data: { url: 'x.csv' } } }), undefined);
  assert.equal(chartCsv({ [VEGA]: { data: { values: [] } } }), undefined);
});

test('below a chart stand links to its data, its SVG and its PNG, named after the workbook', () => {
  const needs = noNeeds('figure-2');
  const data = {
    [VEGA]: { data: { values: [{ x: 1 }] } },
    'image/svg+xml': ['<svg>', '</svg>'],
    'image/png': Buffer.from('png').toString('base64'),
  };
  const html = outputHtml({ output_type: 'display_data', data }, needs);
  const names = ['csv', 'svg', 'png'].map((extension) => `figure-2-chart-1.${extension}`);
  for (const name of names) assert.ok(html.includes(`<a href="take-along/${name}" download="${name}">`), name);
  assert.deepEqual(
    needs.files.map(({ name, data: content }) => [name, content.toString()]),
    [
      [names[0], 'x\n1\n'],
      [names[1], '<svg xmlns="http://www.w3.org/2000/svg"/>'],
      [names[2], 'png'],
    ],
  );
  assert.deepEqual(chartFiles({ 'text/plain': 'x' }, 'none'), []);
});
