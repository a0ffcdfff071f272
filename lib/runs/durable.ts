/** Writing so that a kill or a power cut leaves the old content or the new one, never a part. */

import fs from 'node:fs';
import { dirname } from 'node:path';

/** File systems that cannot flush (some of FUSE and of network mounts) say so by these; all others' errors count. */
const CANNOT_FLUSH = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Returns when the content of an open file is on the disk, as far as its file system can. */
export function syncFile(fd: number): void {
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    if (!CANNOT_FLUSH.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Makes names made or changed in this folder survive a power cut, where the system can (not on Windows). */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    syncFile(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes a folder and those above it so that they survive a power cut. */
export function makeFolder(folder: string): void {
  let first: string | undefined;
  try {
    first = fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    // On a read-only file system Node says ENOENT.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') whyNot(folder);
    throw error;
  }
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

function whyNot(folder: string): void {
  let there = folder;
  while (!fs.existsSync(there) && there !== dirname(there)) there = dirname(there);
  fs.accessSync(there, fs.constants.W_OK);
}

/** Writes all bytes at the file's position, where a system call may take fewer. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(fd, bytes, done, bytes.length - done);
}

/** Puts `parts` in the place of a file, or makes it: written under a temporary name, flushed, renamed, the name flushed. */
export function replaceFile(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = `${path}.tmp`;
  try {
    const fd = fs.openSync(temporary, 'w');
    try {
      for (const part of parts) writeWhole(fd, part);
      syncFile(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    try {
      fs.rmSync(temporary, { force: true });
    } catch {
      // What it failed by says more.
    }
    throw error;
  }
}
