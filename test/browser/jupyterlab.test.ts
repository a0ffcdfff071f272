// Real JupyterLab in a real browser: a notebook with the kernel "TypeScript" is opened, run, interrupted and restarted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { SAMPLE, sampleFolder, writeNotebook } from '../report/sample.ts';
import { launch, SCREENSHOTS } from './chromium.ts';
import { cellOutput, type Lab, openNotebook, startLab, until, waitForStatus } from './jupyterlab.ts';

const folder = sampleFolder();
let browser: Browser;
let lab: Lab;
let page: Page;

before(async () => {
  const cells = SAMPLE.filter((cell) => !cell.tags?.includes('live'));
  writeNotebook(join(folder.notebooks, 'sample.ipynb'), [
    ...cells,
    { type: 'code', source: 'const wrong: number = "text";' },
    { type: 'code', source: 'let turns = 0;\nconsole.log("looping");\nwhile (true) turns++;' },
    { type: 'code', source: 'console.log(`slope ${slope}, turned ${turns > 0}`);' },
  ]);
  [browser, lab] = await Promise.all([launch(), startLab(folder.notebooks)]);
  page = await openNotebook(browser, lab, 'sample.ipynb');
});

after(async () => {
  if (page && !page.isClosed()) await page.screenshot({ path: join(SCREENSHOTS, 'jupyterlab-end.png') });
  await browser?.close();
  await lab?.stop();
  folder[Symbol.dispose]();
});

/** Runs a command of JupyterLab's, as its menus do. */
const command = (id: string) => page.evaluate(`window.jupyterapp.commands.execute(${JSON.stringify(id)})`);

const waitForOutput = (n: number, pattern: RegExp) => until(() => cellOutput(page, n), pattern, 120_000);

/** Selects the n-th code cell and runs it, as Shift+Enter does. */
async function runCell(n: number): Promise<void> {
  await page.evaluate(`document.querySelectorAll('.jp-CodeCell')[${n}].scrollIntoView()`);
  const editors = await page.$$('.jp-CodeCell .jp-InputArea-editor');
  await editors[n]?.click();
  await page.keyboard.down('Shift');
  await page.keyboard.press('Enter');
  await page.keyboard.up('Shift');
}

test('a notebook opens with the kernel TypeScript, which becomes idle', async () => {
  await waitForStatus(page, 'idle');
  assert.match(await page.$eval('.jp-KernelName', (element) => element.textContent ?? ''), /TypeScript/);
});

test('cells show what they print, live vega-lite and Plotly charts, and the verdict', async () => {
  for (let n = 0; n < 4; n++) await runCell(n);
  await waitForOutput(0, /printed <b>/);
  await page.waitForSelector('.jp-CodeCell .vega-embed .mark-line path, .jp-CodeCell .vega-embed canvas', {
    timeout: 60_000,
  });
  await page.waitForSelector('.jp-CodeCell .js-plotly-plot .scatterlayer .trace', { timeout: 60_000 });
  await waitForOutput(3, /Figure 2a: shown\./);
  await page.evaluate(`document.querySelector('.jp-CodeCell .vega-embed').scrollIntoView()`);
  await page.screenshot({ path: join(SCREENSHOTS, 'jupyterlab-cells.png') });
});

test('a wrong type is told with line and column and nothing runs', async () => {
  await runCell(4);
  await waitForOutput(4, /not assignable to type 'number'/);
});

test('an endless loop is ended by the stop button, and the state of earlier cells and of the loop is kept', async () => {
  await runCell(5);
  await waitForOutput(5, /looping/);
  await command('notebook:interrupt-kernel');
  await waitForOutput(5, /[Ii]nterrupt/);
  await waitForStatus(page, 'idle');
  await runCell(6);
  await waitForOutput(6, /slope -1, turned true/);
  await page.screenshot({ path: join(SCREENSHOTS, 'jupyterlab-interrupted.png') });
});

test('a restarted kernel has forgotten the names of before', async () => {
  // The command asks first: the dialogue is answered as a person would.
  void command('notebook:restart-kernel');
  const yes = await page.waitForSelector('.jp-Dialog button.jp-mod-accept', { timeout: 60_000 });
  await yes?.click();
  await page.waitForSelector('.jp-Dialog', { hidden: true, timeout: 60_000 });
  await runCell(6);
  await waitForOutput(6, /Cannot find name 'slope'|slope is not defined/);
});
