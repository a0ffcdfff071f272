/** Charts of the workbook on the theory: theorem 1, lemma 2 and its parts, kernels at initialization. */

import type { TopLevelSpec } from 'vega-lite';
import type { CorrectionLaw, KinkLaws, WidthLaw } from '../analysis/index.ts';
import type { InitialKernelRow, KernelRow, KinkRow } from '../theory/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { lines } from './lines.ts';
import type { LinePanel, Series } from './lines.ts';
import { GUIDE, logAxis, PAIR, sequence, short } from './theme.ts';

/** What is left of a kernel is drawn down to here: float32 carries no less. */
const LEAST_LEFT = 1e-10;

/** Theorem 1: what is left of the kernel over lambda t at each family's largest width, on exp(-2 (k - 1) lambda t). */
export async function decayChart(rows: readonly KernelRow[]): Promise<Chart> {
  const names = [...new Set(rows.map((row) => row.name))];
  const widest = new Map(
    names.map((name) => [name, Math.max(...rows.filter((row) => row.name === name).map((row) => row.width))]),
  );
  const shown = rows.filter(
    (row) => row.width === widest.get(row.name) && row.seed === 0 && row.left > LEAST_LEFT && row.step >= 10,
  );
  if (shown.length === 0) throw new NothingToDraw('no measured kernel');
  const values = shown.map((row) => ({
    name: `${row.name}, n = ${row.width}`,
    k: row.k,
    lambdaT: short(row.lambdaT),
    left: short(row.left),
  }));
  const degrees = [...new Set(shown.map((row) => row.k))].sort((a, b) => a - b);
  const predicted = degrees.flatMap((k) =>
    [0, Math.min(Math.max(...shown.filter((row) => row.k === k).map((row) => row.lambdaT)), 23 / (2 * (k - 1)))].map(
      (lambdaT) => ({
        k,
        lambdaT,
        left: Math.exp(-2 * (k - 1) * lambdaT),
      }),
    ),
  );
  const colour = {
    field: 'k',
    type: 'ordinal',
    title: 'degree k',
    scale: { domain: degrees, range: sequence(degrees.length) },
  };
  const axis = logAxis('part of the kernel left', [LEAST_LEFT, 1], { stride: 2 });
  const spec = {
    width: 400,
    height: 260,
    encoding: {
      x: { field: 'lambdaT', type: 'quantitative', title: 'λ t' },
      y: { field: 'left', type: 'quantitative', scale: { type: 'log' }, axis },
      color: colour,
    },
    layer: [
      { data: { values: predicted }, mark: { type: 'line', strokeWidth: 1.2 } },
      {
        data: { values },
        mark: { type: 'point', size: 44, tooltip: true },
        encoding: { shape: { field: 'name', type: 'nominal', title: 'network', legend: { labelLimit: 260 } } },
      },
    ],
  } as TopLevelSpec;
  const apart = Math.max(...shown.map((row) => Math.abs(Math.log10(row.left / row.predicted))));
  const decades = Math.max(...shown.map((row) => -Math.log10(row.left)));
  const alt = `Part of the tangent kernel left over lambda t, logarithmic: networks of degree ${degrees.join(', ')} lie within ${apart.toFixed(3)} decades of the straight lines exp(-2 (k - 1) lambda t), over up to ${decades.toFixed(1)} decades.`;
  return chart(spec, { alt });
}

/** Sizes over width, a panel per network, with the law fitted to them where there is one, drawn over the widths of the fit only. */
export async function widthChart(
  rows: readonly { name: string; width: number; value: number }[],
  laws: readonly { name: string; law: WidthLaw | undefined }[],
  { title, alt, columns = 4 }: { title: string; alt: string; columns?: number },
): Promise<Chart> {
  if (rows.length === 0) throw new NothingToDraw(`no ${title}`);
  const widths = rows.map((row) => row.width);
  const sizes = rows.map((row) => row.value);
  const scale = (values: readonly number[]) => ({
    type: 'log',
    nice: false,
    domain: [Math.min(...values) / 1.5, Math.max(...values) * 1.5],
  });
  const [x, y] = [
    { field: 'width', type: 'quantitative', scale: scale(widths), axis: logAxis('width n', widths) },
    { type: 'quantitative', scale: scale(sizes), axis: logAxis(title, sizes) },
  ];
  const panels = [...new Set(rows.map((row) => row.name))].map((name) => {
    const law = laws.find((each) => each.name === name)?.law;
    const ends = law ? [law.widths[0]!, law.widths.at(-1)!] : [];
    const fitted = ends.map((width) => ({ width, law: short(law!.factor * width ** law!.exponent.value) }));
    const values = rows
      .filter((row) => row.name === name)
      .map((row) => ({ width: row.width, value: short(row.value) }));
    return {
      title: { text: name, subtitle: law ? `exponent ${law.exponent.value.toFixed(2)}` : 'too few widths' },
      width: 150,
      height: 130,
      layer: [
        { data: { values: fitted }, mark: { type: 'line', color: GUIDE }, encoding: { x, y: { ...y, field: 'law' } } },
        {
          data: { values },
          mark: { type: 'point', size: 22, color: PAIR[0], tooltip: true },
          encoding: { x, y: { ...y, field: 'value' } },
        },
      ],
    };
  });
  return chart({ columns, concat: panels } as unknown as TopLevelSpec, { alt });
}

/** Rows of lemma 2 for `widthChart`. */
export const correctionRows = (rows: readonly KernelRow[]) =>
  rows.map(({ name, width, correction }) => ({ name, width, value: correction }));

