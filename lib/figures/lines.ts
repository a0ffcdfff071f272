/** Panels of lines and points: what most of the paper's figures are made of. */

import type { TopLevelSpec } from 'vega-lite';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { GUIDE, logAxis, PAIR, sequence, short, ticksBetweenPowers } from './theme.ts';

export interface LinePoint {
  x: number;
  y: number;
  /** Interval of y, drawn as a bar, along lines without points as a band; left out where it is not finite. */
  low?: number;
  high?: number;
  /** The values behind a mean, drawn as small dots. */
  seeds?: readonly number[];
}

export interface Series {
  name: string;
  points: readonly LinePoint[];
  /** Default `line and points`. */
  mark?: 'line and points' | 'line' | 'dashed' | 'points' | 'hollow' | 'steps';
}

export interface LinePanel {
  title: string;
  subtitle?: string;
  x: AxisOptions;
  y: AxisOptions;
  series: readonly Series[];
  /** On a logarithmic x axis, series stand side by side where they share a place, so that their intervals can be seen. */
  beside?: boolean;
  /** Dashed vertical guides, in the colour of the series they are named after, else grey. */
  verticals?: readonly { x: number; name?: string }[];
}

export interface AxisOptions {
  title: string;
  /** Logarithmic, where values that are not positive are left out. */
  log?: boolean;
  /** Number format of a linear axis (d3). */
  format?: string;
  /** Values that the axis must reach beside its panel's: of panels that are read side by side. */
  reach?: readonly number[];
}

export interface LinesOptions {
  alt: string;
  /** Title of the legend. */
  legend?: string;
  /** `ordered` series run from dark to light; `contrast` are a few that must be told apart. */
  colours?: 'ordered' | 'contrast';
  /** Linear y axes end at the same values in every panel. */
  sameY?: boolean;
  /** Panels in a row; default all. */
  columns?: number;
  width?: number;
  height?: number;
}

/** Distinct on white for the colour-blind, after the pair: Okabe and Ito's, darkened to 3:1 against white. */
const CONTRAST = [...PAIR, '#00805e', '#b0568a', '#2b8cbe', '#8a6500', '#24292f', '#6e7781'];

/** Beside colours, so that series can be told apart without them. */
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross'];
const DASHED = [4, 3];

/** Panels beside one another that share one legend: a colour means the same series in each. Series without a point to draw are left out. */
export function lines(panels: readonly LinePanel[], options: LinesOptions): Promise<Chart> {
  const {
    alt,
    legend,
    colours = 'ordered',
    sameY = false,
    columns = panels.length,
    width = 190,
    height = 220,
  } = options;
  const all = byNumber([...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))]);
  const palette = colours === 'ordered' ? sequence(all.length) : all.map((_, i) => CONTRAST[i % CONTRAST.length]!);
  // The legend names what is drawn; colours stay those of the whole figure, however many logs are there.
  const there = new Set(
    panels.flatMap((panel) =>
      panel.series.filter(({ points }) => points.some(drawable(panel))).map(({ name }) => name),
    ),
  );
  const names = all.filter((name) => there.has(name));
  const range = palette.filter((_, i) => there.has(all[i]!));
  const looks = looksOf(panels, all);
  const channel = (scale: object) => ({
    field: 'name',
    type: 'nominal',
    title: legend ?? null,
    scale: { domain: names, ...scale },
    // One name needs no legend: the title says it. Several channels of one field make one legend.
    legend:
      names.length === 1
        ? null
        : {
            orient: 'bottom',
            columns: Math.min(6, names.length),
            columnPadding: 16,
            labelLimit: 300,
            symbolSize: 110,
            symbolStrokeWidth: 2,
            symbolOpacity: 1,
          },
  });
  const color: Encoding = {
    color: channel({ range }),
    shape: channel({ range: names.map((name) => looks.get(name)!.shape) }),
    strokeDash: channel({ range: names.map((name) => looks.get(name)!.dash) }),
  };
  const yValues = sameY ? panels.flatMap((panel) => valuesOf(panel)) : [];
  // Titles stand at one height: where one panel of a row has a second line, the others have an empty one.
  const second = panels.some(({ subtitle }) => subtitle);
  const drawn = panels
    .map((panel) => (second ? { ...panel, subtitle: panel.subtitle || ' ' } : panel))
    .map((panel) => panelSpec(panel, color, { width, height }, yValues, legend))
    .filter((panel) => panel !== undefined);
  if (drawn.length === 0) throw new NothingToDraw(`nothing to draw in ${panels.map(({ title }) => title).join(', ')}`);
  const rows = Array.from({ length: Math.ceil(drawn.length / columns) }, (_, i) => ({
    hconcat: drawn.slice(i * columns, (i + 1) * columns),
    spacing: 24,
  }));
  const spec = rows.length === 1 ? rows[0]! : { vconcat: rows, spacing: 24 };
  return chart(spec as unknown as TopLevelSpec, { alt });
}

