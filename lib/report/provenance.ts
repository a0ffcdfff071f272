/** What made a page: commit, versions, and the checksums of the raw logs that the workbook read. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readRegularFile } from '../runs/file.ts';
import { git, ROOT } from '../runs/index.ts';

export interface DataFile {
  /** Relative to the repository. */
  path: string;
  /** SHA-256, hex. */
  sha256: string;
}

export interface Provenance {
  /** ISO 8601. */
  madeAt: string;
  commit: string;
  /** Whether tracked files differed from that commit. */
  dirty: boolean;
  versions: Record<string, string>;
  data: DataFile[];
}

const PACKAGES = ['typescript', 'vega-lite', 'vega', 'danfojs-node', 'plotly.js-strict-dist-min', 'tslab'];

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/**
 * Every file at or below `path` (relative to the repository), with its SHA-256.
 * @throws Error when there is nothing at `path`, or when it lies outside the repository, also by a link; RunFileError for what is no regular file
 */
export function checksums(path: string): DataFile[] {
  const absolute = resolve(ROOT, path);
  const refused = () => new Error(`verdict.data names ${path}, which lies outside the repository`);
  if (!isWithin(ROOT, absolute)) throw refused();
  if (!existsSync(absolute)) throw new Error(`verdict.data names ${path}, which does not exist`);
  if (!isWithin(realpathSync(ROOT), realpathSync(absolute))) throw refused();
  if (!statSync(absolute).isDirectory()) {
    return [{ path, sha256: createHash('sha256').update(readRegularFile(absolute)).digest('hex') }];
  }
  return readdirSync(absolute)
    .toSorted()
    .flatMap((name) => checksums(`${path.replace(/\/$/, '')}/${name}`));
}

export function provenance(data: readonly string[]): Provenance {
  const version = (name: string) =>
    (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    madeAt: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD') || 'unknown (not a git checkout)',
    dirty: git('status', '--porcelain', '--untracked-files=no') !== '',
    versions: { node: process.versions.node, ...Object.fromEntries(PACKAGES.map((name) => [name, version(name)])) },
    data: data.flatMap((path) => checksums(path)),
  };
}
