/** A cell's outputs as HTML, by MIME type. */
import { stripVTControlCharacters } from 'node:util';
import { escapeHtml, formula, markdown, scriptJson } from './html.ts';
import { type Bundle, type Output, svgOf, textOf, vegaLiteOf } from './notebook.ts';
import { sanitizeHtml } from './sanitize.ts';
import { type ChartFile, chartFiles } from './take-along.ts';
import { VERDICT_MIME } from './verdict.ts';

/** Which scripts a page needs for the outputs rendered so far, how many charts it holds, and what of them can be taken along. */
export interface Needs {
  /** The workbook, after which the files of its charts are named. */
  workbook: string;
  vega: boolean;
  plotly: boolean;
  charts: number;
  files: ChartFile[];
  /** What charts draw themselves from, by the id of their place. */
  specs: Record<string, unknown>;
  /** Before every id, so that several workbooks can stand in one document. */
  prefix: string;
  /** Whether pages carry specifications and still pictures; a document that brings them packed leaves them out. */
  inPlace: boolean;
}

export const noNeeds = (workbook = 'workbook', { prefix = '', inPlace = true } = {}): Needs => ({
  workbook,
  vega: false,
  plotly: false,
  charts: 0,
  files: [],
  specs: {},
  prefix: escapeHtml(prefix),
  inPlace,
});

/** Where the files of charts lie, beside the pages. */
export const TAKE_ALONG_FOLDER = 'take-along';

/** The links below a chart to what can be taken along of it. */
function takeAlong(data: Bundle, needs: Needs): string {
  const files = chartFiles(data, `${needs.workbook}-chart-${needs.charts}`);
  needs.files.push(...files);
  if (files.length === 0) return '';
  const links = files.map(
    ({ name, label }) =>
      `<a href="${TAKE_ALONG_FOLDER}/${encodeURIComponent(name)}" download="${escapeHtml(name)}">${label}</a>`,
  );
  return `<p class="take-along">Take along: ${links.join(' · ')}</p>`;
}

/** The text alternative of a picture: what the SVG or the specification says of itself. */
function alternative(data: Bundle): string {
  const svg = svgOf(data) ?? '';
  const spec = Object.entries(data).find(([mime]) => mime.startsWith('application/vnd.vegalite'))?.[1] as
    { description?: unknown } | undefined;
  const title = /<title[^>]*>([^<]+)<\/title>/.exec(svg)?.[1];
  const label = /aria-label="([^"]+)"/.exec(svg)?.[1];
  return typeof spec?.description === 'string' ? spec.description : (title ?? label ?? 'chart');
}

function picture(data: Bundle): string | undefined {
  const alt = escapeHtml(alternative(data));
  // As an image and not inline: two inline SVGs would share the names of their clip paths.
  const svg = svgOf(data);
  if (svg !== undefined) {
    return `<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}" alt="${alt}">`;
  }
  for (const mime of ['image/png', 'image/jpeg']) {
    if (mime in data)
      return `<img src="data:${mime};base64,${textOf(data[mime]).replaceAll(/[^A-Za-z0-9+/=]/g, '')}" alt="${alt}">`;
  }
  return undefined;
}

/** A chart that draws itself over its static picture, which stays when it cannot. */
function liveChart(kind: 'vega' | 'plotly', spec: unknown, data: Bundle, needs: Needs): string {
  needs[kind] = true;
  const id = `${needs.workbook}-chart-${++needs.charts}`;
  needs.specs[id] = spec;
  const alt = escapeHtml(alternative(data));
  const still = (needs.inPlace ? picture(data) : undefined) ?? `<p class="still">${alt}</p>`;
  const own = needs.inPlace
    ? `<script type="application/json" id="${escapeHtml(id)}-spec">${scriptJson(spec)}</script>`
    : '';
  return `<div class="chart" id="${escapeHtml(id)}" data-kind="${kind}" data-alt="${alt}">${still}</div>${own}${takeAlong(data, needs)}`;
}

function bundleHtml(data: Bundle, needs: Needs): string {
  const verdict = VERDICT_MIME in data;
  const vegaLite = vegaLiteOf(data);
  if (vegaLite !== undefined) return liveChart('vega', vegaLite, data, needs);
  const plotly = data['application/vnd.plotly.v1+json'];
  if (plotly !== undefined) return liveChart('plotly', plotly, data, needs);
  const image = picture(data);
  if (image !== undefined) return image;
  if ('text/html' in data) return `<div class="html">${sanitizeHtml(textOf(data['text/html']))}</div>`;
  if ('text/markdown' in data)
    return `<div class="${verdict ? 'verdict' : 'markdown'}">${markdown(textOf(data['text/markdown']))}</div>`;
  if ('text/latex' in data) return formula(textOf(data['text/latex']).replaceAll(/^\$+|\$+$/g, ''), true);
  return `<pre>${plain(data['text/plain'] ?? Object.keys(data).join(', '))}</pre>`;
}

/** Text as a terminal would have left it: no colours, and of a line written over with carriage returns the last state. */
function plain(text: unknown): string {
  const lines = stripVTControlCharacters(textOf(text)).split('\n');
  return escapeHtml(lines.map((line) => line.replace(/\r$/, '').split('\r').at(-1) ?? '').join('\n'));
}

/** HTML of one output. Notes in `needs` what its page must load. */
export function outputHtml(output: Output, needs: Needs): string {
  switch (output.output_type) {
    case 'stream':
      return `<pre class="stream ${output.name === 'stderr' ? 'stderr' : 'stdout'}">${plain(output.text)}</pre>`;
    case 'error':
      return `<pre class="error">${plain(output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`)}</pre>`;
    default:
      return bundleHtml(output.data, needs);
  }
}
