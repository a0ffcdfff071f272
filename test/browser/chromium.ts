// The browser of npm's @sparticuz/chromium: it comes in the package and needs neither root nor system libraries.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Browser, launch as launchBrowser } from 'puppeteer-core';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from '../../lib/runs/index.ts';

/** Where screenshots of the last run are kept for people to look at. */
export const SCREENSHOTS = join(ROOT, '.cache', 'screenshots');

const UNPACK = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";

/**
 * The browser's program, unpacked once. Test files run side by side, and the package unpacks in place: whoever comes second would start a
 * file that is still being written. So each unpacks into a folder of its own, in a process whose TMPDIR that is, and the first to finish gives it its name.
 */
export async function browserProgram(
  folder = join(ROOT, '.cache', `chromium-${manifest.devDependencies['@sparticuz/chromium']}`),
): Promise<string> {
  const program = join(folder, 'chromium');
  if (existsSync(program)) return program;
  mkdirSync(join(folder, '..'), { recursive: true });
  const own = mkdtempSync(`${folder}.`);
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: own },
    });
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(program)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return program;
}

export async function launch(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return launchBrowser({
    executablePath: await browserProgram(),
    args: [...chromium.args, '--allow-file-access-from-files=false'],
    headless: 'shell',
    defaultViewport: { width: 1280, height: 900 },
    protocolTimeout: 300_000,
  });
}