/** Names that end in a number (`λ = 0.01`) in the order of their numbers, so that dark to light means small to large; others as they are. */
function byNumber(names: readonly string[]): string[] {
  const numbers = new Map(names.map((name) => [name, Number(/= (\S+)$/.exec(name)?.[1])]));
  if (![...numbers.values()].every(Number.isFinite)) return [...names];
  return names.toSorted((a, b) => numbers.get(a)! - numbers.get(b)!);
}

interface Look {
  shape: string;
  dash: readonly number[];
}

/** Every series by how its name is first drawn: with points of a shape of its own, or as a line, dashed or not. */
function looksOf(panels: readonly LinePanel[], all: readonly string[]): Map<string, Look> {
  const first = new Map<string, Series['mark']>();
  for (const { name, mark } of panels.flatMap(({ series }) => series)) if (!first.has(name)) first.set(name, mark);
  return new Map(
    all.map((name, i) => {
      const mark = first.get(name) ?? 'line and points';
      const pointed = mark.endsWith('points') || mark === 'hollow';
      return [
        name,
        { shape: pointed ? SHAPES[i % SHAPES.length]! : 'stroke', dash: mark === 'dashed' ? DASHED : [1, 0] },
      ];
    }),
  );
}

/** The channels by which the series of all panels differ. */
interface Encoding {
  color: object;
  shape: object;
  strokeDash: object;
}

