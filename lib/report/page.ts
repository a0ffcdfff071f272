/** A workbook as an HTML page: what is claimed and what came out first, then how, then from what. */
import { PLOTLY_SCRIPTS, VEGA_SCRIPTS } from './assets.ts';
import { escapeHtml, highlight, markdown } from './html.ts';
import { type Cell, figureCellOf, type Notebook, textOf } from './notebook.ts';
import { noNeeds, type Needs, outputHtml } from './outputs.ts';
import { contentSecurityPolicy, loader } from './policy.ts';
import type { Provenance } from './provenance.ts';
import type { ChartFile } from './take-along.ts';
import { type Verdict, VERDICT_MIME, type VerdictPart } from './verdict.ts';

/** What the first page tells of a workbook; kept as JSON beside its page, so that one figure can be made anew alone. */
export interface Summary {
  /** The workbook's file name without `.ipynb`. */
  name: string;
  title: string;
  verdict?: Verdict;
  /** File name of the picture, beside the page. */
  picture?: string;
  /** Whether the picture is so much wider than high that the first page gives it its whole width. */
  wide?: boolean;
  /** Why the workbook did not run to its end. */
  error?: string;
  seconds: number;
  provenance: Provenance;
  /** The checksum of what the page was made from; see inputs.ts. */
  inputs?: string;
}

