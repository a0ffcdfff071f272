/** What a page was made from, as one checksum: a workbook whose inputs are as they were need not run again. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../runs/index.ts';

/** Code and versions that every workbook rests on, relative to the repository. */
const SHARED = ['lib', 'package.json', 'package-lock.json', 'tsconfig.json'];
const DATA = ['data/runs', 'data/local'];

/** Every regular file at or below `path`, sorted; nothing where there is nothing. Links, pipes and hidden files are no inputs. */
function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  const stat = lstatSync(path);
  if (stat.isFile()) return [path];
  if (!stat.isDirectory()) return [];
  return readdirSync(path)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted()
    .flatMap((name) => filesBelow(join(path, name)));
}

function hashOf(paths: readonly string[], texts: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of paths.flatMap(filesBelow)) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** The checksum of what all workbooks share: the library, the versions of its packages, and Node's. */
export const sharedInputs = (): string =>
  hashOf(
    SHARED.map((path) => join(ROOT, path)),
    [process.versions.node, process.env['L2_DYNAMICS_DATA'] ?? ''],
  );

/**
 * The folders whose logs a workbook may read: those of the sweeps that it named when it ran last (`data/runs/<sweep>/<preset>`), with the
 * user's own runs of the same sweeps; all logs for a workbook that names none.
 */
function logFolders(data: readonly string[] | undefined): string[] {
  const sweeps = new Set((data ?? []).flatMap((path) => /^data\/(?:runs|local)\/([^/.][^/]*)/.exec(path)?.[1] ?? []));
  if (sweeps.size === 0) return DATA.map((folder) => join(ROOT, folder));
  return DATA.flatMap((folder) => [...sweeps].toSorted().map((sweep) => join(ROOT, folder, sweep)));
}

/**
 * The checksum of everything that the page of a workbook depends on.
 * @param workbook its file
 * @param data what its verdict named as raw logs when it ran last
 * @param shared of `sharedInputs`, which is the same for all
 */
export const inputsOf = (workbook: string, data: readonly string[] | undefined, shared: string): string =>
  hashOf([workbook, ...logFolders(data)], [shared]);
