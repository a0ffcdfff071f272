import { chmodSync, mkdirSync } from 'node:fs';
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

/** What was run, kept across sessions in one SQLite file that its owner alone can read. */
export class History {
  readonly #database: DatabaseSync;
  readonly session: number;

  /** @param path of the file; `:memory:` keeps nothing beyond this session */
  constructor(path: string = defaultPath()) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#database = new DatabaseSync(path);
    if (path !== ':memory:') chmodSync(path, 0o600);
    this.#database.exec(`
      PRAGMA busy_timeout = 2000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT);
      CREATE TABLE IF NOT EXISTS history (session INTEGER, line INTEGER, input TEXT, output TEXT, PRIMARY KEY (session, line));
    `);
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO sessions (started) VALUES (?)')
      .run(new Date().toISOString());
    this.session = Number(lastInsertRowid);
  }

  add(line: number, input: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO history (session, line, input, output) VALUES (?, ?, ?, NULL)')
      .run(this.session, line, input);
  }

  addOutput(line: number, output: string): void {
    this.#database
      .prepare('UPDATE history SET output = ? WHERE session = ? AND line = ?')
      .run(output, this.session, line);
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
    this.#database.close();
  }

  #select(clause: string, ...values: SQLInputValue[]): Entry[] {
    const rows = this.#database.prepare(`SELECT session, line, input, output FROM history ${clause}`).all(...values);
    return (rows as Row[]).map(({ session, line, input, output }) => ({ session, line, input, output }));
  }
}

function defaultPath(): string {
  const chosen = process.env['TYPESCRIPT_KERNEL_HISTORY'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return join(data, PACKAGE, 'history.sqlite');
}
