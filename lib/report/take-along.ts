/** What a reader can take along of a chart: its data as CSV, itself as SVG and PNG, under a name that says where it comes from. */
import { csvFormat, csvParse } from 'd3-dsv';
import { type Bundle, svgOf, textOf, vegaLiteOf } from './notebook.ts';

/** A file beside the report's pages. */
export interface ChartFile {
  /** `figure-2-chart-1.csv` */
  name: string;
  /** Shown on the link. */
  label: 'CSV' | 'SVG' | 'PNG';
  data: string | Buffer;
}

type Row = Record<string, unknown>;

/** A table of a chart, under the title of the panel that draws it. */
interface Table {
  panel: string;
  rows: readonly Row[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text of a vega-lite title: a string, lines, or an object with a text. */
function titleText(title: unknown): string | undefined {
  if (typeof title === 'string') return title;
  if (Array.isArray(title)) return title.map(String).join(' ');
  return isObject(title) ? titleText(title['text']) : undefined;
}

/** The rows of a vega-lite data block with inline values; undefined for data of another kind. */
function rowsOf(data: unknown): Row[] | undefined {
  if (!isObject(data)) return undefined;
  const { values } = data;
  if (typeof values === 'string') return [...csvParse(values)];
  return Array.isArray(values) ? values.map((value) => (isObject(value) ? value : { value })) : undefined;
}

/** Every inline table of a vega-lite specification, in the order of its panels. */
function vegaLiteTables(part: unknown, panel = ''): Table[] {
  if (Array.isArray(part)) return part.flatMap((each) => vegaLiteTables(each, panel));
  if (!isObject(part)) return [];
  const here = titleText(part['title']) ?? panel;
  const rows = rowsOf(part['data']);
  const own = rows === undefined ? [] : [{ panel: here, rows }];
  const below = ['layer', 'hconcat', 'vconcat', 'concat', 'spec'].flatMap((key) => vegaLiteTables(part[key], here));
  return [...own, ...below];
}

/** How Plotly writes lists of numbers in binary. */
const TYPED = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

/** The values of a list of a Plotly trace, written out or in binary; undefined for a matrix or no list at all. */
function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value.every((each) => !Array.isArray(each)) ? value : undefined;
  if (!isObject(value) || typeof value['bdata'] !== 'string' || value['shape'] !== undefined) return undefined;
  const dtype = String(value['dtype']);
  if (!(dtype in TYPED)) return undefined;
  const bytes = Uint8Array.from(Buffer.from(value['bdata'], 'base64'));
  const numbers = [...new TYPED[dtype as keyof typeof TYPED](bytes.buffer)];
  // A float32 has 7 digits; the others of its double are no one's measurement.
  return dtype === 'f4' ? numbers.map((number) => Number(number.toPrecision(7))) : numbers;
}

/** One table a trace of a Plotly figure: its lists of one length. */
function plotlyTables(figure: unknown): Table[] {
  const traces = isObject(figure) && Array.isArray(figure['data']) ? figure['data'].filter(isObject) : [];
  return traces.map((trace, at) => {
    const lists = ['x', 'y', 'z', 'text'].flatMap((key) => {
      const list = listOf(trace[key]);
      return list === undefined ? [] : [{ key, list }];
    });
    const length = Math.max(0, ...lists.map(({ list }) => list.length));
    const rows = Array.from({ length }, (_, i) => Object.fromEntries(lists.map(({ key, list }) => [key, list[i]])));
    return { panel: typeof trace['name'] === 'string' ? trace['name'] : `trace ${at + 1}`, rows };
  });
}

/** All tables as one CSV text, the panel in the first column where there are several. Undefined where there are no rows. */
function toCsv(tables: readonly Table[]): string | undefined {
  // Layers that draw the same rows bring them once.
  const seen = new Set<string>();
  const distinct = tables.filter(({ panel, rows }) => {
    const key = JSON.stringify([panel, rows]);
    return rows.length > 0 && !seen.has(key) && seen.add(key);
  });
  if (distinct.length === 0) return undefined;
  const several = distinct.length > 1;
  const rows = distinct.flatMap(({ panel, rows: own }) => own.map((row) => (several ? { panel, ...row } : row)));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return `${csvFormat(rows as Record<string, string>[], columns)}\n`;
}

/** The data of a chart as CSV, or undefined for a bundle that is no chart or carries no rows. */
export function chartCsv(data: Bundle): string | undefined {
  const spec = vegaLiteOf(data);
  if (spec !== undefined) return toCsv(vegaLiteTables(spec));
  const figure = data['application/vnd.plotly.v1+json'];
  return figure === undefined ? undefined : toCsv(plotlyTables(figure));
}

/** The files of a chart, named after `stem` (`figure-2-chart-1`): those that it has. */
export function chartFiles(data: Bundle, stem: string): ChartFile[] {
  const csv = chartCsv(data);
  const files: ChartFile[] = [];
  if (csv !== undefined) files.push({ name: `${stem}.csv`, label: 'CSV', data: csv });
  const svg = svgOf(data);
  if (svg !== undefined) files.push({ name: `${stem}.svg`, label: 'SVG', data: svg });
  if ('image/png' in data) {
    files.push({ name: `${stem}.png`, label: 'PNG', data: Buffer.from(textOf(data['image/png']), 'base64') });
  }
  return files;
}
