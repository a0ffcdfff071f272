/** `SHA256SUMS` beside committed logs: what `sha256sum -c SHA256SUMS` checks in that folder without any code of this project. */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { replaceFile } from './durable.ts';
import { asRunFileError, RunFileError } from './error.ts';
import { readRegularFile } from './file.ts';
import { parseRun } from './read.ts';

export const MANIFEST = 'SHA256SUMS';
export const MANIFEST_COMMAND = 'npm run verify -- --write-manifests';

/** SHA-256 by file name, and what is wrong with the manifest itself; undefined where the folder has none. */
export interface Manifest {
  sums: ReadonlyMap<string, string>;
  problems: RunFileError[];
}

export function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, MANIFEST);
  const sums = new Map<string, string>();
  const problems: RunFileError[] = [];
  try {
    if (!fs.lstatSync(file, { throwIfNoEntry: false })) return undefined;
    const lines = readRegularFile(file).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [index, line] of lines.entries()) {
      const [, sum, name] = /^([0-9a-f]{64}) [ *]([^/]+)$/.exec(line) ?? [];
      if (sum === undefined || name === undefined || sums.has(name))
        problems.push(
          new RunFileError({
            file,
            line: index + 1,
            found: sums.has(name ?? '') ? `${name} is listed twice` : 'the line is damaged',
            expected: '<SHA-256>  <file name>, as sha256sum writes it',
            remedy: `Restore it (git checkout -- <file>).`,
          }),
        );
      else sums.set(name, sum);
    }
  } catch (error) {
    problems.push(asRunFileError(file, 'read the manifest', error));
  }
  return { sums, problems };
}

/** Why the bytes of a listed file are not those it was committed with, or undefined. */
export function manifestFault(file: string, bytes: Uint8Array, { sums }: Manifest): RunFileError | undefined {
  const listed = sums.get(basename(file));
  const sum = sha256(bytes);
  if (listed === undefined || listed === sum) return undefined;
  return new RunFileError({
    file,
    found: `its SHA-256 is ${sum.slice(0, 12)}…, so it was changed since it was committed, or ${MANIFEST} was`,
    expected: `${listed.slice(0, 12)}…, as ${MANIFEST} beside it has it`,
    remedy: 'Restore both (git checkout -- <folder>).',
  });
}

/** Files that are listed and not there, or there and not listed. */
export function manifestGaps(folder: string, names: readonly string[], { sums }: Manifest): RunFileError[] {
  const there = new Set(names);
  const missing = [...sums.keys()].filter((name) => !there.has(name));
  const unlisted = names.filter((name) => !sums.has(name));
  return [
    ...missing.map(
      (name) =>
        new RunFileError({
          file: join(folder, name),
          found: `${MANIFEST} lists the file, but it is not there`,
          expected: 'every committed log',
          remedy: `Restore it (git checkout -- <file>), or, if it was taken out on purpose, ${MANIFEST_COMMAND}.`,
        }),
    ),
    ...unlisted.map(
      (name) =>
        new RunFileError({
          file: join(folder, name),
          found: `${MANIFEST} does not list the file`,
          expected: 'only committed logs in this folder',
          remedy: `If it is to be committed, ${MANIFEST_COMMAND}; else move it to data/local.`,
        }),
    ),
  ];
}

/**
 * Writes the manifest of a folder of logs: adds files that are not listed, each a readable run, and drops those that are gone.
 * @throws RunFileError where a listed file was changed (its line must go first, by hand), or a new one is damaged
 */
export function writeManifest(folder: string): void {
  const before = readManifest(folder);
  if (before?.problems[0]) throw before.problems[0];
  const names = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
  const lines = names.map((name) => {
    const file = join(folder, name);
    const bytes = readRegularFile(file);
    const fault = before && manifestFault(file, bytes, before);
    if (fault) throw fault;
    parseRun(file, bytes);
    return `${sha256(bytes)}  ${name}\n`;
  });
  const path = join(folder, MANIFEST);
  if (names.length === 0 || (before && fs.readFileSync(path, 'utf8') === lines.join(''))) return;
  try {
    replaceFile(path, [Buffer.from(lines.join(''))]);
  } catch (cause) {
    throw asRunFileError(path, 'write the manifest', cause);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
