import { inspect } from 'node:util';
import { imageType } from './images.ts';
import type { MimeBundle } from './protocol.ts';

/** Views by shape of what no library's class tells: elements, images, tables of rows, Arrow tables, other people's methods. */
type View = (value: object) => MimeBundle | undefined | Promise<MimeBundle | undefined>;

const ROWS = 20;
const COLUMNS = 30;

/** DOM elements of jsdom, linkedom and the like: SVG as a picture, all else as HTML. */
export const elementView: View = (value) => {
  const { nodeType, outerHTML, documentElement } = value as Partial<Element> & { documentElement?: Partial<Element> };
  const element = nodeType === 9 ? documentElement?.outerHTML : nodeType === 1 ? outerHTML : undefined;
  if (typeof element !== 'string') return undefined;
  if (!/^<svg[\s>]/i.test(element)) return { 'text/html': element };
  return { 'image/svg+xml': withNamespace(element) };
};

interface Element {
  nodeType: number;
  outerHTML: string;
}

/** Inside HTML an svg needs no namespace; as a picture of its own it does. */
function withNamespace(svg: string): string {
  const head = /^<svg[^>]*>/i.exec(svg)?.[0] ?? '';
  const missing = [
    /\sxmlns=/.test(head) ? '' : ' xmlns="http://www.w3.org/2000/svg"',
    svg.includes('xlink:') && !head.includes('xmlns:xlink') ? ' xmlns:xlink="http://www.w3.org/1999/xlink"' : '',
  ].join('');
  return missing === '' ? svg : `<svg${missing}${svg.slice(4)}`;
}

/** Bytes that are a PNG, JPEG, GIF or WebP, and Blobs that are or say so. */
export const imageView: View = (value) => {
  if (value instanceof Uint8Array) return bytesView(value);
  if (value instanceof ArrayBuffer) return bytesView(new Uint8Array(value));
  return value instanceof Blob && value.size <= LARGEST_IMAGE ? blobView(value) : undefined;
};

async function blobView(value: Blob): Promise<MimeBundle | undefined> {
  const bytes = new Uint8Array(await value.arrayBuffer());
  if (value.type === 'image/svg+xml') return { 'image/svg+xml': Buffer.from(bytes).toString('utf8') };
  return bytesView(bytes) ?? (/^image\/\w+/.test(value.type) ? { [value.type]: bytes } : undefined);
}

const LARGEST_IMAGE = 50e6;

function bytesView(bytes: Uint8Array): MimeBundle | undefined {
  const type = imageType(bytes);
  if (type === undefined || bytes.length > LARGEST_IMAGE) return undefined;
  return { [type]: bytes, 'text/plain': `<${type}, ${bytes.length.toLocaleString('en')} bytes>` };
}

/** Canvases as node-canvas and its kin make them. */
export const canvasView: View = (value) => {
  const { toDataURL, getContext, width } = value as Record<string, unknown>;
  if (typeof toDataURL !== 'function' || typeof getContext !== 'function' || typeof width !== 'number')
    return undefined;
  const data = /^data:image\/png;base64,(.*)$/s.exec(String(toDataURL.call(value)))?.[1];
  return data === undefined ? undefined : { 'image/png': data };
};

/** Rows that all have the same keys: a table of the first ones. */
export const rowsView: View = (value) => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const rows = value as unknown[];
  const columns = columnsOf(rows);
  if (columns === undefined) return undefined;
  const shown = (rows.slice(0, ROWS) as Row[]).map((row) => columns.map((name) => row[name]));
  return { 'text/html': table(columns, shown, rows.length), 'text/plain': plain(value) };
};

type Row = Record<string, unknown>;

/** Looked at closely: at most this many rows. */
const EXAMINED = 1000;

