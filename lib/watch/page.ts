/** The page itself: one that asks the server, and one frozen with its data into a file that needs nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../runs/index.ts';
import type { LogWatcher } from './reader.ts';
import { curveOf, rowOf } from './rows.ts';

const FILES: Record<string, { type: string; file: string }> = {
  '/plotly.js': {
    type: 'text/javascript; charset=utf-8',
    file: join(ROOT, 'node_modules', 'plotly.js-strict-dist-min', 'plotly-strict.min.js'),
  },
  '/client.js': { type: 'text/javascript; charset=utf-8', file: join(import.meta.dirname, 'client.js') },
  '/report.css': { type: 'text/css; charset=utf-8', file: join(ROOT, 'lib', 'report', 'report.css') },
  '/watch.css': { type: 'text/css; charset=utf-8', file: join(import.meta.dirname, 'watch.css') },
};

export function assetOf(path: string): { type: string; content: Buffer } | undefined {
  const found = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  return found && { type: found.type, content: readFileSync(found.file) };
}

const text = (path: string): string => readFileSync(FILES[path]!.file, 'utf8');

const BODY = `<main>
<header><h1>Runs</h1><p id="status" role="status" aria-live="polite">reading the logs</p></header>
<form id="controls" autocomplete="off">
<label>filter <input id="filter" type="search" placeholder="lambda&lt;=0.01 width=8 running" size="34" aria-describedby="filter-fault"></label>
<label>x <select id="x"></select></label>
<label><input id="x-log" type="checkbox" checked> log</label>
<label>y <select id="y"></select></label>
<label><input id="y-log" type="checkbox"> log</label>
<label>smoothing <input id="smoothing" type="range" min="1" max="31" step="2" value="1"> <output id="smoothing-value">1</output></label>
<label>colour <select id="colour"></select></label>
<label><input id="group" type="checkbox"> group seeds, with bands</label>
<span id="freeze"></span>
</form>
<p id="filter-fault" class="fault" role="alert"></p>
<div id="chart" role="group" aria-label="curves of the runs that the table lists"></div>
<p id="drawn" class="quiet"></p>
<section id="difference" hidden><h2>Difference of two runs</h2><div></div></section>
<div id="table" tabindex="0" role="region" aria-label="runs"><table><thead></thead><tbody></tbody></table></div>
<p class="quiet">Choose runs by their boxes: of two, the difference of their configurations is shown, and what is chosen is drawn thick. A note on a run is a text file beside its log: the log’s name with
<code>.note.txt</code> in place of <code>.jsonl</code>.</p>
</main>`;

const head = (styles: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Runs</title>${styles}</head>`;

/** The page that follows: it carries the token for what it loads and asks. */
export function livePage(token: string): string {
  const query = `?token=${token}`;
  const styles = ['report.css', 'watch.css'].map((name) => `<link rel="stylesheet" href="/${name}${query}">`).join('');
  const scripts = ['plotly.js', 'client.js'].map((name) => `<script src="/${name}${query}"></script>`).join('');
  return `${head(styles)}<body>${BODY}${scripts}</body></html>`;
}

/** All runs as they are now in one file, to send: no server, no network. */
export function frozenPage(watcher: LogWatcher): string {
  const data = {
    at: new Date().toISOString(),
    rows: watcher.runs.map((run) => ({ ...rowOf(run), file: '' })),
    curves: watcher.runs.map(curveOf),
  };
  // Inside a script element only a closing tag ends the text.
  const json = JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">`;
  const styles = `${policy}<style>${text('/report.css')}${text('/watch.css')}</style>`;
  const inline = (code: string): string => `<script>${code.replaceAll('</script', String.raw`<\/script`)}</script>`;
  return `${head(styles)}<body>${BODY}<script type="application/json" id="frozen">${json}</script>${inline(text('/plotly.js'))}${inline(text('/client.js'))}</body></html>`;
}
