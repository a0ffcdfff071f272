/** Keeps two processes from writing one run: a file beside it that names the writer. */

import fs from 'node:fs';
import { hostname } from 'node:os';
import { RunFileError } from './error.ts';

/** Takes the lock of a run file and returns what gives it back. A lock left by a process that is gone on this machine is taken over. */
export function lockRun(file: string): () => void {
  const lock = `${file}.lock`;
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startTime(process.pid) });
  for (let attempt = 0; ; attempt++) {
    try {
      fs.writeFileSync(lock, mine, { flag: 'wx' });
      return () => fs.rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1) throw error;
    }
    const owner = readOwner(lock);
    if (owner && alive(owner))
      throw new RunFileError({
        file,
        found: `process ${owner.pid} on ${owner.host} is writing this run`,
        expected: 'one writer a run',
        remedy: `Wait for it or stop it. If it is gone for certain, delete ${lock}.`,
      });
    fs.rmSync(lock, { force: true });
  }
}

interface Owner {
  pid: number;
  host: string;
  started: string | undefined;
}

function readOwner(lock: string): Owner | undefined {
  try {
    return JSON.parse(fs.readFileSync(lock, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function alive(owner: Owner): boolean {
  // Another machine's processes cannot be seen from here: believe the lock.
  if (owner.host !== hostname()) return true;
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
