import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Cell, Declaration } from './cell.ts';
import { Narrowings, type Place, type Reference } from './flow.ts';
import { isExcused, nothingKnown, readDynamic } from './javascript.ts';
import { toOffset, type Position } from './positions.ts';
import { asksForTypes, CELL_FILES, choosesJsx, optionsOf, virtualProject } from './project.ts';
import { LanguageServer, SETTINGS } from './server.ts';

export interface Diagnostic {
  /** From 0, within the cell. */
  start: Position;
  end: Position;
  code: number;
  message: string;
}

export interface Checked {
  /** What keeps the cell from running. */
  errors: Diagnostic[];
  /** Said once, of what is well enough to run. */
  hints: string[];
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
  /** Of a name that evolves: the types it has taken on are not known. */
  unknown?: boolean;
}

/**
 * The types of one notebook. Each cell that ran is a module of its own; a new cell is checked behind a head that
 * declares the names it uses from the modules of earlier cells, so that a name can change its kind or type at will.
 * The head also says what the flow of earlier cells has made of those names, as in one file: a module exports the
 * types that its conditions and assignments leave behind.
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

  async check(cell: Cell): Promise<Checked> {
    if (cell.unchecked) return { errors: [], hints: [] };
    await this.#ready;
    if (!cell.plain) this.#typed = true;
    for (const { name } of cell.declarations) this.#dynamic.loose.delete(name);
    let found = await this.#diagnose(cell, true);
    if (found.errors.length > 0 && this.#narrows(cell)) {
      // A cell may be run again, or after others than those above it: an error is one only without the flow as well.
      const declared = await this.#diagnose(cell, false);
      const places = new Set(declared.errors.map(({ start }) => `${start.line}:${start.character}`));
      const errors = found.errors.filter(({ start }) => places.has(`${start.line}:${start.character}`));
      found = { ...found, errors };
    }
    return found;
  }

  async #diagnose(cell: Cell, narrowed: boolean): Promise<Checked> {
    const { head, uses } = this.#head(cell, (name) => cell.words.has(name), narrowed);
    this.#showModules(uses);
    const { uri, shift } = this.#show(cell, head);
    const report = await this.#server.request<{ items?: LspDiagnostic[] }>('textDocument/diagnostic', {
      textDocument: { uri },
    });
    const problems = (report.items ?? [])
      .filter((item) => item.severity === 1 && item.range.start.line >= shift)
      .map((item) => toDiagnostic(item, shift));
    this.#asked ??= asksForTypes(this.#folder);
    return this.#asked ? { errors: problems, hints: [] } : this.#excuse(problems, cell);
  }

  /** Takes out what only a tsconfig can ask for, and from JavaScript what Node would run. */
  #excuse(problems: Diagnostic[], cell: Cell): Checked {
    const hints: string[] = [];
    const javascript = cell.plain && !this.#typed;
    const dynamic = this.#dynamic;
    if (javascript && problems.length > 0) readDynamic(cell.body, dynamic);
    const errors = problems.filter((problem) => {
      if (problem.code === UNTYPED_MODULE) {
        const name = /'([^']+)'/.exec(problem.message)?.[1] ?? 'a module';
        const types = /^@?[\w-]/.test(name) ? `; types may be in ${typesPackage(name)}` : '';
        hints.push(`'${name}' has no types, so that all of it is any${types}`);
        return false;
      }
      if (UNTYPED_NAMES.has(problem.code) || (cell.plain && UNTYPED.has(problem.code))) return false;
      const offset = toOffset(cell.source, problem.start);
      return !javascript || !isExcused({ ...problem, offset }, cell, dynamic);
    });
    return { errors, hints };
  }

  /**
   * Makes the cell's names known to the cells after it. The server is shown the cell's module when a later cell first
   * uses one of its names: what it was never shown costs it nothing.
   */
  commit(cell: Cell): void {
    if (!cell.plain) this.#typed = true;
    else if (!this.#typed) readDynamic(cell.body, this.#dynamic);
    const captured = this.#captured(cell);
    if (cell.declarations.length === 0 && !cell.augments && captured.length === 0) return;
    const number = ++this.#cells;
    const { head, uses } = this.#head(cell, (name) => cell.words.has(name), true);
    const names = cell.declarations.filter(({ name, kind }) => kind !== 'import' && !cell.exported.has(name));
    const types = captured.map(({ text }, index) => `export const ${flowName(index)} = ${text};`);
    const tail = `\nexport { ${names.map(({ name }) => name).join(', ')} };${types.join(' ')}`;
    this.#modules.set(number, {
      path: join(this.#folder, moduleName(number, cell.lang)),
      text: head + cell.source + tail,
      uses,
    });
    for (const declaration of cell.declarations) {
      this.#known.set(declaration.name, { ...declaration, cell: number });
      this.#dynamic.functions.delete(declaration.name);
      if (declaration.kind === 'constant') this.#dynamic.functions.add(declaration.name);
      this.#narrowings.forget(declaration.name);
    }
    this.#langs.set(number, cell.lang);
    this.#numbers.set(cell, { number, captured });
    if (cell.augments) this.#augmenting.push(number);
  }

  /** What the cell's course means for the names that it uses; a cell that failed has left it somewhere. */
  settle(cell: Cell, ok: boolean): void {
    const { assigned, assignedInFunctions } = cell.flow;
    for (const name of [...assigned, ...assignedInFunctions]) this.#narrowings.forget(name);
    for (const name of ok ? assignedInFunctions : [...assigned, ...assignedInFunctions]) {
      const known = this.#known.get(name);
      if (known?.evolving !== undefined) known.unknown = true;
    }
    const committed = this.#numbers.get(cell);
    if (!ok || committed === undefined) return;
    this.#narrowings.add(committed.number, committed.captured);
    for (const { root, text } of committed.captured) {
      const known = this.#known.get(root);
      if (known !== undefined && root === text && !assignedInFunctions.has(root)) known.unknown = false;
    }
  }

  /** The references whose types the cell may have narrowed, of names that later cells see. */
  #captured(cell: Cell): Reference[] {
    const own = new Map(cell.declarations.map((each) => [each.name, each]));
    return [...cell.flow.narrowed.values()].filter(({ root, text }) => {
      const declaration = own.get(root) ?? this.#known.get(root);
      if (declaration === undefined) return root === 'process';
      if (declaration.kind === 'type') return false;
      if (own.has(root) && cell.flow.assignedInFunctions.has(root)) return false;
      const { evolving } = declaration;
      if (evolving === undefined) return true;
      // Read without having become anything, it would be an `any` for good.
      return cell.flow.assigned.has(root) ? !cell.flow.assignedInFunctions.has(root) : !evolving.array || root !== text;
    });
  }

  #narrows(cell: Cell): boolean {
    const own = new Set(cell.declarations.map(({ name }) => name));
    return this.#narrowings.of((root) => cell.words.has(root) && !own.has(root)).length > 0;
  }

  /** Whether the cell's JSX is made by a `React` in its scope: nothing else chooses. */
  usesReact(cell: Cell): boolean {
    if (cell.lang !== 'tsx' || cell.directives.includes('@jsx')) return false;
    const inScope = this.#known.has('React') || cell.declarations.some(({ name }) => name === 'React');
    return inScope && !choosesJsx(optionsOf(this.#folder));
  }

  /** Asks the server about a place in a cell that has not run yet, with every earlier name in sight. */
  async ask<T>(method: string, cell: Cell, position: Position, params: Record<string, unknown> = {}): Promise<T> {
    await this.#ready;
    // Of names that the cell does not use the server needs to know no more than that they are there.
    this.#showModules(this.#head(cell, (name) => cell.words.has(name), true).uses);
    const { uri, shift } = this.#show(cell, this.#head(cell, () => true, true).head);
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
    this.#narrowings.clear();
    this.#dynamic = nothingKnown();
    this.#typed = false;
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
  readonly #narrowings = new Narrowings();
  readonly #numbers = new WeakMap<Cell, { number: number; captured: Reference[] }>();
  #dynamic = nothingKnown();
  /** Whether a cell of the session has had types: what follows is then held to be TypeScript. */
  #typed = false;
  /** Whether a tsconfig wants types for everything. */
  #asked: boolean | undefined;
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

  /** The lines in front of a cell that declare the earlier names it uses, and the modules that those come from. */
  #head(cell: Cell, wanted: (name: string) => boolean, narrowed: boolean): { head: string; uses: number[] } {
    const uses = new Set<number>(this.#augmenting);
    const own = new Set(cell.declarations.map(({ name }) => name));
    const lines: string[] = [];
    const from = (number: number): string => `'./${moduleName(number, this.#langs.get(number) ?? 'ts')}'`;
    const typeAt = ({ cell: number, index }: Place): string => {
      uses.add(number);
      return `typeof import(${from(number)}).${flowName(index)}`;
    };
    for (const [name, known] of this.#known) {
      if (!wanted(name) || own.has(name)) continue;
      const place = this.#narrowings.placeOf(name);
      if (known.evolving !== undefined) lines.push(evolved(name, known, place && typeAt(place)));
      else if (known.kind === 'import') lines.push(known.statement as string);
      else if (this.#dynamic.loose.has(name)) lines.push(`declare let ${name}: any;`);
      else if (known.kind === 'variable')
        lines.push(`declare let ${name}: typeof import(${from(known.cell)}).${name};`);
      else if (known.kind === 'const' && place !== undefined && narrowed) {
        lines.push(`declare const ${name}: ${typeAt(place)};`);
      } else lines.push(`import { ${name} } from ${from(known.cell)};`);
      if (known.evolving === undefined && known.kind !== 'import') uses.add(known.cell);
    }
    if (narrowed) lines.push(...this.#narrowingLines(cell, own, typeAt));
    for (const number of this.#augmenting) lines.push(`import ${from(number)};`);
    const directives = cell.directives + (this.usesReact(cell) ? REACT : '');
    return { head: `${directives}export {};${lines.join(' ')}\n`, uses: [...uses] };
  }

  /** Of shorter references first, since the longer ones lie within. */
  #narrowingLines(cell: Cell, own: ReadonlySet<string>, typeAt: (place: Place) => string): string[] {
    const places = this.#narrowings
      .of((root) => cell.words.has(root) && !own.has(root) && !cell.flow.assignedInFunctions.has(root))
      .filter(({ root, text }) => {
        const known = this.#known.get(root);
        return root !== text || (known?.kind !== 'const' && known?.evolving === undefined);
      })
      .sort((a, b) => a.text.length - b.text.length);
    if (places.length === 0) return [];
    const declaration = `declare function ${NARROW}<T>(value: unknown): asserts value is T;`;
    return [declaration, ...places.map((place) => `${NARROW}<${typeAt(place)}>(${place.text});`)];
  }

  #show(cell: Cell, head: string): { uri: string; shift: number } {
    this.watch([...cell.specifiers].flatMap((specifier) => filesOf(specifier, this.#folder)));
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

const REACT = '/** @jsx React.createElement */ /** @jsxFrag React.Fragment */ ';

/** Names that only the type server sees. */
const NARROW = '__cell_narrow__';
const flowName = (index: number): string => `__cell_flow_${index}__`;

/** Declares a variable whose type is what was assigned to it last, as that assignment in one file would. */
function evolved(name: string, { kind, evolving, unknown }: Known, type: string | undefined): string {
  const { declaration, array } = evolving as NonNullable<Known['evolving']>;
  if (unknown === true) return `declare ${kind === 'const' ? 'const' : 'let'} ${name}: any${array ? '[]' : ''};`;
  if (type === undefined) return declaration;
  return array
    ? `${declaration} ${name}.push(null! as (${type})[number]);`
    : `${declaration} ${name} = null! as ${type};`;
}

/** Where the types of a package are kept that brings none. */
function typesPackage(specifier: string): string {
  const [, scope, name] = /^(?:@([^/]+)\/)?([^/]+)/.exec(specifier) ?? [];
  return `@types/${scope === undefined ? '' : `${scope}__`}${name}`;
}

/** The files by which a module comes and goes. */
function filesOf(specifier: string, folder: string): string[] {
  if (/^\.{0,2}\//.test(specifier)) {
    const path = resolve(folder, specifier);
    return /\.\w+$/.test(specifier)
      ? [path]
      : [path, `${path}.ts`, `${path}.tsx`, `${path}.js`, join(path, 'index.ts')];
  }
  const [name] = /^(?:@[^/:]+\/)?[^/:]+$|^(?:@[^/:]+\/)?[^/:]+(?=\/)/.exec(specifier) ?? [];
  if (name === undefined) return [];
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    for (const each of [name, typesPackage(name)]) paths.push(join(at, 'node_modules', each, 'package.json'));
    if (dirname(at) === at || existsSync(join(at, 'package.json'))) return paths;
  }
}

const GONE = 'gone';

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? GONE : `${stats.mtimeMs}-${stats.size}`;
}

/** TypeScript's errors "... implicitly has an 'any' type", of parameters, their parts, and properties by computed name. */
const UNTYPED = new Set([7006, 7019, 7031, 7053]);

/** The same of variables assigned in functions, and of JSX without types: `any`, where no tsconfig asks for more. */
const UNTYPED_NAMES = new Set([7005, 7026, 7034]);

/** A package without types. */
const UNTYPED_MODULE = 7016;

const ASSIGNED_IMPORT = 2632;

function toDiagnostic(item: LspDiagnostic, shift: number): Diagnostic {
  const move = ({ line, character }: Position): Position => ({ line: line - shift, character });
  const code = Number(item.code ?? 0);
  // Constants of earlier cells are imports in the eyes of the checker.
  const message = code === ASSIGNED_IMPORT ? item.message.replace('an import', 'a constant') : item.message;
  return { start: move(item.range.start), end: move(item.range.end), code, message };
}
