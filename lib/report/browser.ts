/** A Chromium to print with: the user's own where one is named or installed, else that of npm's @sparticuz/chromium, which needs no root. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { ROOT } from '../runs/index.ts';

const UNPACK = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";

/**
 * The packaged browser's program, unpacked once. Whoever asks while another unpacks would start a file that is still being written, since the
 * package unpacks in place. So each unpacks into a folder of its own, in a process whose TMPDIR that is, and the first to finish gives it its name.
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

const INSTALLED = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Names the browser that is used, instead of the one that is looked for. */
export const BROWSER_VARIABLE = 'L2_DYNAMICS_BROWSER';

/**
 * The program of a Chromium: what L2_DYNAMICS_BROWSER names, else the packaged one, else one on the PATH.
 * @throws Error that says what was looked for and how to get one
 */
export async function findBrowser(env: NodeJS.ProcessEnv = process.env, packaged = browserProgram): Promise<string> {
  const named = env[BROWSER_VARIABLE];
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(
      `${BROWSER_VARIABLE} names ${named}, which is not there; it must be the program of a Chromium or Chrome`,
    );
  }
  let why: string;
  try {
    return await packaged();
  } catch (error) {
    why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = INSTALLED.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) =>
    existsSync(file),
  );
  if (found !== undefined) return found;
  throw new Error(
    `A PDF is printed by Chromium, and there is none: the packaged one cannot be unpacked (${why}), and none of ${INSTALLED.join(', ')} is on the PATH. Install one, or set ${BROWSER_VARIABLE} to its program`,
  );
}
