// The report as one HTML file, opened from the disk with the network off, as out of a mail.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { readReport } from '../../lib/report/made.ts';
import { singleFile } from '../../lib/handover/single.ts';
import { plantedReport } from '../handover/support.ts';
import { seriousFaults } from './accessible.ts';
import { launch, SCREENSHOTS } from './chromium.ts';

const scratch = mkdtempSync(join(tmpdir(), 'l2-dynamics-mail-'));
const file = join(scratch, 'report.html');
const asked: string[] = [];
const errors: string[] = [];
let browser: Browser;
let page: Page;

before(async () => {
  using report = plantedReport([
    { name: 'figure-1', effect: -1 },
    { name: 'figure-2', effect: -2 },
  ]);
  writeFileSync(file, singleFile(readReport(report.folder)));
  browser = await launch();
  page = await browser.newPage();
  await page.setOfflineMode(true);
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
});

after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

const visiblePages = () =>
  page.$$eval('[data-page]', (all) =>
    all.filter((each) => !(each as unknown as { hidden: boolean }).hidden).map(({ id }) => id),
  );

const allDrawn = (id: string) =>
  page.waitForFunction(
    `[...document.querySelectorAll('#${id} .chart')].every((chart) => chart.dataset.live === 'yes')`,
    { timeout: 60_000 },
  );

test('it is well below what mails carry and opens at the first page with its pictures', async () => {
  assert.ok(readFileSync(file).length < 8_000_000);
  assert.deepEqual(await visiblePages(), ['page-index']);
  const seen = await page.$$eval('.card img', (images) =>
    images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
  );
  assert.deepEqual(
    seen.map((width) => width > 0),
    [true, true],
  );
});

test('a link leads to the figure, whose charts are drawn live; links between figures and back stay in the file', async () => {
  await page.click('.card#figure-1 h3 a');
  await allDrawn('page-figure-1');
  assert.deepEqual(await visiblePages(), ['page-figure-1']);
  assert.equal((await page.$$('#page-figure-1 .chart[data-kind="vega"] svg .mark-line path')).length, 1);
  assert.equal((await page.$$('#page-figure-1 .chart[data-kind="plotly"] .scatterlayer .trace')).length, 1);
  assert.equal(await page.title(), 'Workbook figure-1');
  await page.screenshot({ path: join(SCREENSHOTS, 'single-figure.png'), fullPage: true });
  await page.click('#page-figure-1 section.markdown a');
  await allDrawn('page-figure-2');
  assert.deepEqual(await visiblePages(), ['page-figure-2']);
  await page.click('#page-figure-2 nav a');
  await page.waitForFunction(`!document.getElementById('page-index').hidden`);
});

test('every link within the file leads somewhere, no id is there twice, and nothing leads to a file beside', async () => {
  const faults = await page.evaluate(`(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
    const dead = [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))
      .filter((href) => href.startsWith('#') ? !document.getElementById(decodeURIComponent(href.slice(1))) : !/^https?:/.test(href));
    return [...twice, ...dead];
  })()`);
  assert.deepEqual(faults, []);
});

test('the data of a chart and its picture are saved under their names', async () => {
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: scratch });
  await page.evaluate(`location.hash = '#page-figure-1'`);
  await allDrawn('page-figure-1');
  for (const name of ['figure-1-chart-1.csv', 'figure-1-chart-1.svg']) {
    await page.$eval(`button[data-file="${name}"]`, (button) => (button as unknown as { click(): void }).click());
    for (let tries = 0; !readdirSync(scratch).includes(name) && tries < 300; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(readFileSync(join(scratch, 'figure-1-chart-1.csv'), 'utf8'), 'step,loss\n1,3\n2,2\n');
  assert.match(readFileSync(join(scratch, 'figure-1-chart-1.svg'), 'utf8'), /^<svg/);
});

test('axe finds nothing serious, wide and on a phone, and a phone need not scroll sideways', async () => {
  for (const width of [1280, 390]) {
    await page.setViewport({ width, height: 800 });
    for (const id of ['page-index', 'page-figure-1']) {
      await page.evaluate(`location.hash = '#${id}'`);
      await page.waitForFunction(`!document.getElementById('${id}').hidden`);
      await allDrawn(id);
      assert.deepEqual(await seriousFaults(page), [], `${id}, ${width} px`);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      assert.ok(Number(overflow) <= 0, `${id} is ${String(overflow)} px wider than ${width} px`);
    }
  }
});

test('nothing was asked of any server or folder, and no script failed', () => {
  assert.deepEqual(
    asked.filter((url) => !/^(data:|blob:)/.test(url) && !url.startsWith(pathToFileURL(file).href)),
    [],
  );
  assert.deepEqual(errors, []);
});