export function document(title: string, body: string, scripts: readonly string[] = []): string {
  const load = scripts.length > 0 ? [loader(scripts.map((script) => `assets/${script}`))] : [];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${contentSecurityPolicy(load)}
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/report.css">
</head>
<body>
${body}
${load.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

const scriptsFor = (needs: Needs): string[] => [
  ...(needs.vega ? VEGA_SCRIPTS : []),
  ...(needs.plotly ? PLOTLY_SCRIPTS : []),
  ...(needs.charts > 0 ? ['charts.js'] : []),
  'page.js',
];

/** The outputs of a cell, without the verdict, which stands at the head of the page. */
function outputsHtml(cell: Cell, needs: Needs): string {
  const shown = (cell.outputs ?? []).filter((output) => !('data' in output && VERDICT_MIME in output.data));
  const outputs = shown.map((output) => outputHtml(output, needs)).join('\n');
  return outputs === '' ? '' : `<div class="output">${outputs}</div>`;
}

/** Code stays folded: it opens on a click, for all cells at once by the button above. */
function codeHtml(cell: Cell): string {
  const source = textOf(cell.source);
  if (source.trim() === '') return '';
  return `<details class="code"><summary>Code</summary><pre><code>${highlight(source, 'typescript')}</code></pre></details>`;
}

function cellHtml(cell: Cell, needs: Needs, isFigure: boolean): string {
  if (cell.cell_type === 'raw') return '';
  if (cell.cell_type === 'markdown') return `<section class="markdown">${markdown(textOf(cell.source))}</section>`;
  const outputs = isFigure
    ? `<p class="quiet"><a href="#${needs.prefix}figure">The figure</a> stands at the head of this page.</p>`
    : outputsHtml(cell, needs);
  return `<section>${codeHtml(cell)}${outputs}</section>`;
}

/** A notebook's cells without its title, which is the page's own. */
function withoutTitle(cells: readonly Cell[]): Cell[] {
  const at = cells.findIndex((cell) => cell.cell_type === 'markdown' && /^# +.+$/m.test(textOf(cell.source)));
  return cells.map((cell, i) =>
    i === at
      ? {
          ...cell,
          source: textOf(cell.source)
            .replace(/^# +.+$/m, '')
            .trim(),
        }
      : cell,
  );
}

export const badge = (word: string): string =>
  `<span class="badge ${escapeHtml(word.replaceAll(' ', '-'))}">${escapeHtml(word)}</span>`;

function provenanceHtml({ madeAt, commit, dirty, versions, data }: Provenance): string {
  const rows = Object.entries(versions).map(([name, version]) => `${escapeHtml(name)} ${escapeHtml(version)}`);
  const files = data.map(
    ({ path, sha256 }) => `<tr><td>${escapeHtml(path)}</td><td><code>${escapeHtml(sha256)}</code></td></tr>`,
  );
  const list = `<details><summary>Raw logs read: ${data.length} file${data.length === 1 ? '' : 's'} and their SHA-256</summary>
<div class="scroll" tabindex="0" role="region" aria-label="raw logs"><table><thead><tr><th>file</th><th>SHA-256</th></tr></thead><tbody>${files.join('\n')}</tbody></table></div></details>`;
  return `<footer><h2>Provenance</h2>
<p>Made ${escapeHtml(madeAt)} at commit <code>${escapeHtml(commit)}</code>${dirty ? ', with tracked files changed since' : ''}. ${rows.join(', ')}.</p>
${data.length > 0 ? list : '<p>This workbook reads no raw logs.</p>'}</footer>`;
}

/** The mark of a part's verdict, which can be told without colour. */
export const MARKS: Record<VerdictPart['verdict'], string> = { shown: '✓', 'not shown': '✗', undecided: '?' };

function partRow({ panel, claim, verdict, words, decides }: VerdictPart): string {
  const open = decides === undefined ? '' : `<br><span class="quiet">To decide it: ${escapeHtml(decides)}</span>`;
  return `<tr><th scope="row">${escapeHtml(panel)}</th><td>${escapeHtml(claim)}</td>
<td class="${verdict.replaceAll(' ', '-')}"><span class="mark">${MARKS[verdict]}</span> ${verdict}</td>
<td>${escapeHtml(words)}${open}</td></tr>`;
}

/** A claim's parts as a table: panel, what the paper says, the verdict, the numbers. */
export function partsTable(parts: readonly VerdictPart[]): string {
  if (parts.length === 0) return '';
  return `<div class="scroll" tabindex="0" role="region" aria-label="parts of the claim"><table class="parts">
<thead><tr><th>part</th><th>the paper says</th><th>here</th><th>measured</th></tr></thead>
<tbody>${parts.map(partRow).join('\n')}</tbody></table></div>`;
}

/** What a reader wants first: the claim, whether it shows, how sure that is, and what is smaller than in the paper. */
function verdictHtml(
  { figure, claim, verdict, parts = [], sentence, summary, standIn }: Verdict,
  prefix: string,
): string {
  return `<div class="verdict" id="${prefix}verdict"><p><strong>${figure === 'own' ? 'The claim' : 'The paper says'}:</strong> ${escapeHtml(claim)}</p>
<p><strong>Figure ${escapeHtml(figure)}: ${verdict}.</strong>${parts.length > 0 ? ` ${shownOf(parts)}` : ''}</p>
<p>${escapeHtml(sentence ?? summary)}</p>
${standIn === undefined ? '' : `<p><strong>Smaller than in the paper:</strong> ${escapeHtml(standIn)}</p>`}</div>`;
}

/** `3 of 4 parts shown` */
export const shownOf = (parts: readonly VerdictPart[]): string =>
  `${parts.filter(({ verdict }) => verdict === 'shown').length} of ${parts.length} part${parts.length === 1 ? '' : 's'} shown`;

/** The page of one executed workbook, and the files of its charts, which lie in TAKE_ALONG_FOLDER beside it. */
export function workbookPage(notebook: Notebook, summary: Summary): { html: string; files: ChartFile[] } {
  const needs = noNeeds(summary.name);
  const main = workbookMain(notebook, summary, needs);
  const body = `<nav><a href="index.html">All figures</a>
<button type="button" id="show-code" hidden>Show all code</button></nav>
${main}`;
  return { html: document(summary.title, body, scriptsFor(needs)), files: needs.files };
}

/** The content of a workbook's page. Notes in `needs` what the page must load. */
export function workbookMain(notebook: Notebook, summary: Summary, needs: Needs): string {
  const figure = figureCellOf(notebook);
  const picture =
    figure === undefined ? '' : `<div id="${needs.prefix}figure" class="figure">${outputsHtml(figure, needs)}</div>`;
  const flow = withoutTitle(notebook.cells)
    .map((cell, i) => cellHtml(cell, needs, notebook.cells[i] === figure))
    .join('\n');
  const failure =
    summary.error === undefined
      ? ''
      : `<p class="failure output">${badge('failed')} This workbook did not run to its end: ${escapeHtml(summary.error)}</p>`;
  const { verdict } = summary;
  return `<main>
<h1>${escapeHtml(summary.title)}</h1>
${failure}
${verdict === undefined ? '' : verdictHtml(verdict, needs.prefix)}
${picture}
${verdict === undefined ? '' : partsTable(verdict.parts ?? [])}
<div id="${needs.prefix}how">${flow}</div>
</main>
${provenanceHtml(summary.provenance)}`;
}
