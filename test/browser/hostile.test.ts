// Script in logs, names, outputs and cells, in the report's pages in a real browser: none runs, by the sanitizer alone and by the policy alone.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { copyAssets } from '../../lib/report/assets.ts';
import { indexPage } from '../../lib/report/front.ts';
import { escapeHtml } from '../../lib/report/html.ts';
import type { Bundle, Notebook, Output } from '../../lib/report/notebook.ts';
import { type Summary, workbookPage } from '../../lib/report/page.ts';
import { contentSecurityPolicy } from '../../lib/report/policy.ts';
import { sanitizeSvg } from '../../lib/report/sanitize.ts';
import type { Verdict } from '../../lib/report/verdict.ts';
import { sampleFolder } from '../report/sample.ts';
import { launch } from './chromium.ts';
import { PAYLOADS, PLOTLY_SPECS, VEGA_SPECS } from './payloads.ts';

const folder = sampleFolder();
let browser: Browser;
let page: Page;

before(async () => {
  mkdirSync(folder.report, { recursive: true });
  copyAssets(folder.report);
  browser = await launch();
  page = await browser.newPage();
  await page.setOfflineMode(true);
  await page.evaluateOnNewDocument(WATCH);
});

after(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

/** Watches for `alert`; counts into a variable that no payload knows. */
const WATCH = `window.ran = 0; for (const name of ['alert', 'print', 'confirm', 'prompt']) window[name] = () => void window.ran++;`;

/** Does what a curious reader might: opens, hovers, clicks and focuses everything. */
const TOUCH = `(async () => {
  // Links that only lead elsewhere would take the page away.
  const leads = (event) => { const link = event.target.closest?.('a[href]'); if (link && !/^javascript:/i.test(link.protocol ?? '')) event.preventDefault(); };
  addEventListener('click', leads, true);
  const all = () => document.querySelectorAll('body *');
  for (const element of all()) {
    if (element.localName === 'details') element.open = true;
    for (const kind of ['mouseover', 'mouseenter', 'mousemove', 'focus', 'click'])
      element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window }));
    element.focus?.();
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
  return window.ran;
})()`;

/** So many texts stand in one page: a page costs a quarter of a second. */
const TOGETHER = 8;

interface Visit {
  ran: number;
  charts: string[];
}

async function visit(file: string, html: string, without: 'policy' | 'nothing' = 'nothing'): Promise<Visit> {
  writeFileSync(join(folder.report, file), html);
  await page.setBypassCSP(without === 'policy');
  await page.goto(pathToFileURL(join(folder.report, file)).href, { waitUntil: 'load' });
  // Of a bare page nobody draws what calls itself a chart.
  const drawn = html.includes('charts.js') ? '.chart[data-kind]' : 'never';
  await page.waitForFunction(`[...document.querySelectorAll("${drawn}")].every((chart) => chart.dataset.live)`, {
    timeout: 120_000,
  });
  const ran = Number(await page.evaluate(TOUCH));
  const charts = (await page.$$eval('.chart[data-kind]', (places) =>
    places.map((place) => (place as unknown as { dataset: { live: string } }).dataset.live),
  )) as string[];
  return { ran, charts };
}

const output = (data: Bundle): Output => ({ output_type: 'display_data', data });

/** A workbook that says this text in every place where a text may stand. */
function hostile(text: string, name: string): { notebook: Notebook; summary: Summary } {
  const outputs: Output[] = [
    output({ 'text/html': text }),
    output({ 'text/html': `<p title="${text}">x</p>` }),
    output({ 'text/markdown': text }),
    output({ 'text/plain': text }),
    output({ 'text/latex': text }),
    output({ 'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg"><title>${text}</title>${text}</svg>` }),
    output({ 'image/png': `AAAA${text}` }),
    output({ [`application/${text}`]: {} }),
    { output_type: 'stream', name: text as 'stdout', text },
    { output_type: 'error', ename: text, evalue: text, traceback: [] },
    { output_type: 'error', ename: text, evalue: text, traceback: [text] },
  ];
  const verdict: Verdict = {
    figure: text,
    claim: text,
    verdict: 'shown',
    summary: text,
    sentence: text,
    standIn: text,
    parts: [
      {
        panel: text,
        claim: text,
        verdict: 'shown',
        measure: text,
        effect: 1,
        interval: null,
        n: 1,
        of: text,
        words: text,
        decides: text,
      },
    ],
  };
  const summary: Summary = {
    name,
    title: text,
    verdict,
    error: text,
    seconds: 1,
    provenance: {
      madeAt: text,
      commit: text,
      dirty: true,
      versions: { [text]: text },
      data: [{ path: text, sha256: text }],
    },
  };
  const cells: Notebook['cells'] = [
    { cell_type: 'markdown', source: `# A title\n\n${text}`, metadata: {} },
    { cell_type: 'markdown', source: text, metadata: {} },
    { cell_type: 'markdown', source: `| a |\n|---|\n| ${text} |\n\n- ${text}`, metadata: {} },
    { cell_type: 'code', source: text, metadata: {}, outputs },
  ];
  return { notebook: { nbformat: 4, metadata: {}, cells }, summary };
}

test(`of ${PAYLOADS.length} texts of public lists none runs in a page, with the policy and without it`, async () => {
  for (let i = 0; i < PAYLOADS.length; i += TOGETHER) {
    const texts = PAYLOADS.slice(i, i + TOGETHER);
    const books = texts.map((text) => hostile(text, `figure-${i}`));
    const cells = books.flatMap(({ notebook }) => notebook.cells);
    const { html } = workbookPage({ nbformat: 4, metadata: {}, cells }, books[0]!.summary);
    assert.equal(
      (await visit('page.html', html, 'policy')).ran,
      0,
      `sanitized, without the policy: ${texts.join('\n')}`,
    );
    if (i === 0) assert.equal((await visit('page.html', html)).ran, 0);
    // A file's name stands in addresses, attributes and headings.
    const named = books.map(({ summary }, at) => ({ ...summary, name: texts[at]!, picture: `${texts[at]}.svg` }));
    assert.equal((await visit('index.html', indexPage(named), 'policy')).ran, 0, `first page: ${texts.join('\n')}`);
  }
});

test('the policy alone stops what would run as it stands, and most of the texts would', async () => {
  let would = 0;
  const raw = (head: string, text: string) =>
    `<!doctype html><html><head><meta charset="utf-8">${head}</head><body>${text}</body></html>`;
  for (const text of PAYLOADS) {
    if ((await visit('raw.html', raw('', text))).ran > 0) would++;
    const policy = contentSecurityPolicy(['void 0']);
    assert.equal((await visit('raw.html', raw(policy, text))).ran, 0, text);
  }
  assert.ok(would >= 40, `only ${would} of ${PAYLOADS.length} run in a page without any guard`);
});

test('an SVG taken along is a picture that runs nothing when it is opened', async () => {
  for (const text of PAYLOADS) {
    const svg = sanitizeSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">${text}</svg>`,
    );
    assert.equal((await visit('picture.svg', svg)).ran, 0, text);
  }
  const plain =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g clip-path="url(#a)" role="img"><path d="M0 0L9 9"/></g></svg>';
  assert.equal(sanitizeSvg(plain), plain);
});

test('no specification of a chart runs script; good charts beside them are drawn live', async () => {
  const good = [
    output({
      'application/vnd.vegalite.v5+json': {
        data: { values: 'a,b\n1,2\n2,"3"\n', format: { type: 'csv' } },
        transform: [{ calculate: 'datum.b * 2', as: 'c' }],
        params: [{ name: 'zoom', select: 'interval', bind: 'scales' }],
        mark: { type: 'line', tooltip: true },
        encoding: { x: { field: 'a', type: 'quantitative' }, y: { field: 'c', type: 'quantitative' } },
      },
    }),
    output({
      'application/vnd.plotly.v1+json': {
        data: [
          { z: [[1, 2]], type: 'heatmap' },
          { x: [1], y: [1], type: 'scattergl' },
        ],
      },
    }),
  ];
  const outputs = [
    ...good,
    ...VEGA_SPECS.map((spec) => output({ 'application/vnd.vegalite.v5+json': spec })),
    ...PLOTLY_SPECS.map((spec) => output({ 'application/vnd.plotly.v1+json': spec })),
  ];
  const { notebook, summary } = hostile('', 'charts');
  const cells: Notebook['cells'] = [{ cell_type: 'code', source: '', metadata: {}, outputs }];
  const { html } = workbookPage({ ...notebook, cells }, { ...summary, title: 'charts' });
  const { ran, charts } = await visit('charts.html', html);
  assert.equal(ran, 0);
  assert.deepEqual(charts.slice(0, 2), ['yes', 'yes']);
  assert.equal(charts.length, outputs.length);
});

test('a link in a page leads only to the web, to mail or to a neighbour', () => {
  const { notebook, summary } = hostile('[x](vbscript:x) [y](file:///etc/passwd) <a href="blob:x">z</a>', 'links');
  const { html } = workbookPage(notebook, summary);
  assert.doesNotMatch(html, /href="(?:vbscript|file|blob)/);
  assert.ok(html.includes(escapeHtml('<a href="blob:x">z</a>')), 'the title says the text itself');
  rmSync(join(folder.report, 'page.html'), { force: true });
});
