/** A workbook as an HTML page, and the report's first page. */
import { PLOTLY_SCRIPTS, VEGA_SCRIPTS } from './assets.ts';
import { escapeHtml, highlight, markdown } from './html.ts';
import { type Cell, type Notebook, textOf } from './notebook.ts';
import { noNeeds, type Needs, outputHtml } from './outputs.ts';
import type { Provenance } from './provenance.ts';
import type { ChartFile } from './take-along.ts';
import type { Verdict } from './verdict.ts';

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

function document(title: string, body: string, scripts: readonly string[] = []): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/report.css">
</head>
<body>
${body}
${scripts.map((script) => `<script src="assets/${script}"></script>`).join('\n')}
</body>
</html>
`;
}

const scriptsFor = (needs: Needs): string[] => [
  ...(needs.vega ? VEGA_SCRIPTS : []),
  ...(needs.plotly ? PLOTLY_SCRIPTS : []),
  ...(needs.charts > 0 ? ['charts.js'] : []),
];

function cellHtml(cell: Cell, needs: Needs): string {
  const source = textOf(cell.source);
  if (cell.cell_type === 'markdown') return `<section class="markdown">${markdown(source)}</section>`;
  if (cell.cell_type === 'raw') return '';
  const code =
    source.trim() === '' ? '' : `<div class="code"><pre><code>${highlight(source, 'typescript')}</code></pre></div>`;
  const outputs = (cell.outputs ?? []).map((output) => outputHtml(output, needs)).join('\n');
  return `<section>${code}${outputs === '' ? '' : `<div class="output">${outputs}</div>`}</section>`;
}

const badge = (word: string): string => `<span class="badge ${word.replaceAll(' ', '-')}">${escapeHtml(word)}</span>`;

function provenanceHtml({ madeAt, commit, dirty, versions, data }: Provenance): string {
  const rows = Object.entries(versions).map(([name, version]) => `${escapeHtml(name)} ${escapeHtml(version)}`);
  const files = data.map(({ path, sha256 }) => `<tr><td>${escapeHtml(path)}</td><td><code>${sha256}</code></td></tr>`);
  const list = `<details><summary>Raw logs read: ${data.length} file${data.length === 1 ? '' : 's'} and their SHA-256</summary>
<div class="scroll" tabindex="0" role="region" aria-label="raw logs"><table><thead><tr><th>file</th><th>SHA-256</th></tr></thead><tbody>${files.join('\n')}</tbody></table></div></details>`;
  return `<footer><h2>Provenance</h2>
<p>Made ${escapeHtml(madeAt)} at commit <code>${escapeHtml(commit)}</code>${dirty ? ', with tracked files changed since' : ''}. ${rows.join(', ')}.</p>
${data.length > 0 ? list : '<p>This workbook names no raw logs.</p>'}</footer>`;
}

/** The page of one executed workbook, and the files of its charts, which lie in TAKE_ALONG_FOLDER beside it. */
export function workbookPage(notebook: Notebook, summary: Summary): { html: string; files: ChartFile[] } {
  const needs = noNeeds(summary.name);
  const cells = notebook.cells.map((cell) => cellHtml(cell, needs)).join('\n');
  const failure =
    summary.error === undefined
      ? ''
      : `<p class="failure output">${badge('failed')} This workbook did not run to its end: ${escapeHtml(summary.error)}</p>`;
  const body = `<nav><a href="index.html">All figures</a>
<label class="code-toggle"><input type="checkbox" id="hide-code"> hide the code</label></nav>
${failure}
<main>${cells}</main>
${provenanceHtml(summary.provenance)}`;
  return { html: document(summary.title, body, scriptsFor(needs)), files: needs.files };
}

function card(summary: Summary): string {
  const { name, title, verdict, picture, error } = summary;
  const word = error === undefined ? verdict?.verdict : 'failed';
  const link = `${encodeURIComponent(name)}.html`;
  const lines = [
    `<h2><a href="${link}">${escapeHtml(title)}</a></h2>`,
    word === undefined ? '' : `<p>${badge(word)}</p>`,
    picture
      ? `<a href="${link}"><img src="${encodeURIComponent(picture)}" alt="${escapeHtml(verdict?.claim ?? title)}"></a>`
      : '',
    verdict ? `<p>${escapeHtml(verdict.claim)}</p>\n<p class="quiet">${escapeHtml(verdict.summary)}</p>` : '',
    verdict?.standIn ? `<p class="quiet"><em>Stand-in: ${escapeHtml(verdict.standIn)}</em></p>` : '',
    error === undefined ? '' : `<p class="failure output">${escapeHtml(error)}</p>`,
  ];
  return `<li class="card${summary.wide ? ' wide' : ''}" id="${escapeHtml(name)}">${lines.filter(Boolean).join('\n')}</li>`;
}

/** The first page: a card a workbook. */
export function indexPage(summaries: readonly Summary[]): string {
  const commits = [
    ...new Set(
      summaries.map(({ provenance }) => `${provenance.commit.slice(0, 12)}${provenance.dirty ? ' (changed)' : ''}`),
    ),
  ];
  const body = `<main><h1>On the training dynamics of deep networks with L2 regularization</h1>
<p>Every figure of Lewkowycz and Gur-Ari (NeurIPS 2020) that this checkout can make, computed from the raw logs in <code>data/</code>.
Each picture leads to the workbook that made it.</p>
<ul class="cards">
${summaries.map((summary) => card(summary)).join('\n')}
</ul></main>
<footer><p>Made at commit ${commits.map((commit) => `<code>${escapeHtml(commit)}</code>`).join(', ')} by <code>npm run figures</code>.</p></footer>`;
  return document('l2-dynamics: the figures', body);
}
