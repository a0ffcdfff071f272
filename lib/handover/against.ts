/** Another report to compare with: a zip of `npm run handover`, what was unpacked of it, or a folder of `npm run figures`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { compareNames } from '../report/build.ts';
import type { Summary } from '../report/page.ts';

const IN_ZIP = /(?:^|\/)workbooks\/[^/]+\.json$/;

function textsOf(path: string): string[] {
  if (!statSync(path).isDirectory()) {
    const files = unzipSync(readFileSync(path), { filter: ({ name }) => IN_ZIP.test(name) });
    return Object.values(files).map((data) => new TextDecoder().decode(data));
  }
  const folder = ['workbooks', 'report/workbooks', 'l2-dynamics-report/report/workbooks']
    .map((each) => join(path, each))
    .find((each) => existsSync(each));
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function isSummary(value: unknown): value is Summary {
  const { name, title, provenance } = (value ?? {}) as Partial<Summary>;
  return typeof name === 'string' && typeof title === 'string' && Array.isArray(provenance?.data);
}

/**
 * The summaries of the report at `path`.
 * @throws Error that names the path, what was found there and what is taken
 */
export function summariesAt(path: string): Summary[] {
  const taken = 'a zip that "npm run handover" wrote, what was unpacked of it, or a report folder';
  if (!existsSync(path)) throw new Error(`--against ${path}: there is nothing of that name; it takes ${taken}`);
  let values: unknown[];
  try {
    values = textsOf(path).map((text) => JSON.parse(text) as unknown);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`--against ${path} cannot be read (${why}); it takes ${taken}`, { cause: error });
  }
  if (values.length === 0 || !values.every(isSummary))
    throw new Error(`--against ${path} holds no report (workbooks/*.json); it takes ${taken}`);
  return values.toSorted((a, b) => compareNames(a.name, b.name));
}
