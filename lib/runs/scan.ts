/** Which run files there are below a folder: the one list that workbooks read and `npm run verify` checks. */

import fs from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { asRunFileError, RunFileError } from './error.ts';
import { readRegularFile } from './file.ts';
import { manifestFault, manifestGaps, readManifest } from './manifest.ts';
import { COMMITTED_LOGS, OWN_LOGS } from './places.ts';
import { parseRun } from './read.ts';
import type { Run } from './types.ts';

/** The committed logs and, over them, the user's own; or the folders that L2_DYNAMICS_DATA names, separated as in PATH. */
export const DATA_FOLDERS: readonly string[] = process.env['L2_DYNAMICS_DATA']?.split(delimiter) ?? [
  COMMITTED_LOGS,
  OWN_LOGS,
];

/** Which runs to read. */
export interface RunSelection {
  sweep?: string;
  preset?: string;
}

/** What lies below a folder: every run that can be read, and a problem for everything that cannot, none hiding another. */
export interface Scan {
  runs: Run[];
  problems: RunFileError[];
}

/** Reads `<folder>/<sweep>/<preset>/*.jsonl`, each against the manifest of its folder where there is one. A missing folder holds none. */
export function scanRuns(folder: string, selection: RunSelection = {}): Scan {
  const problems: RunFileError[] = [];
  const runs: Run[] = [];
  const byHash = new Map<string, string>();
  for (const place of presetFolders(folder, selection, problems)) {
    const names = list(place, problems).filter((name) => name.endsWith('.jsonl'));
    const manifest = readManifest(place);
    if (manifest) problems.push(...manifest.problems, ...manifestGaps(place, names, manifest));
    for (const file of names.map((name) => join(place, name))) {
      try {
        const bytes = readRegularFile(file);
        const fault = manifest && manifestFault(file, bytes, manifest);
        if (fault) throw fault;
        const { wholeBytes: _bytes, endAt: _end, ...run } = parseRun(file, bytes);
        const twin = byHash.get(run.header.hash);
        if (twin !== undefined && dirname(twin) === place)
          throw new RunFileError({
            file,
            found: `this run lies in ${basename(twin)} too`,
            expected: 'one file a run',
            remedy: 'Delete one of them.',
          });
        byHash.set(run.header.hash, file);
        runs.push(run);
      } catch (error) {
        problems.push(asRunFileError(file, 'read the run', error));
      }
    }
  }
  return { runs, problems };
}

/** The folders `<folder>/<sweep>/<preset>`; what cannot be looked into becomes a problem. */
export function presetFolders(folder: string, { sweep, preset }: RunSelection, problems: RunFileError[]): string[] {
  const sweeps = sweep === undefined ? folders(folder, problems) : [join(folder, sweep)];
  return sweeps.flatMap((each) => (preset === undefined ? folders(each, problems) : [join(each, preset)]));
}

/** Folders in a folder, also by a link. */
function folders(folder: string, problems: RunFileError[]): string[] {
  return list(folder, problems)
    .map((name) => join(folder, name))
    .filter((path) => {
      try {
        return fs.statSync(path).isDirectory();
      } catch (error) {
        problems.push(asRunFileError(path, 'look into it', error));
        return false;
      }
    });
}

function list(folder: string, problems: RunFileError[]): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      problems.push(asRunFileError(folder, 'list the folder', error));
    return [];
  }
}

/**
 * Reads all runs below the given folders (each holds `<sweep>/<preset>/*.jsonl`), sorted by path. A later folder lies over the
 * earlier ones: `readRuns(['data/runs', 'data/local'])`, where of two runs of one configuration the later folder's counts unless only
 * the earlier one's has ended. What cannot be read becomes a problem and never hides a run.
 */
export function readRuns(folders: readonly string[], selection: RunSelection = {}): Scan {
  const chosen = new Map<string, Run>();
  const problems: RunFileError[] = [];
  for (const folder of folders) {
    const scan = scanRuns(folder, selection);
    problems.push(...scan.problems);
    for (const run of scan.runs) {
      const key = `${run.header.sweep}/${run.header.preset}/${run.header.hash}`;
      const under = chosen.get(key);
      if (!under?.end || run.end) chosen.set(key, run);
    }
  }
  return { runs: [...chosen.values()].sort((a, b) => (a.file < b.file ? -1 : 1)), problems };
}
