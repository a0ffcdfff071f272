/** Keeps two processes from writing one run: a file beside it that names the writer. */

import fs from 'node:fs';
import { hostname } from 'node:os';
import { RunFileError } from './error.ts';

/**
 * A process of another machine cannot be seen from here. Its lock counts while it is refreshed, which every flush of the log does (each
 * checkpoint at least, every minute or two): after this many milliseconds without, that machine or its job is gone.
 */
const FOREIGN_STALE_MS = 15 * 60_000;

/** Takes the lock of a run file and returns what gives it back. A lock left by a process that is gone on this machine is taken over. */
export function lockRun(file: string): () => void {
  const lock = lockPath(file);
  // Written under a name of its own, then linked: whoever sees the lock sees its owner.
  const mine = `${lock}.${process.pid}`;
  fs.writeFileSync(
    mine,
    JSON.stringify({ pid: process.pid, host: hostname(), started: startTime(process.pid) } satisfies LockOwner),
  );
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        fs.linkSync(mine, lock);
        return () => fs.rmSync(lock, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      }
      const owner = lockOwner(file);
      if (owner)
        throw new RunFileError({
          file,
          found: `process ${owner.pid} on ${owner.host} is writing this run`,
          expected: 'one writer a run',
          remedy: `Wait for it or stop it. If it is gone for certain, delete ${lock}.`,
        });
      removeStale(lock, mine);
    }
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/** Tells other machines that this run's writer is alive. */
export function refreshLock(file: string): void {
  const now = new Date();
  try {
    fs.utimesSync(lockPath(file), now, now);
  } catch {
    // Removed by hand: the run goes on, and its lines stay whole.
  }
}

/** Who is writing this run file now; undefined when nobody is, also when a lock was left by a process that is gone. */
export function lockOwner(file: string): LockOwner | undefined {
  const lock = lockPath(file);
  const owner = readOwner(lock);
  return owner && alive(owner, lock) ? owner : undefined;
}

function lockPath(file: string): string {
  return `${file}.lock`;
}

/** Moves a stale lock aside and looks again: another process may have replaced it by its own since it was read. */
function removeStale(lock: string, mine: string): void {
  const aside = `${mine}.stale`;
  try {
    fs.renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const owner = readOwner(aside);
  if (owner && alive(owner, aside)) {
    try {
      fs.linkSync(aside, lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  fs.rmSync(aside, { force: true });
}

export interface LockOwner {
  pid: number;
  host: string;
  started: string | undefined;
}

function readOwner(lock: string): LockOwner | undefined {
  try {
    return JSON.parse(fs.readFileSync(lock, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}

function alive(owner: LockOwner, lock: string): boolean {
  if (owner.host !== hostname()) {
    const refreshed = fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - refreshed < FOREIGN_STALE_MS;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === undefined || owner.started === startTime(owner.pid);
}

/** Tells a process from a later one with the same id; undefined where there is no /proc. */
function startTime(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