/** Rows of the kernel at initialization for `widthChart`. */
export const distanceRows = (rows: readonly InitialKernelRow[]) =>
  rows.map(({ name, width, distance }) => ({ name, width, value: distance }));

const LINE_COLOURS = [...PAIR, '#009e73', '#cc79a7'];

/**
 * Lemma 2: the correction's exponent over lambda t with the band of its interval, a line per network. Points whose interval decides are
 * filled. Networks without a jump in their gradient have a panel of their own, then each sweep of the others.
 */
export async function exponentChart(laws: readonly CorrectionLaw[]): Promise<Chart> {
  if (laws.length === 0) throw new NothingToDraw('no exponent');
  const times = laws.map(({ lambdaT }) => lambdaT);
  const x = { field: 'lambdaT', type: 'quantitative', scale: { type: 'log' }, axis: logAxis('λ t', times) };
  const y = {
    type: 'quantitative',
    title: 'exponent of the correction in n',
    scale: { domain: [-1.5, 0], nice: false },
  };
  const groups = new Map<string, CorrectionLaw[]>();
  for (const law of laws) {
    const group = law.smooth ? 'gradient without a jump' : `ReLU, ${law.sweep}`;
    groups.set(group, [...(groups.get(group) ?? []), law]);
  }
  const panels = [...groups].map(([title, mine]) => {
    const networks = [...new Set(mine.map(({ name }) => name))];
    const values = mine.map(({ name, lambdaT, decides, exponent: { value, low, high } }) => ({
      name,
      lambdaT: short(lambdaT),
      decides,
      value: short(value, 3),
      low: short(low, 3),
      high: short(high, 3),
    }));
    const color = {
      field: 'name',
      type: 'nominal',
      title: null,
      scale: { domain: networks, range: LINE_COLOURS.slice(0, networks.length) },
      legend: { orient: 'bottom', columns: 1, symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 },
    };
    const points = (decides: boolean, style: object) => ({
      data: { values: values.filter((value) => value.decides === decides) },
      mark: { type: 'point', size: 26, clip: true, tooltip: true, opacity: 1, ...style },
      encoding: { x, y: { ...y, field: 'value' }, color },
    });
    return {
      title,
      width: 205,
      height: 230,
      layer: [
        {
          data: { values: [{ at: -1 }] },
          mark: { type: 'rule', color: GUIDE, strokeDash: [4, 4] },
          encoding: { y: { ...y, field: 'at' } },
        },
        {
          data: { values },
          mark: { type: 'area', opacity: 0.13, clip: true },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
        },
        { data: { values }, mark: { type: 'line', clip: true }, encoding: { x, y: { ...y, field: 'value' }, color } },
        ...(mine.some(({ decides }) => decides) ? [points(true, { filled: true })] : []),
        ...(mine.some(({ decides }) => !decides) ? [points(false, { fill: '#ffffff' })] : []),
      ],
    };
  });
  const spec = { hconcat: panels, resolve: { scale: { color: 'independent' } } } as unknown as TopLevelSpec;
  const ranges = [...new Set(laws.map(({ name }) => name))].map((name) => {
    const values = laws.filter((law) => law.name === name).map(({ exponent }) => exponent.value);
    return `${name} ${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
  });
  const alt = `Exponent in n of the correction to the kernel's decay over lambda t, with 95 % bands: ${ranges.join('; ')}.`;
  return chart(spec, { alt });
}

/** The parts of ReLU's correction: their exponents over lambda t with intervals, and their sizes over width at one time. */
export async function kinkChart(rows: readonly KinkRow[], laws: readonly KinkLaws[], step: number): Promise<Chart> {
  const parts = [
    { name: 'smooth part', of: 'smoothPart' },
    { name: 'kinks’ part', of: 'kinkPart' },
    { name: 'share of gates flipped', of: 'flipped' },
  ] as const;
  const exponents = parts.map(({ name, of }) => ({
    name,
    points: laws.flatMap(({ lambdaT, [of]: law }) =>
      law ? [{ x: lambdaT, y: law.exponent.value, low: law.exponent.low, high: law.exponent.high }] : [],
    ),
  }));
  const now = rows.filter((row) => row.step === step);
  const law = laws.find((each) => each.step === step);
  const sizes = parts.flatMap(({ name, of }): Series[] => {
    const fit = law?.[of];
    const ends = fit ? [fit.widths[0]!, fit.widths.at(-1)!] : [];
    return [
      { name, mark: 'hollow', points: now.map((row) => ({ x: row.width, y: row[of] })) },
      { name, mark: 'line', points: ends.map((n) => ({ x: n, y: fit!.factor * n ** fit!.exponent.value })) },
    ];
  });
  const panels: LinePanel[] = [
    {
      title: 'exponents in n',
      x: { title: 'λ t', log: true },
      y: { title: 'exponent' },
      series: exponents,
    },
    {
      title: `sizes at λt = ${(law?.lambdaT ?? NaN).toFixed(2)}`,
      x: { title: 'width n', log: true },
      y: { title: 'part of |Θ₀|, share of gates', log: true },
      series: sizes,
    },
  ];
  const said = parts.map(({ name, of }) => `${name} n^${law?.[of]?.exponent.value.toFixed(2) ?? '?'}`).join(', ');
  return lines(panels, {
    colours: 'contrast',
    width: 330,
    alt: `Parts of the correction of a two-layer ReLU network. Left: their exponents in n over lambda t with 95 % intervals. Right: their sizes over width with fitted laws: ${said}.`,
  });
}
