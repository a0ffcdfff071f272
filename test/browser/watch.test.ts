// The page of npm run watch in a real browser: a live sweep with a kill, thousands of logs, and the frozen file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { frozenPage } from '../../lib/watch/page.ts';
import { LogWatcher } from '../../lib/watch/reader.ts';
import { serve, type WatchServer } from '../../lib/watch/server.ts';
import { writeLog } from '../watch/support.ts';
import { seriousFaults } from './accessible.ts';
import { launch, SCREENSHOTS } from './chromium.ts';

const scratch = mkdtempSync(join(tmpdir(), 'l2-watch-'));
/** A machine with both cores busy. */
const PATIENCE = { timeout: 240_000 };
let browser: Browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function open(url: string): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url, { waitUntil: 'load' });
  return { page, errors };
}

const status = (page: Page): Promise<string> => page.$eval('#status', (place) => place.textContent ?? '');
const statusHas = (page: Page, text: string) =>
  page.waitForFunction((wanted) => document.getElementById('status')?.textContent?.includes(wanted), PATIENCE, text);
/** Fills the filter and waits until the curves drawn are so many. */
async function filter(page: Page, text: string, curves: number): Promise<void> {
  await page.$eval(
    '#filter',
    (place, value) => {
      (place as HTMLInputElement).value = value;
      place.dispatchEvent(new Event('input', { bubbles: true }));
    },
    text,
  );
  await page.waitForFunction(
    (wanted) => document.getElementById('chart')?.dataset['curves'] === wanted,
    PATIENCE,
    String(curves),
  );
}
const click = (page: Page, selector: string) => page.$eval(selector, (place) => (place as HTMLElement).click());

async function session(root: string, ...kill: string[]): Promise<string | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'watch', 'forty.ts'), root, ...kill], {
    stdio: 'ignore',
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return signal;
}

test(
  'the page follows a live sweep of 40 runs to its end, one of them killed and resumed',
  { timeout: 600_000 },
  async (t) => {
    const root = join(scratch, 'live');
    const server = await serve(new LogWatcher([root]));
    t.after(() => server.close());
    const { page, errors } = await open(server.url);
    await statusHas(page, '0 of 0 runs are over');

    const first = session(root, 'kill');
    await statusHas(page, '1 running');
    assert.equal(await first, 'SIGKILL');
    await statusHas(page, '1 interrupted');
    assert.match(await status(page), /^10 of 11 runs are over · 10 finished · 1 interrupted/);

    const second = session(root);
    await statusHas(page, '40 of 40 runs are over · 40 finished');
    assert.equal(await second, null);
    await filter(page, 'resumes=1', 1);
    await filter(page, '', 40);
    await filter(page, 'lambda>=0.01 width=8', 8);
    await click(page, '#group');
    await page.waitForFunction(
      () => document.getElementById('drawn')?.textContent?.startsWith('4 groups of 8 runs'),
      PATIENCE,
    );
    await click(page, '#group');

    for (const box of [1, 2]) await click(page, `#table tbody tr:nth-child(${box + 1}) input`);
    await page.waitForSelector('#difference:not([hidden]) td', PATIENCE);
    const settings = await page.$$eval('#difference tr td:first-child', (cells) =>
      cells.map((cell) => cell.textContent),
    );
    assert.ok(
      settings.length >= 1 && settings.every((name) => ['eta', 'lambda', 'model.width', 'seed'].includes(name ?? '')),
      settings.join(),
    );
    await page.screenshot({ path: join(SCREENSHOTS, 'watch.png') });
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(errors, []);
    await page.close();
  },
);

test(
  '5,000 logs: the table holds the rows in view, sorts and filters all, and a log that grows shows',
  { timeout: 600_000 },
  async (t) => {
    const root = join(scratch, 'many');
    for (let seed = 0; seed < 5000; seed++)
      writeLog(root, {
        seed: seed % 5,
        measures: 60,
        changes: { eta: 0.1, lambda: Number((0.001 + Math.floor(seed / 5) * 1e-5).toPrecision(6)) },
      });
    const server: WatchServer = await serve(new LogWatcher([root]));
    t.after(() => server.close());
    const { page, errors } = await open(server.url);
    await statusHas(page, '5000 of 5000 runs are over');
    await filter(page, '', 200);
    const shown = () => page.$$eval('#table tbody tr[data-state]', (lines) => lines.length);
    assert.ok((await shown()) < 100, `${await shown()} rows in the page`);
    await filter(page, 'lambda=0.005 seed=3', 1);
    await filter(page, 'lambda<0.002', 200);
    await filter(page, '', 200);
    await page.$eval('#table', (place) => (place.scrollTop = place.scrollHeight));
    await page.waitForFunction(
      () =>
        /seed=\d/.test(
          document.querySelector('#table tbody tr[data-state]:nth-last-child(2)')?.getAttribute('title') ?? '',
        ),
      PATIENCE,
    );
    writeLog(root, { seed: 9, measures: 5, ended: false });
    await statusHas(page, '5000 of 5001 runs are over');
    assert.deepEqual(errors, []);
    await page.close();
  },
);

test('the frozen file shows the same from the disk, with the network off', { timeout: 300_000 }, async () => {
  const root = join(scratch, 'frozen');
  for (const seed of [0, 1, 2]) writeLog(root, { seed, measures: 20 });
  const watcher = new LogWatcher([root]);
  watcher.update();
  const file = join(scratch, 'runs.html');
  writeFileSync(file, frozenPage(watcher));
  const page = await browser.newPage();
  await page.setOfflineMode(true);
  const [errors, asked]: [string[], string[]] = [[], []];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
  await filter(page, 'seed>=1', 2);
  assert.match(await status(page), /3 of 3 runs are over · 3 finished · 2 listed · as of 20/);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    asked.filter((url) => !/^(file|data|blob):/.test(url)),
    [],
  );
  await page.close();
});
