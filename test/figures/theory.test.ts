import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorrectionLaw } from '../../lib/analysis/index.ts';
import {
  crossoverChart,
  decayChart,
  exponentChart,
  fixedPointChart,
  kinkChart,
  NothingToDraw,
  scientific,
  trainedChart,
  widthChart,
} from '../../lib/figures/index.ts';
import type { FixedPointRow, KernelRow } from '../../lib/theory/index.ts';
import { plantedCurve } from '../theory/support.ts';

const row = (k: number, lambdaT: number, left: number, width = 64): KernelRow => ({
  name: `k = ${k}`,
  sweep: 'planted',
  k,
  smooth: true,
  width,
  seed: 0,
  step: 100 * lambdaT,
  lambdaT,
  left,
  predicted: Math.exp(-2 * (k - 1) * lambdaT),
  correction: 0.01,
  alignment: 0.1,
  predictedAlignment: 0.1,
});

test('a chart of the theory without rows says so instead of drawing', async () => {
  const none = [
    () => decayChart([]),
    () => widthChart([], [], { title: 'x', alt: 'x' }),
    () => exponentChart([]),
    () => kinkChart([], [], NaN),
    () => fixedPointChart([]),
    () => trainedChart([]),
    () => crossoverChart([]),
  ];
  for (const draw of none) await assert.rejects(draw, NothingToDraw);
});

test('the decay’s words are computed: degrees, decades, and how far from the lines', async () => {
  const { alt } = await decayChart([
    row(2, 1, Math.exp(-2)),
    row(2, 2, 10 ** 0.2 * Math.exp(-4)),
    row(3, 1, Math.exp(-4)),
  ]);
  assert.match(alt, /degree 2, 3 lie within 0.200 decades .* over up to 1.7 decades/);
  const narrow = await decayChart([row(2, 1, 0.5, 64), row(2, 1, Math.exp(-2), 128)]);
  assert.match(narrow.alt, /within 0.000 decades/, 'only the widest is drawn');
});

test('a fitted law is drawn over the widths of its fit, in the panel of its network', async () => {
  const exponent = { value: -1, low: -1.1, high: -0.9 };
  const rows = ['a', 'b'].flatMap((name) => [64, 256, 1024].map((width) => ({ name, width, value: 1 / width })));
  const laws = [{ name: 'a', law: { factor: 1, exponent, widths: [256, 1024] } }];
  const { spec } = await widthChart(rows, laws, { title: 'size', alt: 'sizes' });
  interface Panel {
    title: { text: string; subtitle: string };
    layer: { data: { values: { width: number }[] } }[];
  }
  const panels = (spec as unknown as { concat: Panel[] }).concat;
  assert.deepEqual(
    panels.map(({ title, layer }) => [title.text, title.subtitle, layer[0]!.data.values.map(({ width }) => width)]),
    [
      ['a', 'exponent -1.00', [256, 1024]],
      ['b', 'too few widths', []],
    ],
  );
});

test('exponents stand in a panel of smooth networks and in one a sweep of the others', async () => {
  const law = (name: string, smooth: boolean, sweep: string): CorrectionLaw => ({
    name,
    sweep,
    smooth,
    step: 100,
    lambdaT: 1,
    decides: true,
    factor: 1,
    exponent: { value: -1, low: -1.1, high: -0.9 },
    widths: [256, 512, 1024],
  });
  const { spec, alt } = await exponentChart([law('a', true, 'x'), law('b', false, 'x'), law('c', false, 'y')]);
  const titles = (spec as unknown as { hconcat: { title: string }[] }).hconcat.map(({ title }) => title);
  assert.deepEqual(titles, ['gradient without a jump', 'ReLU, x', 'ReLU, y']);
  assert.match(alt, /a -1.00 to -1.00; b -1.00/);
});

test('fixed points: words are computed, and a wider network is a way of its own', async () => {
  const point = (width: number, path: FixedPointRow['path'], f: number): FixedPointRow => ({
    parameterization: 'ntk',
    depth: 2,
    width,
    path,
    strength: 0.05,
    lambda: 0.1,
    f,
    squaredNorms: [1],
    rankRatio: 0,
    updates: 1,
    gradient: 0,
  });
  const { alt, svg } = await fixedPointChart([
    point(16, 'fresh', 0.55),
    point(64, 'fresh', 0.55),
    point(16, 'down', 0),
  ]);
  assert.match(alt, /L = 2 falls to 0 from 0.55, and as lambda falls again comes back to at most 0.00/);
  assert.match(svg, /wider, fresh start/);
});

test('figure 5c: words give the distance to the flow and to the steps, and the crossover in order of strength', async () => {
  const curve = (width: number, trained: number) =>
    plantedCurve(width, 1, trained, { largest2: 0.11, largestInSteps: 0.02 });
  const { alt, svg } = await trainedChart([curve(100, 0.3)]);
  assert.match(alt, /0.11 to k = 2, 0.02 to k = 2 in steps of η and 0.80 to k = 1/);
  assert.match(svg, /stroke-dasharray/);
  assert.match((await crossoverChart([curve(1000, 0), curve(100, 0.3)])).alt, /0.30 at 100, 0.00 at 1000/);
});

test('a number in powers of ten, and a dash for none', () => {
  assert.deepEqual([scientific(0.000042), scientific(NaN)], ['4.2e-5', '–']);
});
