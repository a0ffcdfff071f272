import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { PACKAGE } from './name.mjs';

export interface Entry {
  session: number;
  line: number;
  input: string;
  output: string | null;
}

interface Row extends Record<string, unknown> {
  session: number;
  line: number;
  input: string;
  output: string | null;
}

/** Entries that could not be written yet; more are forgotten, the oldest first. */
const MOST_WAITING = 1000;
/** A database that another program has locked is waited for no longer than this, in ms: cells wait meanwhile. */
const LOCKED = 20;

/**
 * What was run, kept across sessions in one SQLite file that its owner alone can read. Nothing that is wrong with that
 * file stops a cell: without one the history lasts as long as the kernel, and what a lock keeps out is written later.
 */
export class History {
  readonly #database: DatabaseSync;
  readonly #log: (line: string) => void;
  readonly #waiting: { sql: string; values: SQLInputValue[] }[] = [];
  #told = false;
  readonly session: number;

  /**
   * @param log told, once, why the history is not kept
   * @param path of the file; `:memory:` keeps nothing beyond this session
   */
  constructor(log: (line: string) => void, path: string = defaultPath()) {
    this.#log = log;
    let opened: { database: DatabaseSync; session: number };
    try {
      opened = open(path);
    } catch (error) {
      this.#tell(error);
      opened = open(':memory:');
    }
    this.#database = opened.database;
    this.session = opened.session;
  }

  add(line: number, input: string): void {
    this.#write(
      'INSERT OR REPLACE INTO history (session, line, input, output) VALUES (?, ?, ?, NULL)',
      this.session,
      line,
      input,
    );
  }

  addOutput(line: number, output: string): void {
    this.#write('UPDATE history SET output = ? WHERE session = ? AND line = ?', output, this.session, line);
  }

  /** In order; what cannot be written now waits for the next time. */
  #write(sql: string, ...values: SQLInputValue[]): void {
    this.#waiting.push({ sql, values });
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#database.prepare(next.sql).run(...next.values);
        this.#waiting.shift();
      }
    } catch (error) {
      if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (!this.#told) this.#log(`the history is not kept in its file for now: ${(error as Error).message}`);
    this.#told = true;
  }

  /** The last `n` entries of all sessions, oldest first. */
  tail(n: number): Entry[] {
    return this.#select('ORDER BY session DESC, line DESC LIMIT ?', n).reverse();
  }

  /** @param session 0 is this one, -1 the one before, a positive number that very session */
  range(session: number, start: number, stop: number | undefined): Entry[] {
    const wanted = session > 0 ? session : this.session + session;
    return this.#select(
      'WHERE session = ? AND line >= ? AND line < ? ORDER BY line',
      wanted,
      start,
      stop ?? Number.MAX_SAFE_INTEGER,
    );
  }

  /** @param pattern with `*` and `?`, over whole entries */
  search(pattern: string, n: number | undefined, unique: boolean): Entry[] {
    const escaped = pattern.replaceAll('[', '[[]');
    const group = unique ? 'GROUP BY input HAVING rowid = MAX(rowid)' : '';
    return this.#select(
      `WHERE input GLOB ? ${group} ORDER BY session DESC, line DESC LIMIT ?`,
      escaped,
      n ?? -1,
    ).reverse();
  }

  close(): void {
    try {
      this.#database.close();
    } catch {
      // What could not be written is lost with the kernel.
    }
  }

  #select(clause: string, ...values: SQLInputValue[]): Entry[] {
    let rows: unknown[] = [];
    try {
      rows = this.#database.prepare(`SELECT session, line, input, output FROM history ${clause}`).all(...values);
    } catch (error) {
      this.#tell(error);
    }
    return (rows as Row[]).map(({ session, line, input, output }) => ({ session, line, input, output }));
  }
}

/** Node's own recursive `mkdir` never comes back where a file system has no folders to make, as under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** @throws Error where the file cannot be made, read or written */
function open(path: string): { database: DatabaseSync; session: number } {
  if (path !== ':memory:') makeFolder(dirname(path));
  const database = new DatabaseSync(path, { timeout: LOCKED });
  if (path !== ':memory:') chmodSync(path, 0o600);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT);
    CREATE TABLE IF NOT EXISTS history (session INTEGER, line INTEGER, input TEXT, output TEXT, PRIMARY KEY (session, line));
  `);
  const { lastInsertRowid } = database
    .prepare('INSERT INTO sessions (started) VALUES (?)')
    .run(new Date().toISOString());
  return { database, session: Number(lastInsertRowid) };
}

function defaultPath(): string {
  const chosen = process.env['TYPESCRIPT_KERNEL_HISTORY'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return join(data, PACKAGE, 'history.sqlite');
}