/** Whether the axes of a panel have a place for a point. */
function drawable({ x: xAxis, y: yAxis }: LinePanel): (point: LinePoint) => boolean {
  return ({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && (!xAxis.log || x > 0) && (!yAxis.log || y > 0);
}

interface Value {
  name: string;
  mark: NonNullable<Series['mark']>;
  x: number;
  /** Where it stands on the x axis: x, or beside it. */
  at: number;
  y: number;
  low?: number;
  high?: number;
}

/** From one series to the next where they stand side by side, as a factor. */
const ASIDE = 1.07;

function valuesOf(panel: LinePanel): Value[] {
  const { series, beside = false } = panel;
  const names = [...new Set(series.map(({ name }) => name))];
  const aside = (name: string) => (beside ? ASIDE ** (names.indexOf(name) - (names.length - 1) / 2) : 1);
  return series.flatMap(({ name, points, mark = 'line and points' }) =>
    points.filter(drawable(panel)).map(({ x, y, low, high }) => ({
      name,
      mark,
      x: short(x),
      at: short(x * aside(name)),
      y: short(y),
      ...(Number.isFinite(low) && Number.isFinite(high) && { low: short(low!), high: short(high!) }),
    })),
  );
}

/** The values behind the means of a panel, each where its mean stands. */
function seedsOf(panel: LinePanel, values: readonly Value[]): Omit<Value, 'mark'>[] {
  return panel.series.flatMap(({ name, points }) =>
    points.filter(drawable(panel)).flatMap(({ x, seeds = [] }) => {
      const mean = values.find((value) => value.name === name && value.x === short(x));
      const seen = seeds.filter((y) => Number.isFinite(y));
      return mean === undefined || seen.length < 2
        ? []
        : seen.map((y) => ({ name, x: mean.x, at: mean.at, y: short(y) }));
    }),
  );
}

function panelSpec(
  panel: LinePanel,
  { color, shape, strokeDash }: Encoding,
  size: { width: number; height: number },
  otherPanels: readonly Value[],
  legend: string | undefined,
): object | undefined {
  const values = valuesOf(panel);
  if (values.length === 0) return undefined;
  const dots = seedsOf(panel, values);
  const verticals = (panel.verticals ?? []).filter(({ x }) => !panel.x.log || x > 0);
  const x = axis('at', panel.x, [...values.map((value) => value.at), ...verticals.map((vertical) => vertical.x)]);
  const y = axis('y', panel.y, [
    ...[...values, ...otherPanels].flatMap((value) => [
      value.y,
      ...(value.low === undefined ? [] : [value.low, value.high!]),
    ]),
    ...dots.map((dot) => dot.y),
  ]);
  const banded = values.filter(({ mark, low }) => (mark === 'line' || mark === 'dashed') && low !== undefined);
  const barred = values.filter((value) => value.low !== undefined && !banded.includes(value));
  const of = (...marks: Series['mark'][]) => values.filter((value) => marks.includes(value.mark));
  const tooltip = [
    { field: 'name', title: legend ?? 'curve' },
    { field: 'x', title: panel.x.title },
    { field: 'y', title: panel.y.title },
    ...(values.some(({ low }) => low !== undefined)
      ? [
          { field: 'low', title: 'from' },
          { field: 'high', title: 'to' },
        ]
      : []),
  ];
  const layer = [
    verticals.length > 0 && {
      data: { values: verticals.map(({ x: at, ...rest }) => ({ at, ...rest })) },
      mark: { type: 'rule', strokeDash: [4, 3], ...(verticals.some(({ name }) => !name) && { color: GUIDE }) },
      encoding: { x, ...(verticals.every(({ name }) => name) && { color }) },
    },
    banded.length > 0 && {
      data: { values: banded },
      mark: { type: 'area', opacity: 0.18, line: false },
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
    },
    barred.length > 0 && {
      data: { values: barred },
      mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.6 },
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
    },
    dots.length > 0 && {
      data: { values: dots },
      mark: { type: 'point', size: 9, filled: true, opacity: 0.75 },
      encoding: { x, y, color, tooltip },
    },
    lineLayer(of('line and points', 'line'), { strokeWidth: 1.5 }),
    lineLayer(of('dashed'), { strokeWidth: 1.4, strokeDash: DASHED }),
    lineLayer(of('steps'), { strokeWidth: 1.5, interpolate: 'step-after' }),
    pointLayer(of('line and points', 'points'), { filled: true }),
    pointLayer(of('hollow'), { fill: '#ffffff', strokeWidth: 1.4 }),
    scalesLayer(),
  ].filter((part) => part !== false && part !== undefined);
  const { title: text, subtitle } = panel;
  return { ...size, title: subtitle ? { text, subtitle } : text, layer };

  function lineLayer(rows: typeof values, style: object) {
    return rows.length > 0 && { data: { values: rows }, mark: { type: 'line', ...style }, encoding: { x, y, color } };
  }
  /** Draws nothing: brings the scales that the legend's symbols use, also where no series has points or dashes. */
  function scalesLayer() {
    return {
      data: { values: values.slice(0, 1) },
      mark: { type: 'point', opacity: 0 },
      encoding: { x, y, color, shape, strokeDash },
    };
  }
  function pointLayer(rows: typeof values, style: object) {
    return (
      rows.length > 0 && {
        data: { values: rows },
        mark: { type: 'point', size: 34, ...style },
        encoding: { x, y, color, shape, tooltip },
      }
    );
  }
}

/** A logarithmic axis ends at its data; a linear one has a little air, so that no label stands above its panel. */
function axis(field: 'at' | 'y', { title, log, format, reach = [] }: AxisOptions, drawn: readonly number[]) {
  const values = [...drawn, ...reach];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (log) {
    const domain = [low / 1.4, high * 1.4];
    return { field, type: 'quantitative', scale: { type: 'log', nice: false, domain }, axis: ticks(title, domain) };
  }
  const air = (high - low) * 0.06 || Math.abs(high) * 0.06 || 1;
  return {
    field,
    type: 'quantitative',
    title,
    scale: { nice: false, zero: false, domain: [low - air, high + air] },
    // Two decimals would name neighbouring ticks alike.
    axis: { tickCount: 6, ...(format && { format: high - low < 0.05 ? '.3f' : format }) },
  };
}

/** Powers of ten, at most seven or so. */
function ticks(title: string, [low, high]: number[]) {
  const between = ticksBetweenPowers(low!, high!);
  if (between) return { title, values: between, format: '~g', grid: false };
  const powers = Math.floor(Math.log10(high!)) - Math.ceil(Math.log10(low!)) + 1;
  return { ...logAxis(title, [low!, high!], { stride: Math.ceil(powers / 7) }), grid: false };
}
