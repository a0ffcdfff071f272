import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Cell, Declaration } from './cell.ts';
import { parse } from './parse.ts';
import type { Position } from './positions.ts';
import { CELL_FILES, findTsconfig, virtualProject } from './project.ts';
import { LanguageServer, SETTINGS } from './server.ts';

export interface Diagnostic {
  /** From 0, within the cell. */
  start: Position;
  end: Position;
  code: number;
  message: string;
}

interface LspDiagnostic {
  range: { start: Position; end: Position };
  severity?: number;
  code?: number | string;
  message: string;
}

interface Known extends Declaration {
  /** Number of the cell that declared the name last. */
  cell: number;
}

/**
 * The types of one notebook. Each cell that ran is a module of its own; a new cell is checked behind a head that
 * declares the names it uses from the modules of earlier cells, so that a name can change its kind or type at will.
 */
export class NotebookTypes {
  readonly #folder: string;
  #server: LanguageServer;
  #started: Promise<unknown>;
  readonly #open = new Map<string, { version: number; text: string }>();
  #known = new Map<string, Known>();
  #augmenting: number[] = [];
  readonly #modules = new Map<number, { path: string; text: string; uses: number[] }>();
  #cells = 0;
  #stopped = false;
  readonly #watched = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#server = new LanguageServer(folder);
    this.#started = this.#start();
    this.#started.catch(() => {});
  }

  /** Resolves when the server is there; one that has ended is replaced, and shown all that the old one knew. */
  get #ready(): Promise<unknown> {
    if (this.#server.failed && !this.#stopped) {
      this.#server = new LanguageServer(this.#folder);
      this.#started = this.#start();
      this.#started.catch(() => {});
    }
    return this.#started;
  }

  /** The names that earlier cells declared. */
  get names(): string[] {
    return [...this.#known.keys()];
  }

  /** @returns what is wrong with the cell's types; empty where nothing is. */
  async check(cell: Cell): Promise<Diagnostic[]> {
    if (cell.unchecked) return [];
    await this.#ready;
    const { head, uses } = this.#head(cell, (name) => cell.words.has(name));
    this.#showModules(uses);
    const { uri, shift } = this.#show(cell, head);
    const report = await this.#server.request<{ items?: LspDiagnostic[] }>('textDocument/diagnostic', {
      textDocument: { uri },
    });
    const problems = (report.items ?? [])
      .filter((item) => item.severity === 1 && item.range.start.line >= shift)
      .map((item) => toDiagnostic(item, shift));
    return problems.some(({ code }) => UNTYPED.has(code)) && this.#isPlain(cell)
      ? problems.filter(({ code }) => !UNTYPED.has(code))
      : problems;
  }

  /**
   * Makes the cell's names known to the cells after it. The server is shown the cell's module when a later cell first
   * uses one of its names: what it was never shown costs it nothing.
   */
  async commit(cell: Cell): Promise<void> {
    await this.#ready;
    if (cell.declarations.length === 0 && !cell.augments) return;
    const number = ++this.#cells;
    const { head, uses } = this.#head(cell, (name) => cell.words.has(name));
    const names = cell.declarations.filter(({ name, kind }) => kind !== 'import' && !cell.exported.has(name));
    const tail = `\nexport { ${names.map(({ name }) => name).join(', ')} };`;
    this.#modules.set(number, {
      path: join(this.#folder, moduleName(number, cell.lang)),
      text: head + cell.source + tail,
      uses,
    });
    for (const declaration of cell.declarations) {
      this.#known.set(declaration.name, { ...declaration, cell: number });
    }
    this.#langs.set(number, cell.lang);
    if (cell.augments) this.#augmenting.push(number);
  }

  /** Asks the server about a place in a cell that has not run yet, with every earlier name in sight. */
  async ask<T>(method: string, cell: Cell, position: Position, params: Record<string, unknown> = {}): Promise<T> {
    await this.#ready;
    // Of names that the cell does not use the server needs to know no more than that they are there.
    this.#showModules(this.#head(cell, (name) => cell.words.has(name)).uses);
    const { uri, shift } = this.#show(cell, this.#head(cell, () => true).head);
    return this.#server.request<T>(method, {
      textDocument: { uri },
      position: { line: position.line + shift, character: position.character },
      ...params,
    });
  }

  request<T>(method: string, params: Record<string, unknown>): Promise<T> {
    return this.#server.request<T>(method, params);
  }

  /** What the server was shown of a file that exists for it only. */
  textOf(path: string): string | undefined {
    return this.#open.get(path)?.text;
  }

  /** How many lines the head in front of the cell last asked about takes. */
  get shift(): number {
    return this.#shift;
  }

  /** Local files whose edits the next check must see. */
  watch(paths: readonly string[]): void {
    for (const path of paths) this.#watched.set(path, this.#watched.get(path) ?? stampOf(path));
  }

  /** A cell without a single type is JavaScript, whose parameters need none, unless a tsconfig says what is wanted. */
  #isPlain(cell: Cell): boolean {
    return findTsconfig(this.#folder) === undefined && parse(cell.source, 'js').problems.length === 0;
  }

  #tellEdits(): void {
    const changes: { uri: string; type: number }[] = [];
    for (const [path, stamp] of this.#watched) {
      const now = stampOf(path);
      if (now === stamp) continue;
      this.#watched.set(path, now);
      changes.push({ uri: pathToFileURL(path).href, type: now === GONE ? 3 : stamp === GONE ? 1 : 2 });
    }
    if (changes.length > 0) this.#server.notify('workspace/didChangeWatchedFiles', { changes });
  }

  /** Forgets every cell, as a new session process has forgotten them. */
  forget(): void {
    this.#known = new Map();
    this.#modules.clear();
    this.#augmenting = [];
    for (const path of [...this.#open.keys()]) {
      if (!/__cell_\d+__/.test(path)) continue;
      this.#server.notify('textDocument/didClose', { textDocument: { uri: pathToFileURL(path).href } });
      this.#open.delete(path);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#server.stop();
  }

  readonly #langs = new Map<number, 'ts' | 'tsx'>();
  #shift = 0;

  async #start(): Promise<void> {
    await this.#server.request('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(this.#folder).href,
      initializationOptions: { userPreferences: SETTINGS, disablePushDiagnostics: true },
      capabilities: {
        general: { positionEncodings: ['utf-16'] },
        workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: false } },
        textDocument: {
          diagnostic: {},
          completion: { completionItem: { documentationFormat: ['plaintext', 'markdown'] } },
          hover: { contentFormat: ['markdown', 'plaintext'] },
          signatureHelp: { signatureInformation: { documentationFormat: ['plaintext'] } },
          publishDiagnostics: {},
        },
      },
    });
    this.#server.notify('initialized', {});
    const known = new Map([...this.#open].map(([path, { text }]) => [path, text]));
    this.#open.clear();
    for (const [path, text] of Object.entries(virtualProject(this.#folder))) known.set(path, text);
    for (const [path, text] of known) this.#write(path, text);
    this.#write(join(this.#folder, CELL_FILES.ts), 'export {};');
    // The first check reads the library files; it costs nothing while the session process starts as well.
    await this.#server.request('textDocument/diagnostic', {
      textDocument: { uri: pathToFileURL(join(this.#folder, CELL_FILES.ts)).href },
    });
  }

  #showModules(numbers: readonly number[]): void {
    for (const number of numbers) {
      const known = this.#modules.get(number);
      if (known === undefined || this.#open.has(known.path)) continue;
      this.#showModules(known.uses);
      this.#write(known.path, known.text);
    }
  }

  /** The line in front of a cell that declares the earlier names it uses, and the modules that those come from. */
  #head(cell: Cell, wanted: (name: string) => boolean): { head: string; uses: number[] } {
    const uses = new Set<number>(this.#augmenting);
    const own = new Set(cell.declarations.map(({ name }) => name));
    const lines: string[] = [];
    for (const [name, known] of this.#known) {
      if (!wanted(name) || own.has(name)) continue;
      const from = `'./${moduleName(known.cell, this.#langs.get(known.cell) ?? 'ts')}'`;
      if (known.kind === 'import') lines.push(known.statement as string);
      else uses.add(known.cell);
      if (known.kind === 'variable') lines.push(`declare let ${name}: typeof import(${from}).${name};`);
      else if (known.kind !== 'import') lines.push(`import { ${name} } from ${from};`);
    }
    for (const number of this.#augmenting)
      lines.push(`import './${moduleName(number, this.#langs.get(number) ?? 'ts')}';`);
    return { head: `export {};${lines.join(' ')}\n`, uses: [...uses] };
  }

  #show(cell: Cell, head: string): { uri: string; shift: number } {
    this.watch(cell.localFiles.map((file) => resolve(this.#folder, file)));
    this.#tellEdits();
    const path = join(this.#folder, CELL_FILES[cell.lang]);
    this.#shift = head.split('\n').length - 1;
    this.#write(path, head + cell.source);
    return { uri: pathToFileURL(path).href, shift: this.#shift };
  }

  #write(path: string, text: string): void {
    const uri = pathToFileURL(path).href;
    const version = (this.#open.get(path)?.version ?? 0) + 1;
    this.#open.set(path, { version, text });
    if (version === 1) {
      const languageId = path.endsWith('.json') ? 'json' : path.endsWith('.tsx') ? 'typescriptreact' : 'typescript';
      this.#server.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
    } else {
      this.#server.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
    }
  }
}

function moduleName(number: number, lang: 'ts' | 'tsx'): string {
  return `__cell_${number}__.${lang}`;
}

const GONE = 'gone';

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? GONE : `${stats.mtimeMs}-${stats.size}`;
}

/** TypeScript's errors "... implicitly has an 'any' type", of parameters, their parts, and properties by computed name. */
const UNTYPED = new Set([7006, 7019, 7031, 7053]);

const ASSIGNED_IMPORT = 2632;

function toDiagnostic(item: LspDiagnostic, shift: number): Diagnostic {
  const move = ({ line, character }: Position): Position => ({ line: line - shift, character });
  const code = Number(item.code ?? 0);
  // Constants of earlier cells are imports in the eyes of the checker.
  const message = code === ASSIGNED_IMPORT ? item.message.replace('an import', 'a constant') : item.message;
  return { start: move(item.range.start), end: move(item.range.end), code, message };
}
