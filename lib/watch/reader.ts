/**
 * Folders of logs as they are now, read again and again while runs write them. Only reads: takes no lock, writes nothing, and of a log that has grown
 * reads what is new. Checks no digest; `npm run verify` does.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync, type Stats } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkpointPath, MEASURED, type Measure, type RunEnd, type RunHeader } from '../runs/index.ts';

/** Of a run without an end line, `running` means: its process is alive, or, where that is another machine's, its files changed lately. */
export type WatchedState = RunEnd['reason'] | 'running' | 'interrupted' | 'unreadable';

export interface WatchedRun {
  /** Counts up from 0; the same as long as the watcher lives. */
  id: number;
  file: string;
  sweep: string;
  preset: string;
  header?: RunHeader;
  measures: Measure[];
  end?: RunEnd;
  state: WatchedState;
  /** Times that it went on after a stop or a kill. */
  resumes: number;
  /** The text beside the log, `<log>.note.txt`; empty without one. */
  note: string;
  /** Why it cannot be read. */
  problem?: string;
  /** Version of the watcher at which it last changed. */
  version: number;
}

interface Known {
  run: WatchedRun;
  size: number;
  mtimeMs: number;
  ino: number;
  /** Bytes read as whole lines, and the last of these lines: a resumed run takes back its end line. */
  read: number;
  lastAt: number;
  lastLine: Buffer;
}

/** A log that nobody has touched for so long, and whose process cannot be asked, is taken for interrupted. */
const SILENT_MS = 120_000;

/** Where a note on a run is kept: a text file beside its log. */
export const notePath = (file: string): string => `${file.replace(/\.jsonl$/, '')}.note.txt`;

/** Reads `<folder>/<sweep>/<preset>/*.jsonl` of every folder, also where `folder` is itself a sweep's, or a preset's. */
export class LogWatcher {
  readonly folders: readonly string[];
  /** Counts up whenever anything changed. */
  version = 0;
  readonly runs: WatchedRun[] = [];
  #known = new Map<string, Known>();

  constructor(folders: readonly string[]) {
    this.folders = folders;
  }

  /** Looks at every folder and log again. Files that are gone since are dropped. */
  update(): void {
    const next = this.version + 1;
    let changed = false;
    const there = new Set<string>();
    for (const file of this.folders.flatMap((folder) => logsBelow(folder))) {
      there.add(file);
      if (this.#look(file, next)) changed = true;
    }
    for (const [file, { run }] of this.#known)
      if (!there.has(file)) {
        this.#known.delete(file);
        this.runs.splice(this.runs.indexOf(run), 1);
        changed = true;
      }
    if (changed) this.version = next;
  }

  #look(file: string, version: number): boolean {
    let stat: Stats;
    try {
      stat = statSync(file);
    } catch {
      return false;
    }
    const before = this.#known.get(file);
    const known = before ?? this.#add(file, stat);
    const { run } = known;
    let changed = before === undefined;
    if (!before || stat.size !== before.size || stat.mtimeMs !== before.mtimeMs || stat.ino !== before.ino) {
      changed = true;
      try {
        read(known, file, stat);
      } catch (error) {
        run.problem = (error as Error).message;
      }
    }
    const note = readNote(file);
    const state = stateOf(run, stat);
    if (note !== run.note || state !== run.state) changed = true;
    run.note = note;
    run.state = state;
    if (changed) run.version = version;
    return changed;
  }

  #add(file: string, { ino }: Stats): Known {
    const run: WatchedRun = {
      id: nextId++,
      file,
      sweep: basename(dirname(dirname(file))),
      preset: basename(dirname(file)),
      measures: [],
      state: 'interrupted',
      resumes: 0,
      note: '',
      version: 0,
    };
    const known = { run, size: -1, mtimeMs: -1, ino, read: 0, lastAt: 0, lastLine: Buffer.alloc(0) };
    this.#known.set(file, known);
    this.runs.push(run);
    return known;
  }
}

let nextId = 0;

/** Logs at most three folders deep: of all sweeps, of one, of one preset. */
function logsBelow(folder: string, depth = 3): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  const logs = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
  if (depth === 1 || logs.length > 0) return logs;
  return names.filter((name) => !name.includes('.')).flatMap((name) => logsBelow(join(folder, name), depth - 1));
}

/** Reads the lines that are new, or all anew where the file is not the longer one of before. */
function read(known: Known, file: string, stat: Stats): void {
  const { run } = known;
  const fd = openSync(file, 'r');
  try {
    const isLonger = stat.size >= known.read && stat.ino === known.ino && known.read > 0 && !run.problem;
    if (!isLonger || !bytesAt(fd, known.lastAt, known.lastLine.length).equals(known.lastLine)) {
      Object.assign(known, { read: 0, lastAt: 0, lastLine: Buffer.alloc(0) });
      Object.assign(run, { measures: [], resumes: 0 });
      delete run.header;
      delete run.end;
      delete run.problem;
    }
    const bytes = bytesAt(fd, known.read, Math.max(0, stat.size - known.read));
    let at = 0;
    for (let newline = bytes.indexOf(10); newline !== -1; newline = bytes.indexOf(10, at)) {
      const line = bytes.subarray(at, newline);
      takeLine(run, line.toString());
      known.lastAt = known.read + at;
      known.lastLine = Buffer.from(line);
      at = newline + 1;
    }
    known.read += at;
    Object.assign(known, { size: stat.size, mtimeMs: stat.mtimeMs, ino: stat.ino });
  } finally {
    closeSync(fd);
  }
}

function bytesAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, buffer, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}

/** Losses that diverged are written as text. */
const number = (value: unknown): number => (typeof value === 'number' ? value : Number(value));

function takeLine(run: WatchedRun, text: string): void {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    run.problem ??= 'a line is damaged: npm run verify tells which';
    return;
  }
  switch (line['kind']) {
    case 'run':
      run.header = line as unknown as RunHeader;
      break;
    case 'measure': {
      const values = Object.fromEntries(MEASURED.map((field) => [field, number(line[field])]));
      run.measures.push({ kind: 'measure', ...values } as unknown as Measure);
      break;
    }
    case 'resume':
      run.resumes++;
      break;
    case 'end':
      run.end = line as unknown as RunEnd;
      break;
    default:
  }
}

function readNote(file: string): string {
  try {
    return readFileSync(notePath(file), 'utf8').slice(0, 10_000).trim();
  } catch {
    return '';
  }
}

function stateOf(run: WatchedRun, stat: Stats): WatchedState {
  if (run.problem !== undefined) return 'unreadable';
  if (run.end) return run.end.reason;
  const owner = ownerOf(run.file);
  if (owner && owner.host === hostname()) return isAlive(owner.pid) ? 'running' : 'interrupted';
  const touched = Math.max(stat.mtimeMs, touchedAt(checkpointPath(run.file)));
  return Date.now() - touched < SILENT_MS && owner ? 'running' : 'interrupted';
}

/** Who writes a log says so beside it (lib/runs/lock.ts). */
function ownerOf(file: string): { pid: number; host: string } | undefined {
  const path = `${file}.owner`;
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; host: string };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function touchedAt(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
