// The browser of npm's @sparticuz/chromium: it comes in the package and needs neither root nor system libraries.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, launch as launchBrowser } from 'puppeteer-core';
import { browserProgram } from '../../lib/report/browser.ts';
import { ROOT } from '../../lib/runs/index.ts';

/** Where screenshots of the last run are kept for people to look at. */
export const SCREENSHOTS = join(ROOT, '.cache', 'screenshots');

/** What the package switches off of a browser's safety, which readers' browsers have: the tests are to fail where those would. */
const UNSAFE = ['--disable-web-security', '--allow-running-insecure-content'];

export async function launch(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return launchBrowser({
    executablePath: await browserProgram(),
    args: chromium.args.filter((arg) => !UNSAFE.includes(arg)),
    headless: 'shell',
    defaultViewport: { width: 1280, height: 900 },
    protocolTimeout: 300_000,
  });
}