/** The keys of the rows where all are plain objects alike: each has at least half of the keys that there are. */
function columnsOf(rows: readonly unknown[]): string[] | undefined {
  const columns = new Set<string>();
  let fewest = Infinity;
  for (const row of rows.slice(0, EXAMINED)) {
    if (!isPlain(row)) return undefined;
    const keys = Object.keys(row);
    // What is nested deeply is told better by a text.
    if (keys.some((key) => isNested(Object.getOwnPropertyDescriptor(row, key)))) return undefined;
    for (const key of keys) columns.add(key);
    fewest = Math.min(fewest, keys.length);
    if (columns.size === 0 || columns.size > COLUMNS || fewest < columns.size / 2) return undefined;
  }
  return [...columns];
}

function isNested(property: PropertyDescriptor | undefined): boolean {
  const value: unknown = property?.value;
  if (property?.get !== undefined || typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value);
}

function isPlain(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (prototype as object).constructor?.name === 'Object';
}

interface ArrowTable {
  schema: { fields: { name: string; type: unknown }[] };
  numRows: number;
  get(index: number): { toJSON?(): Row } | null;
}

/** Apache Arrow's tables and record batches. */
export const arrowView: View = (value) => {
  const { schema, numRows, get } = value as Partial<ArrowTable>;
  if (!Array.isArray(schema?.fields) || typeof numRows !== 'number' || typeof get !== 'function') return undefined;
  const names = schema.fields.map(({ name }) => String(name)).slice(0, COLUMNS);
  const rows = Array.from({ length: Math.min(numRows, ROWS) }, (_, at) => {
    const row = get.call(value, at) as (Row & { toJSON?(): Row }) | null;
    const plainRow = row?.toJSON?.() ?? row ?? {};
    return names.map((name) => plainRow[name]);
  });
  const text = [names.join('\t'), ...rows.map((row) => row.map(cellText).join('\t'))].join('\n');
  const types = schema.fields.map(({ name, type }) => `${name}: ${String(type)}`).join(', ');
  return {
    'text/html': table(names, rows, numRows),
    'text/plain': `Table of ${numRows} rows: ${types}\n${text}`,
  };
};

/** What libraries of tables and charts call the method that shows them. */
const METHODS: [string, string][] = [
  ['toHTML', 'text/html'],
  ['_repr_html_', 'text/html'],
  ['_repr_svg_', 'image/svg+xml'],
  ['_repr_markdown_', 'text/markdown'],
  ['_repr_latex_', 'text/latex'],
  ['_repr_png_', 'image/png'],
  ['_repr_jpeg_', 'image/jpeg'],
];

export const methodView: View = (value) => {
  const hasOne = METHODS.some(([name]) => typeof (value as Record<string, unknown>)[name] === 'function');
  return hasOne ? callMethods(value) : undefined;
};

async function callMethods(value: object): Promise<MimeBundle | undefined> {
  const bundle: MimeBundle = {};
  for (const [name, type] of METHODS) {
    const method = (value as Record<string, unknown>)[name];
    if (typeof method !== 'function' || type in bundle) continue;
    const data: unknown = await (method as () => unknown).call(value);
    if (typeof data === 'string' || data instanceof Uint8Array) bundle[type] = data;
  }
  return Object.keys(bundle).length === 0 ? undefined : bundle;
}

/** An HTML table of rows, with the count of all that there are. */
export function table(columns: readonly unknown[], rows: readonly (readonly unknown[])[], count: number): string {
  const head = columns.map((name) => `<th>${escape(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((each) => `<td>${escape(cellText(each))}</td>`).join('')}</tr>`);
  const shown = rows.length < count ? `first ${rows.length} of ${count.toLocaleString('en')} rows` : `${count} rows`;
  const size = `${count === 1 ? '1 row' : shown} x ${columns.length} columns`;
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table><p>${size}</p>`;
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return inspect(value, { depth: 1, maxArrayLength: 6, maxStringLength: 200, breakLength: Infinity });
}

export function escape(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value);
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** As a cell's result is told where there is no other view. */
export function plain(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
}
