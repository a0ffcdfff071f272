// The report as a PDF, and what its pages look like to the printer.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findBrowser } from '../../lib/report/browser.ts';
import { readReport } from '../../lib/report/made.ts';
import { pagesOf, pdfOf, printable } from '../../lib/report/pdf.ts';
import { plantedReport } from '../handover/support.ts';
import { launch } from './chromium.ts';

test('the PDF has its figures in order on pages of their own, bookmarks, and contents that say the right page', async () => {
  using report = plantedReport([
    { name: 'figure-1', effect: -1 },
    { name: 'figure-2', effect: -2 },
    { name: 'figure-10', effect: -3 },
  ]);
  const made = readReport(report.folder);
  const pdf = await pdfOf(made);
  assert.equal(Buffer.from(pdf.subarray(0, 5)).toString(), '%PDF-');
  assert.match(Buffer.from(pdf).toString('latin1'), /\/Outlines \d+ 0 R/);
  const pages = pagesOf(pdf);
  const found = ['figure-1', 'figure-2', 'figure-10'].map((name) => pages.get(`page-${name}`) ?? 0);
  assert.ok(
    found[0] !== undefined && found[0] > 2,
    `the first figure follows front page and contents: ${found.join()}`,
  );
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(found).size, 3);
  const numbers = [...printable(made, pages).matchAll(/<span class="number">(\d+)<\/span>/g)].map(([, number]) =>
    Number(number),
  );
  assert.deepEqual(numbers, found);
});

test('on paper no card, picture, verdict or row of a table is torn, colours of verdicts stay, and code and buttons are left out', async () => {
  using report = plantedReport([{ name: 'figure-1', effect: -1 }]);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.emulateMediaType('print');
    await page.setContent(printable(readReport(report.folder)), { waitUntil: 'load' });
    const styles = await page.evaluate(`(() => {
      const style = (selector, property) => [...document.querySelectorAll(selector)].map((each) => getComputedStyle(each)[property]);
      return {
        torn: ['.verdict', '.chart', 'tr', 'footer'].filter((each) => { const all = style(each, 'breakInside'); return all.length === 0 || all.some((value) => value !== 'avoid'); }),
        colours: [...style('.verdict', 'printColorAdjust'), ...style('.parts td', 'printColorAdjust')].filter((value) => value !== 'exact'),
        left: document.querySelectorAll('button, .code, script, .take-along').length,
        pictures: [...document.querySelectorAll('img')].filter((image) => image.naturalWidth === 0).length,
      };
    })()`);
    assert.deepEqual(styles, { torn: [], colours: [], left: 0, pictures: 0 });
  } finally {
    await browser.close();
  }
});

test('without a Chromium the message says what was looked for and what to do', async () => {
  const none = () => Promise.reject(new Error('no room'));
  const empty = mkdtempSync(join(tmpdir(), 'l2-dynamics-no-browser-'));
  try {
    await assert.rejects(
      findBrowser({ PATH: empty }, none),
      /no room.*none of chromium, .* is on the PATH\. Install one, or set L2_DYNAMICS_BROWSER/s,
    );
    await assert.rejects(
      findBrowser({ L2_DYNAMICS_BROWSER: join(empty, 'x') }, none),
      /L2_DYNAMICS_BROWSER names .*x, which is not there/,
    );
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
  assert.equal(await findBrowser({ L2_DYNAMICS_BROWSER: process.execPath }, none), process.execPath);
});
