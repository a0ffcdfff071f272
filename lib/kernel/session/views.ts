import { inspect } from 'node:util';
import type { MimeBundle } from './protocol.ts';
import type { Steps } from './steps.ts';
import { arrowView, canvasView, elementView, escape, imageView, methodView, rowsView } from './shapes.ts';

/** A view that the kernel knows for values of other people's classes: recognized by their shape, never imported. */
type View = (value: object) => MimeBundle | undefined;

const ROWS = 20;

/** vega-lite and Vega specifications, in the versions that JupyterLab renders; it reads newer ones as well. */
const vegaView: View = (value) => {
  const { $schema: schema } = value as { $schema?: unknown };
  if (typeof schema !== 'string') return undefined;
  const kind = /\/schema\/(vega-lite|vega)\/v\d/.exec(schema)?.[1];
  if (kind === undefined) return undefined;
  const type = kind === 'vega' ? 'application/vnd.vega.v5+json' : 'application/vnd.vegalite.v5+json';
  return { [type]: value, 'text/plain': `<${kind} chart>` };
};

const plotlyView: View = (value) => {
  const { data, layout, config, frames } = value as Record<string, unknown>;
  const isFigure = Array.isArray(data) && data.length > 0 && data.every(isTrace) && isObject(layout);
  if (!isFigure) return undefined;
  return {
    'application/vnd.plotly.v1+json': { data, layout, ...(config ? { config } : {}), ...(frames ? { frames } : {}) },
    'text/plain': `<Plotly figure, ${data.length} traces>`,
  };
};

function isTrace(value: unknown): boolean {
  return isObject(value) && (typeof value['type'] === 'string' || 'x' in value || 'y' in value || 'z' in value);
}

interface Frame {
  columns: unknown[];
  index: unknown[];
  values: unknown[] | unknown[][];
  shape: [number, number?];
  toString(): string;
}

/** danfo.js DataFrame and Series: a table of the first and last rows. */
const frameView: View = (value) => {
  if (!/^(DataFrame|Series)$/.test(value.constructor?.name ?? '') || !('columns' in value) || !('index' in value)) {
    return undefined;
  }
  const { columns, index, values, shape } = value as Frame;
  const rows = shape[0];
  const shown = rows <= ROWS ? range(0, rows) : [...range(0, ROWS / 2), undefined, ...range(rows - ROWS / 2, rows)];
  const head = ['', ...columns].map((name) => `<th>${escape(name)}</th>`).join('');
  const body = shown.map((row) => {
    if (row === undefined) return `<tr><th>...</th>${'<td>...</td>'.repeat(columns.length)}</tr>`;
    const cells = (Array.isArray(values[row]) ? values[row] : [values[row]]) as unknown[];
    return `<tr><th>${escape(index[row])}</th>${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
  });
  const size = `${rows} rows x ${columns.length} columns`;
  return {
    'text/html': `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table><p>${size}</p>`,
    'text/plain': `${String((value as Frame).toString())}\n${size}`,
  };
};

interface Tensor {
  shape: number[];
  dtype: string;
  size: number;
  isDisposed: boolean;
  dataSync(): ArrayLike<number | string>;
  arraySync(): unknown;
}

/** Beyond this many values a look at a tensor must not fetch them from the device. */
const FETCHED = 1_000_000;

/** tfjs tensors and variables: shape, dtype, values, and what they range over. */
const tensorView: View = (value) => {
  const { shape, dtype, size, isDisposed } = value as Partial<Tensor>;
  if (!Array.isArray(shape) || typeof dtype !== 'string' || typeof (value as Tensor).dataSync !== 'function') {
    return undefined;
  }
  const name = `${value.constructor.name} ${dtype} ${shape.length === 0 ? 'scalar' : shape.join(' x ')}`;
  if (isDisposed === true) return { 'text/plain': `${name}, disposed` };
  if ((size ?? 0) > FETCHED) return { 'text/plain': `${name}, ${size} values` };
  const text = inspect((value as Tensor).arraySync(), { depth: 6, maxArrayLength: 12, breakLength: 100 });
  const statistics = dtype === 'string' ? '' : `\n${statisticsOf((value as Tensor).dataSync() as ArrayLike<number>)}`;
  return { 'text/plain': `${name}\n${text.replaceAll('[ ', '[').replaceAll(' ]', ']')}${statistics}` };
};

function statisticsOf(values: ArrayLike<number>): string {
  let [min, max, sum, odd] = [Infinity, -Infinity, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (!Number.isFinite(value)) odd++;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += ((values[at] as number) - mean) ** 2;
  const parts = { min, max, mean, std: Math.sqrt(squares / values.length) };
  const text = Object.entries(parts).map(([name, value]) => `${name} ${Number(value.toPrecision(6))}`);
  return [...text, ...(odd > 0 ? [`${odd} not finite`] : [])].join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

const VIEWS = [
  vegaView, plotlyView, frameView, tensorView, elementView, imageView, canvasView, arrowView, methodView, rowsView,
]; // prettier-ignore

/** Steps to the richest built-in view of a value (see steps.ts); undefined where plain text is all there is. */
export function* libraryView(value: unknown): Steps<MimeBundle | undefined> {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const view of VIEWS) {
    try {
      const bundle = (yield view(value)) as MimeBundle | undefined;
      if (bundle !== undefined) return bundle;
    } catch {
      // A value that only looks like one of a library's, or one that cannot be looked at: it is shown as text.
    }
  }
  return undefined;
}
