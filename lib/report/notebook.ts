/** What the report reads of a Jupyter notebook (nbformat 4). */
import { readFileSync } from 'node:fs';
import { sanitizeSvg } from './sanitize.ts';
import { parseVerdict, type Verdict, VERDICT_MIME } from './verdict.ts';

/** Representations by MIME type. */
export type Bundle = Record<string, unknown>;

export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string | string[] }
  | { output_type: 'display_data' | 'execute_result'; data: Bundle; metadata?: Bundle }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

export interface Cell {
  cell_type: 'markdown' | 'code' | 'raw';
  source: string | string[];
  metadata: { tags?: string[]; [name: string]: unknown };
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
}

/** nbformat splits texts into lines at will. */
export const textOf = (value: unknown): string => (Array.isArray(value) ? value.join('') : String(value));

export function readNotebook(file: string): Notebook {
  const notebook = JSON.parse(readFileSync(file, 'utf8')) as Notebook;
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new Error(`${file} is not a notebook of format 4 (it says ${notebook.nbformat})`);
  }
  return notebook;
}

/** The first `# heading` of the first markdown cell that has one. */
export function titleOf(notebook: Notebook): string | undefined {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== 'markdown') continue;
    const title = /^# +(.+)$/m.exec(textOf(cell.source))?.[1];
    if (title !== undefined) return title.trim();
  }
  return undefined;
}

const bundles = (cells: Cell[]): Bundle[] =>
  cells.flatMap((cell) => (cell.outputs ?? []).flatMap((output) => ('data' in output ? [output.data] : [])));

/** The workbook's verdict, or undefined where it gives none. Throws when it is malformed or there are several. */
export function verdictOf(notebook: Notebook): Verdict | undefined {
  const verdicts = bundles(notebook.cells).flatMap((data) => (VERDICT_MIME in data ? [data[VERDICT_MIME]] : []));
  if (verdicts.length > 1) throw new Error(`the workbook gives ${verdicts.length} verdicts and may give one`);
  return verdicts.length === 0 ? undefined : parseVerdict(verdicts[0]);
}

/** The vega-lite specification of a bundle, of whatever version; undefined where it has none. */
export const vegaLiteOf = (data: Bundle): unknown =>
  Object.entries(data).find(([mime]) => /^application\/vnd\.vegalite\.v\d+\+json$/.test(mime))?.[1];

/** The SVG picture of a bundle, without what could run in it; undefined where it has none. */
export const svgOf = (data: Bundle): string | undefined =>
  'image/svg+xml' in data ? sanitizeSvg(textOf(data['image/svg+xml'])) : undefined;

export interface Picture {
  extension: 'svg' | 'png';
  data: Buffer;
}

const hasPicture = (cell: Cell): boolean =>
  bundles([cell]).some((data) => 'image/svg+xml' in data || 'image/png' in data);

/** The cell that shows the figure: the first with a picture among those tagged `figure`, or among all when none is tagged. */
export function figureCellOf(notebook: Notebook): Cell | undefined {
  const tagged = notebook.cells.filter((cell) => cell.metadata.tags?.includes('figure'));
  return (tagged.length > 0 ? tagged : notebook.cells).find(hasPicture);
}

/** The first picture of the cell that shows the figure. */
export function pictureOf(notebook: Notebook): Picture | undefined {
  const cell = figureCellOf(notebook);
  for (const data of cell === undefined ? [] : bundles([cell])) {
    const svg = svgOf(data);
    if (svg !== undefined) return { extension: 'svg', data: Buffer.from(svg) };
    if ('image/png' in data) return { extension: 'png', data: Buffer.from(textOf(data['image/png']), 'base64') };
  }
  return undefined;
}

/** Width over height from which a picture counts as one of panels beside each other. */
const WIDE = 2.4;

/** Whether a picture needs more width than half a page. */
export function isWide({ extension, data }: Picture): boolean {
  if (extension === 'png') return data.length >= 24 && data.readUInt32BE(16) > WIDE * data.readUInt32BE(20);
  const [, width, height] = /viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"/.exec(data.toString()) ?? [];
  return Number(width) > WIDE * Number(height);
}
