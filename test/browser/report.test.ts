// The report of two small workbooks, one of which fails, in a real browser with the network off.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { build } from '../../lib/report/build.ts';
import type { Summary } from '../../lib/report/page.ts';
import { SAMPLE, sampleFolder, writeNotebook } from '../report/sample.ts';
import { seriousFaults } from './accessible.ts';
import { launch, SCREENSHOTS } from './chromium.ts';

const folder = sampleFolder();
const notebook = (name: string) => join(folder.notebooks, `${name}.ipynb`);
let browser: Browser;
let made: Summary[];

before(async () => {
  writeNotebook(notebook('figure-2'), SAMPLE);
  writeNotebook(notebook('figure-1'), [
    { type: 'markdown', source: '# A workbook that fails' },
    { type: 'code', source: 'console.log("before");' },
    { type: 'code', source: 'throw new RangeError("no run <here>");' },
    { type: 'code', source: 'console.log("never");' },
  ]);
  [browser, made] = await Promise.all([launch(), build({ notebooks: folder.notebooks, report: folder.report })]);
});

after(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

/** Opens a page of the report from the disk, offline. `asked` and `errors` fill while it is open. */
async function open(name: string): Promise<{ page: Page; asked: string[]; errors: string[] }> {
  const page = await browser.newPage();
  await page.setOfflineMode(true);
  const asked: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(pathToFileURL(join(folder.report, `${name}.html`)).href, { waitUntil: 'load' });
  return { page, asked, errors };
}

const leavesTheReport = (url: string) => !url.startsWith('data:') && !url.startsWith(pathToFileURL(folder.report).href);

test('made again, the workbook that ran to its end is left as it is, and one that changed is run', async () => {
  const again = async (all = false) => {
    const ran: string[] = [];
    await build({
      notebooks: folder.notebooks,
      report: folder.report,
      all,
      onDone: ({ name }, unchanged) => void (unchanged || ran.push(name)),
    });
    return ran;
  };
  assert.deepEqual(await again(), ['figure-1']);
  writeNotebook(notebook('figure-2'), [...SAMPLE, { type: 'code', source: '1 + 1' }]);
  assert.ok((await again()).includes('figure-2'));
  writeNotebook(notebook('figure-2'), SAMPLE);
  assert.deepEqual((await again(true)).toSorted(), ['figure-1', 'figure-2']);
});

test('one workbook fails and the other is made', () => {
  const [one, two] = made;
  assert.match(one?.error ?? '', /RangeError: no run <here>/);
  assert.equal(two?.error, undefined);
  assert.deepEqual([two?.verdict?.verdict, two?.verdict?.summary, two?.picture], ['shown', 'slope -1', 'figure-2.svg']);
  assert.equal(two?.provenance.data[0]?.path, 'CITATION.cff');
});

test('the first page shows picture, claim and verdict of one and the failure of the other, without a request that leaves', async () => {
  const { page, asked, errors } = await open('index');
  const cards = await page.$$eval('.card', (elements) =>
    elements.map((element) => element.textContent?.replaceAll(/\s+/g, ' ').trim()),
  );
  assert.deepEqual(cards, [
    'A workbook that fails failed RangeError: no run <here>',
    'A sample shown Loss falls by 1 a step. slope -1 Stand-in: three points',
  ]);
  assert.ok(
    await page.$eval('#figure-2 img', (image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
  );
  await page.screenshot({ path: join(SCREENSHOTS, 'report-index.png'), fullPage: true });
  assert.deepEqual(asked.filter(leavesTheReport), []);
  assert.deepEqual(errors, []);
});

test("a workbook's page draws its charts live from file:// with the network off", async () => {
  const { page, asked, errors } = await open('figure-2');
  await page.waitForFunction(
    '[...document.querySelectorAll(".chart")].every((chart) => chart.dataset.live === "yes")',
    { timeout: 60_000 },
  );
  assert.equal(
    (await page.$$('.chart[data-kind="vega"] svg .mark-line path')).length,
    1,
    'the line of the vega-lite chart',
  );
  assert.equal(
    (await page.$$('.chart[data-kind="plotly"] .scatterlayer .trace')).length,
    1,
    'the line of the Plotly chart',
  );
  assert.ok((await page.$$('math')).length >= 2, 'formulas');
  const text = await page.$eval('main', (main) => main.textContent ?? '');
  assert.match(text, /printed <b>/);
  assert.match(text, /Figure 2a: shown\./);
  assert.doesNotMatch(text, /a live cell was run/);
  assert.match(
    await page.$eval('footer', (footer) => footer.textContent ?? ''),
    /commit [0-9a-f]{40}.*CITATION\.cff[0-9a-f]{64}/s,
  );
  await page.screenshot({ path: join(SCREENSHOTS, 'report-workbook.png'), fullPage: true });
  assert.deepEqual(asked.filter(leavesTheReport), []);
  assert.deepEqual(errors, []);
});

test('axe finds nothing serious on either page, in light and dark, wide and on a phone', async () => {
  for (const name of ['index', 'figure-2']) {
    for (const scheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const { page } = await open(name);
        await page.setViewport({ width, height: 800 });
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.reload({ waitUntil: 'load' });
        await page.waitForFunction(
          '[...document.querySelectorAll(".chart")].every((chart) => chart.dataset.live === "yes")',
          { timeout: 60_000 },
        );
        assert.deepEqual(await seriousFaults(page), [], `${name}, ${scheme}, ${width} px`);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        assert.ok(Number(overflow) <= 0, `${name} is ${overflow} px wider than ${width} px`);
        await page.close();
      }
    }
  }
});

test('without JavaScript the still picture of a chart is there', async () => {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(pathToFileURL(join(folder.report, 'figure-2.html')).href);
  assert.equal((await page.$$('.chart[data-kind="vega"] img[alt="Three points on a line"]')).length, 1);
});

test('the page of a workbook that failed shows what ran, the error, and nothing after it', async () => {
  const { page } = await open('figure-1');
  const text = await page.$eval('main', (main) => main.textContent ?? '');
  assert.match(text, /before\n[\s\S]*RangeError: no run <here>/);
  assert.doesNotMatch(text, /\bnever\n/);
});

test('one workbook made again leaves the pages of the others, and one that is gone loses its page', async () => {
  writeNotebook(notebook('figure-2'), [{ type: 'markdown', source: '# Made again' }]);
  const again = await build({ notebooks: folder.notebooks, report: folder.report, only: ['figure-2'] });
  assert.deepEqual(
    again.map(({ name }) => name),
    ['figure-2'],
  );
  const index = () => readFileSync(join(folder.report, 'index.html'), 'utf8');
  assert.match(index(), /Made again/);
  assert.match(index(), /A workbook that fails/);
  assert.ok(!existsSync(join(folder.report, 'figure-2.svg')), 'the picture of the earlier run is gone');
  rmSync(notebook('figure-1'));
  await build({ notebooks: folder.notebooks, report: folder.report });
  assert.doesNotMatch(index(), /A workbook that fails/);
  assert.ok(!existsSync(join(folder.report, 'figure-1.html')));
  await assert.rejects(
    build({ notebooks: folder.notebooks, report: folder.report, only: ['figure-9'] }),
    /no workbook "figure-9"; there are figure-2/,
  );
});
