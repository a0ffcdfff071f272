/** The whole report as one HTML file that opens from a mail: pages in place, drawing libraries, charts and data packed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assetFile, PLOTLY_SCRIPTS, VEGA_SCRIPTS } from '../report/assets.ts';
import type { Difference } from '../report/difference.ts';
import { indexMain } from '../report/front.ts';
import { escapeHtml } from '../report/html.ts';
import { type Picture, pictureOf } from '../report/notebook.ts';
import { noNeeds, TAKE_ALONG_FOLDER } from '../report/outputs.ts';
import { numbersOf, texOf } from '../report/numbers.ts';
import { workbookMain } from '../report/page.ts';
import { contentSecurityPolicy } from '../report/policy.ts';
import { ROOT } from '../runs/index.ts';
import type { Made } from '../report/made.ts';

const MAIL_LIMIT = 8_000_000;

const pageId = (name: string): string => `page-${name}`;

/** gzip in base64, as single.js unpacks it. */
const packed = (id: string, text: string): string =>
  `<script type="text/plain" id="packed-${escapeHtml(id)}">${gzipSync(text, { level: 9 }).toString('base64')}</script>`;

const dataUri = ({ extension, data }: Picture): string =>
  `data:image/${extension === 'svg' ? 'svg+xml' : 'png'};base64,${data.toString('base64')}`;

const LINK = /href="(?:([\w-]+)\.html)?(?:#([\w-]+))?"/g;

/** Links between pages as links within the document. */
function withinDocument(html: string, prefix: string, names: readonly string[]): string {
  return html
    .replaceAll(LINK, (whole, page: string | undefined, place: string | undefined) => {
      if (page === undefined) return whole;
      if (page === 'index') return `href="#${place ?? pageId('index')}"`;
      if (!names.includes(page)) return whole;
      return place === undefined ? `href="#${pageId(page)}"` : `href="#${page}-${place}"`;
    })
    .replaceAll(
      new RegExp(`<a href="${TAKE_ALONG_FOLDER}/[^"]*" download="([^"]*)">(\\w+)</a>`, 'g'),
      (_, file, label) => `<button type="button" class="link" data-file="${file}">${label}</button>`,
    )
    .replaceAll(/(<a href="#)(figure|verdict|how)"/g, `$1${prefix}$2"`);
}

/** PNG would not shrink: it is in the zip. */
const packable = ({ label }: { label: string }): boolean => label !== 'PNG';

/** One workbook: its page, and the packed specifications and files of its charts. */
function section({ summary, notebook }: Made, names: readonly string[]): { html: string; kinds: string[] } {
  const { name, title } = summary;
  const prefix = `${name}-`;
  const needs = noNeeds(name, { prefix, inPlace: false });
  const main = workbookMain(notebook, summary, needs);
  const files = Object.fromEntries(needs.files.filter(packable).map((file) => [file.name, file.data.toString()]));
  const withoutPng = main.replaceAll(/ · <a href="[^"]*" download="[^"]*\.png">PNG<\/a>/g, '');
  const html = `<div data-page="${escapeHtml(title)}" id="${escapeHtml(pageId(name))}">
<nav><a href="#${pageId('index')}">All figures</a> <button type="button" class="show-code">Show all code</button></nav>
${withinDocument(withoutPng, prefix, names)}
${needs.charts > 0 ? packed(pageId(name), JSON.stringify({ specs: needs.specs, files })) : ''}
</div>`;
  return { html, kinds: [...(needs.vega ? ['vega'] : []), ...(needs.plotly ? ['plotly'] : [])] };
}

/** Files that the first page leads to. */
const textsOf = (made: readonly Made[]): Map<string, string> => {
  const numbers = numbersOf(made.map(({ summary }) => summary));
  return new Map([
    ...['LICENSE', 'CITATION.cff'].map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const),
    ['numbers.json', JSON.stringify(numbers, null, 2)],
    ['numbers.tex', texOf(numbers)],
  ]);
};

const textPage = ([file, text]: readonly [string, string]): string => `<div data-page="${file}" id="${pageId(file)}">
<nav><a href="#${pageId('index')}">All figures</a></nav>
<main><h1>${file}</h1><pre>${escapeHtml(text)}</pre></main>
</div>`;

const scriptText = (name: string): string => readFileSync(assetFile(name), 'utf8');

/**
 * A report as one HTML document: nothing is fetched, its charts are live, and data and pictures can be saved out of it.
 * @throws Error when it came out larger than what mail servers let through
 */
export function singleFile(made: readonly Made[], difference?: Difference): string {
  const names = made.map(({ summary }) => summary.name);
  const pictures = new Map(
    made.flatMap(({ summary, notebook }) => {
      const picture = pictureOf(notebook);
      return summary.picture === undefined || picture === undefined
        ? []
        : [[summary.picture, dataUri(picture)] as const];
    }),
  );
  const own = withinDocument(
    indexMain(
      made.map(({ summary }) => summary),
      difference,
    ),
    '',
    names,
  );
  const texts = textsOf(made);
  const front = [...texts.keys()]
    .reduce((html, file) => html.replace(`href="${file}"`, `href="#${pageId(file)}"`), own)
    .replaceAll(/<img src="([^"]+)"/g, (whole, file: string) =>
      pictures.has(decodeURIComponent(file)) ? `<img src="${pictures.get(decodeURIComponent(file))}"` : whole,
    );
  const sections = made.map((each) => section(each, names));

  const engines = { vega: VEGA_SCRIPTS, plotly: PLOTLY_SCRIPTS };
  const packedEngines = Object.entries(engines)
    .filter(([kind]) => sections.some(({ kinds }) => kinds.includes(kind)))
    .map(([kind, scripts]) => ({ kind, text: scripts.map(scriptText).join('\n;\n') }));
  const scripts = [scriptText('charts.js'), readFileSync(join(import.meta.dirname, 'single.js'), 'utf8')];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${contentSecurityPolicy([...scripts, ...packedEngines.map(({ text }) => text)])}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>l2-dynamics: the figures</title>
<link rel="icon" href="data:,">
<style>${readFileSync(assetFile('report.css'), 'utf8')}</style>
</head>
<body>
<div data-page="l2-dynamics: the figures" id="${pageId('index')}">
${front}
</div>
${sections.map((each) => each.html).join('\n')}
${[...texts].map(textPage).join('\n')}
${packedEngines.map(({ kind, text }) => packed(kind, text)).join('\n')}
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
  const size = Buffer.byteLength(html);
  if (size > MAIL_LIMIT)
    throw new Error(
      `the one-file report has ${(size / 1e6).toFixed(1)} MB, more than the ${MAIL_LIMIT / 1e6} MB that go by mail; the zip has everything`,
    );
  return html;
}
