/**
 * Keeps two processes from writing one run: the operating system's lock on an empty file beside it, taken through SQLite. It ends with its
 * process, however that ends, is seen by every process of the machine, also from another PID namespace, and by other hosts where the file
 * system passes locks on (NFS with lockd); one that does not is an error, never a guess.
 */

import fs from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { RunFileError } from './error.ts';

/** Somebody who only looks (`lockOwner`) has the lock for an instant: this long is it waited for, in milliseconds. */
const WAIT_MS = 500;
/** Whoever ends takes the lock's file away, and the next one begins anew. */
const ATTEMPTS = 20;
/** Result codes of SQLite: https://sqlite.org/rescode.html */
const BUSY = 5;
const READONLY = 8;
const NOT_A_DATABASE = 26;

export interface LockOwner {
  pid: number;
  host: string;
}

/**
 * Takes the lock of a run file and returns what gives it back.
 * @throws RunFileError while another writer has it, or where the file system has no locks; the system's error where the folder cannot be written
 */
export function lockRun(file: string): () => void {
  const lock = lockPath(file);
  const owner = `${file}.owner`;
  const database = take(file, lock);
  try {
    // For messages only: the lock does not depend on it.
    fs.writeFileSync(owner, JSON.stringify({ pid: process.pid, host: hostname() } satisfies LockOwner));
  } catch {
    // A full disk, say, which the log's own writing will tell of.
  }
  return () => {
    // Only whoever has the lock takes the files away.
    for (const path of [owner, lock])
      try {
        fs.rmSync(path, { force: true });
      } catch {
        // Windows keeps an open file: an empty one stays and does no harm.
      }
    database.close();
  };
}

/** Who is writing this run file now; undefined when nobody is, also when a writer was killed. */
export function lockOwner(file: string): LockOwner | undefined {
  const lock = lockPath(file);
  if (!identity(lock)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    const url = pathToFileURL(lock);
    // Never makes the file.
    url.search = 'mode=rw';
    database = new DatabaseSync(url);
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return undefined;
  } catch (error) {
    if (codeOf(error) === BUSY || codeOf(error) === READONLY) return readOwner(`${file}.owner`) ?? UNKNOWN;
    return codeOf(error) === NOT_A_DATABASE ? earlierOwner(lock) : undefined;
  } finally {
    database?.close();
  }
}

const UNKNOWN: LockOwner = { pid: 0, host: 'another host' };

const lockPath = (file: string): string => `${file}.lock`;

function take(file: string, lock: string): DatabaseSync {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // The file is never opened but by SQLite: closing another descriptor of it would give the lock back.
    const before = identity(lock);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(lock, { timeout: WAIT_MS });
      database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      database?.close();
      // A file that was taken away under SQLite is an I/O error to it.
      const same = before === identity(lock);
      // Where there is no file before and after, another may have made and taken it away between; a folder that takes none says so each time.
      if (codeOf(error) === BUSY || (same && (before !== undefined || attempt === ATTEMPTS - 1)))
        refuse(file, lock, error);
      continue;
    }
    // The one before may have taken this file away between our opening and locking it: then it is nobody's, and another is made.
    let now: string | undefined;
    try {
      now = identity(lock);
    } catch (error) {
      database.close();
      throw error;
    }
    if (before !== undefined && before === now) return database;
    database.close();
  }
  throw new RunFileError({
    file,
    found: 'others begin and end to write this run again and again',
    expected: 'one writer a run',
    remedy: 'Start it once.',
  });
}

/** Throws why the lock cannot be had; returns where a file left by an earlier version was taken away. */
function refuse(file: string, lock: string, error: unknown): void {
  const code = codeOf(error);
  const owner =
    code === BUSY ? (readOwner(`${file}.owner`) ?? UNKNOWN) : code === NOT_A_DATABASE ? earlierOwner(lock) : undefined;
  if (owner)
    throw new RunFileError({
      file,
      found: `${owner === UNKNOWN ? 'another process' : `process ${owner.pid} on ${owner.host}`} is writing this run`,
      expected: 'one writer a run',
      remedy: 'Wait for it or stop it; the lock ends with its process.',
    });
  if (code === NOT_A_DATABASE) {
    fs.rmSync(lock, { force: true });
    return;
  }
  // SQLite says "unable to open database file" for whatever the system said: ask it again.
  fs.writeFileSync(`${lock}.tmp`, '');
  fs.rmSync(`${lock}.tmp`);
  throw new RunFileError({
    file,
    found: `the file system gives no lock (${error instanceof Error ? error.message : String(error)})`,
    expected: 'one with locks, so that no two processes write one run',
    remedy: 'Write the runs to a local disk, or to NFS with its lock service.',
  });
}

/** Tells a file from a later one under its name; undefined where there is none. */
function identity(path: string): string | undefined {
  const stat = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}:${stat.ctimeNs}`;
}

function codeOf(error: unknown): number | undefined {
  return (error as { errcode?: number }).errcode;
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const { pid, host } = JSON.parse(fs.readFileSync(path, 'utf8')) as Partial<LockOwner>;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

/** Version 0.1.0 wrote its owner's process id into the file. One of another host cannot be looked for: it counts until it is deleted. */
function earlierOwner(lock: string): LockOwner | undefined {
  const owner = readOwner(lock);
  if (!owner || owner.host !== hostname()) return owner;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  return owner;
}
