// What JupyterLab lends the kernel its own panels for, in a real browser: Tab, Shift-Tab, the debugger, a slider.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { sampleFolder, writeNotebook } from '../report/sample.ts';
import { launch, SCREENSHOTS } from './chromium.ts';
import { cellOutput, type Lab, openNotebook, startLab, until, waitForStatus } from './jupyterlab.ts';

const SLIDER = `const chart = (height: number): Record<string, unknown> => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  description: 'A bar as high as the slider says',
  width: 200,
  height: 120,
  data: { values: [{ name: 'bar', height }] },
  mark: 'bar',
  usermeta: { embedOptions: { renderer: 'svg' } },
  encoding: { x: { field: 'name' }, y: { field: 'height', type: 'quantitative', scale: { domain: [0, 10] } } },
});
const slider = cell.slider({ label: 'height', min: 0, max: 10, value: 2 });
slider.onChange('value', (value) => cell.display(chart(Number(value)), { displayId: 'bar', update: true }));
slider`;

const CELLS = [
  '/** A number with a name of its own. */\nconst namedNumber = { twice: 2, thrice: 3 };\nnamedNumber.twice;',
  'namedNumber',
  'parseInt',
  'function area(side: number): number {\n  const squared = side * side;\n  return squared;\n}\nconsole.log(`area ${area(7)}`);',
  SLIDER,
  "await cell.display(chart(2), { displayId: 'bar' });",
  'console.log(`the slider is at ${slider.get("value")}`);',
];

const folder = sampleFolder();
let browser: Browser;
let lab: Lab;
let page: Page;

before(async () => {
  writeNotebook(
    join(folder.notebooks, 'panels.ipynb'),
    CELLS.map((source) => ({ type: 'code', source })),
  );
  [browser, lab] = await Promise.all([launch(), startLab(folder.notebooks)]);
  page = await openNotebook(browser, lab, 'panels.ipynb');
  await waitForStatus(page, 'idle');
});

after(async () => {
  if (page && !page.isClosed()) await page.screenshot({ path: join(SCREENSHOTS, 'kernel-end.png') });
  await browser?.close();
  await lab?.stop();
  folder[Symbol.dispose]();
});

/** The text of the first element that fits, '' where there is none. */
const text = (selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`) as Promise<string>;

const output = (n: number) => cellOutput(page, n);

/** Puts the cursor at the end of the n-th code cell. */
async function edit(n: number): Promise<void> {
  await page.evaluate(`document.querySelectorAll('.jp-CodeCell')[${n}].scrollIntoView({ block: 'center' })`);
  const editors = await page.$$('.jp-CodeCell .cm-content');
  await editors[n]?.click();
  await chord('Control', 'End');
}

async function chord(held: 'Shift' | 'Control', key: 'Enter' | 'Tab' | 'End'): Promise<void> {
  await page.keyboard.down(held);
  await page.keyboard.press(key);
  await page.keyboard.up(held);
}

async function runCell(n: number): Promise<void> {
  await edit(n);
  await chord('Shift', 'Enter');
}

const picture = (name: string): Promise<unknown> => page.screenshot({ path: join(SCREENSHOTS, `kernel-${name}.png`) });

test('Tab completes a member of a name of an earlier cell', async () => {
  await runCell(0);
  await until(() => output(0), /^2$|\]:2$/);
  await edit(1);
  await page.keyboard.type('.t');
  await page.keyboard.press('Tab');
  const offered = await until(() => text('.jp-Completer'), /thrice/);
  assert.match(offered, /twice/);
  await picture('tab');
  await page.keyboard.type('h');
  await page.keyboard.press('Enter');
  await until(() => text('.jp-mod-active .cm-content'), /^namedNumber\.thrice$/);
});

test('Shift-Tab shows signature and documentation', async () => {
  await edit(2);
  await chord('Shift', 'Tab');
  const shown = await until(() => text('.jp-Tooltip'), /parseInt/);
  assert.match(shown, /parseInt\(string: string, radix\?: number\): number/);
  assert.match(shown, /Converts a string to an integer/);
  await picture('shift-tab');
  await page.keyboard.press('Escape');
});

test('a breakpoint set beside a line stops there; the panel shows frames and variables, and goes on', async () => {
  await page.click('.jp-DebuggerBugButton');
  await page.waitForSelector(
    '.jp-DebuggerBugButton[aria-pressed="true"], .jp-mod-debugger-enabled, .jp-DebuggerBugButton.jp-mod-debugger-enabled',
    {
      timeout: 60_000,
    },
  );
  await edit(3);
  const cells = await page.$$('.jp-CodeCell');
  const gutter = await cells[3]?.waitForSelector('.cm-breakpoint-gutter', { timeout: 60_000 });
  const lines = await gutter?.$$('.cm-gutterElement');
  // The first element holds the width only; the third line is the one of `return`.
  await lines?.[3]?.click();
  await page.waitForSelector('.jp-DebuggerBreakpoints .jp-DebuggerBreakpoint', { timeout: 60_000 });
  await runCell(3);
  await until(() => text('.jp-DebuggerCallstack-body'), /area/);
  await until(() => text('.jp-DebuggerVariables-body'), /squared\W*49/);
  await page.waitForSelector('.jp-DebuggerEditor-highlight', { timeout: 60_000 });
  assert.match(await text('.jp-DebuggerEditor-highlight'), /return squared/);
  await picture('breakpoint');
  assert.equal((await output(3)).includes('area 49'), false);
  await page.evaluate("window.jupyterapp.commands.execute('debugger:continue')");
  await until(() => output(3), /area 49/);
  await page.click('.jp-DebuggerBugButton');
});

test('a slider drives a chart: moved in the page, it is heard in the kernel, the chart is drawn anew, a new page shows it where it was', async () => {
  await runCell(4);
  const input = await page.waitForSelector('.jp-CodeCell input[type=range]', { timeout: 60_000 });
  await runCell(5);
  const bar = '.jp-CodeCell .vega-embed .mark-rect path';
  await page.waitForSelector(bar, { timeout: 60_000 });
  const height = () =>
    page.evaluate(`String(document.querySelector('${bar}')?.getBBox().height ?? 0)`) as Promise<string>;
  assert.equal(Math.round(Number(await height())), 24);
  await picture('slider-before');
  await input?.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const box = await input?.boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await until(height, /^60/);
  await page.mouse.click(box.x + box.width * 0.69, box.y + box.height / 2);
  await until(height, /^8[34]/);
  await picture('slider-after');
  await runCell(6);
  await until(() => output(6), /the slider is at 7/);
  await page.evaluate("window.jupyterapp.commands.execute('docmanager:save')");
  await page.reload({ waitUntil: 'load', timeout: 120_000 });
  await page.waitForSelector('.jp-CodeCell input[type=range]', { timeout: 60_000 });
  assert.equal(
    await page.$eval('.jp-CodeCell input[type=range]', (element) => (element as { value?: string }).value),
    '7',
  );
});
