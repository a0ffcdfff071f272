// A JupyterLab server out of .venv on a free port of this machine, with settings and data of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { ROOT } from '../../lib/runs/index.ts';

export interface Lab {
  /** The address of a notebook, with its token. */
  address(notebook: string): string;
  /** What the server said so far. */
  log(): string;
  stop(): Promise<void>;
}

function setting(own: string, name: string, value: Record<string, unknown>): void {
  const file = join(own, 'settings', '@jupyterlab', `${name}.jupyterlab-settings`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

/** Starts JupyterLab on `folder`. Rejects with the server's log when it does not come up within a minute. */
export function startLab(folder: string): Promise<Lab> {
  const own = join(folder, 'jupyter');
  // Every cell in the page, also those out of sight; and no question whether to fetch news.
  setting(own, 'notebook-extension/tracker', { windowingMode: 'none' });
  setting(own, 'apputils-extension/notification', { fetchNews: 'false', checkForUpdates: false });
  const token = 'a-test';
  const child = spawn(
    process.execPath,
    [
      ...[join(ROOT, 'environment', 'lab.mjs'), '--no-browser', '--allow-root', '--ip=127.0.0.1', '--port=0'],
      ...[`--ServerApp.root_dir=${folder}`, `--IdentityProvider.token=${token}`, '--expose-app-in-browser'],
    ],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        JUPYTER_CONFIG_DIR: join(own, 'config'),
        JUPYTER_DATA_DIR: join(own, 'data'),
        JUPYTER_RUNTIME_DIR: join(own, 'runtime'),
        JUPYTERLAB_WORKSPACES_DIR: join(own, 'workspaces'),
        JUPYTERLAB_SETTINGS_DIR: join(own, 'settings'),
        JUPYTER_PREFER_ENV_PATH: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => fail('did not come up within two minutes'), 120_000);
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill('SIGTERM');
      reject(new Error(`JupyterLab ${what}:\n${log}`));
    };
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      const base = /http:\/\/127\.0\.0\.1:\d+\//.exec(log)?.[0];
      if (base === undefined || !log.includes('is running at')) return;
      clearTimeout(timer);
      resolve({ address: (notebook) => `${base}lab/tree/${notebook}?token=${token}`, log: () => log, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => fail(`ended with exit code ${code}`));
  });
}

/** A notebook of `lab` in a page of its own, with its cells there. */
export async function openNotebook(browser: Browser, lab: Lab, notebook: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(lab.address(notebook), { waitUntil: 'load', timeout: 120_000 });
  await page.waitForSelector('.jp-Notebook .jp-CodeCell', { timeout: 120_000 });
  return page;
}

export const waitForStatus = (page: Page, status: string): Promise<unknown> =>
  page.waitForFunction(
    `window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === '${status}'`,
    { timeout: 120_000 },
  );

/** The text below the n-th code cell (from 0). */
export const cellOutput = (page: Page, n: number): Promise<string> =>
  page.evaluate(
    `document.querySelectorAll('.jp-CodeCell')[${n}].querySelector('.jp-Cell-outputArea')?.textContent ?? ''`,
  ) as Promise<string>;

/** Looks again and again until `pattern` is seen, and returns what was. */
export async function until(look: () => Promise<string>, pattern: RegExp, timeout = 60_000): Promise<string> {
  const end = Date.now() + timeout;
  for (;;) {
    const seen = await look();
    if (pattern.test(seen)) return seen;
    if (Date.now() > end) assert.fail(`"${seen}" is seen, not ${pattern}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
