import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  adviseInstall,
  NotebookTypes,
  toOffset,
  type CheckMode,
  type Diagnostic,
  type Position,
} from '../language/index.ts';
import { PACKAGE } from '../name.mjs';
import { MethodNotFound, type Connection, type Incoming } from './connection.ts';
import { applyChanges, showCell, splitDocument, type Range, type ShownCell, type TextChange } from './documents.ts';
import { declarationOf, nameAt, usesOf } from './names.ts';

interface Item {
  label: string;
  textEdit?: { newText: string; range?: Range; insert?: Range; replace?: Range };
  data?: unknown;
}
interface Located {
  shown: ShownCell;
  index: number;
  position: Position;
}
interface Params {
  textDocument: { uri: string; text?: string; version?: number };
  position: Position;
  contentChanges: TextChange[];
  newName: string;
  notebookDocument: { uri: string; cells?: { document: string; kind: number }[] };
  cellTextDocuments: { uri: string; text: string }[];
  change: { cells?: NotebookChange };
  rootUri: string | null;
}
interface NotebookChange {
  structure?: {
    array: { start: number; deleteCount: number; cells?: { document: string; kind: number }[] };
    didOpen?: { uri: string; text: string }[];
    didClose?: { uri: string }[];
  };
  textContent?: { document: { uri: string }; changes: TextChange[] }[];
}
interface Notebook {
  folder: string;
  /** Documents of its code cells in their order; one alone that holds all of them. */
  documents: string[];
  isWhole: boolean;
  cells: ShownCell[];
}

const CAPABILITIES = {
  textDocumentSync: { openClose: true, change: 2 },
  notebookDocumentSync: {
    notebookSelector: [
      {
        notebook: { notebookType: 'jupyter-notebook' },
        cells: [{ language: 'typescript' }, { language: 'javascript' }],
      },
    ],
  },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['.', '"', "'", '/', '@', '<'] },
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
};

/** Typing pauses so long before a notebook is looked at. */
const PAUSE = Number(process.env['TYPESCRIPT_KERNEL_LSP_PAUSE'] ?? 150);
const CODE_CELL = 2;

/**
 * A language server for notebooks, over what the kernel itself knows of cells: names flow from cell to cell, one declared
 * anew is no error, and magics are none either.
 */
export class NotebookServer {
  readonly #texts = new Map<string, string>();
  readonly #notebooks = new Map<string, Notebook>();
  /** One type server a folder. */
  readonly #types = new Map<string, NotebookTypes>();
  /** Which cells the type server of a folder knows. */
  readonly #shown = new Map<NotebookTypes, string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #work: Promise<unknown> = Promise.resolve();
  #root = process.cwd();
  connection!: Connection;

  async handle({ method = '', params = {} }: Incoming): Promise<unknown> {
    const given = params as unknown as Params;
    switch (method) {
      case 'initialize':
        if (given.rootUri?.startsWith('file:') === true) this.#root = fileURLToPath(given.rootUri);
        return { capabilities: CAPABILITIES, serverInfo: { name: PACKAGE } };
      case 'shutdown':
        for (const types of this.#types.values()) types.stop();
        return null;
      case 'exit':
        process.exit(0);
      // The process has ended.
      // eslint-disable-next-line no-fallthrough
      case 'textDocument/didOpen':
        this.#open(given.textDocument.uri, given.textDocument.text ?? '');
        return null;
      case 'textDocument/didChange':
        this.#edit(given.textDocument.uri, given.contentChanges);
        return null;
      case 'textDocument/didClose':
        this.#close(given.textDocument.uri);
        return null;
      case 'notebookDocument/didOpen':
        this.#openNotebook(given);
        return null;
      case 'notebookDocument/didChange':
        this.#changeNotebook(given.notebookDocument.uri, given.change.cells ?? {});
        return null;
      case 'notebookDocument/didClose':
        this.#close(given.notebookDocument.uri);
        for (const { uri } of given.cellTextDocuments) this.#texts.delete(uri);
        return null;
      case 'textDocument/hover':
        return this.#ask(given, method, (answer, located, shift) => {
          const hover = answer as { range?: Range } | null;
          return hover?.range === undefined
            ? hover
            : { ...hover, range: toDocument(hover.range, located.shown, shift) };
        });
      case 'textDocument/signatureHelp':
        return this.#ask(given, method, (answer) => answer);
      case 'textDocument/completion':
        return this.#ask(given, method, (answer, located, shift) => {
          const items = answer as { items?: Item[] } | Item[] | null;
          const all = Array.isArray(items) ? items : (items?.items ?? []);
          return { isIncomplete: false, items: completions(all, located.shown, shift) };
        });
      case 'textDocument/definition':
        return this.#definition(given);
      case 'textDocument/references':
        return this.#uses(given).map(({ uri, range }) => ({ uri, range }));
      case 'textDocument/prepareRename': {
        const [first] = this.#uses(given, true);
        if (first === undefined) throw new Error('there is no name of a cell here');
        return first.range;
      }
      case 'textDocument/rename':
        return this.#rename(given);
      default:
        if (/^(\$\/|initialized$|workspace\/did|textDocument\/(did|will)|notebookDocument\/didSave)/.test(method))
          return null;
        throw new MethodNotFound(`${method} is not provided`);
    }
  }

  #open(uri: string, text: string): void {
    this.#texts.set(uri, text);
    this.#notebooks.set(uri, { folder: this.#folderOf(uri), documents: [uri], isWhole: true, cells: [] });
    this.#changed(uri);
  }

  #edit(uri: string, changes: readonly TextChange[]): void {
    this.#texts.set(uri, applyChanges(this.#texts.get(uri) ?? '', changes));
    this.#changed(uri);
  }

  #close(uri: string): void {
    this.#notebooks.delete(uri);
    this.#texts.delete(uri);
    this.connection.notify('textDocument/publishDiagnostics', { uri, diagnostics: [] });
  }

  #openNotebook({ notebookDocument: { uri, cells = [] }, cellTextDocuments }: Params): void {
    for (const { uri: cell, text } of cellTextDocuments) this.#texts.set(cell, text);
    const documents = cells.filter(({ kind }) => kind === CODE_CELL).map(({ document }) => document);
    this.#notebooks.set(uri, { folder: this.#folderOf(uri), documents, isWhole: false, cells: [] });
    this.#changed(uri);
  }

  #changeNotebook(uri: string, { structure, textContent = [] }: NotebookChange): void {
    const notebook = this.#notebooks.get(uri);
    if (notebook === undefined) return;
    for (const { uri: cell, text } of structure?.didOpen ?? []) this.#texts.set(cell, text);
    if (structure !== undefined) {
      const { start, deleteCount, cells = [] } = structure.array;
      notebook.documents.splice(start, deleteCount, ...cells.map(({ document }) => document));
    }
    for (const { uri: cell } of structure?.didClose ?? []) {
      this.#texts.delete(cell);
      this.connection.notify('textDocument/publishDiagnostics', { uri: cell, diagnostics: [] });
    }
    for (const { document, changes } of textContent) {
      this.#texts.set(document.uri, applyChanges(this.#texts.get(document.uri) ?? '', changes));
    }
    this.#changed(uri);
  }

  /** jupyterlab-lsp lays its documents into a folder of their own. */
  #folderOf(uri: string): string {
    if (!uri.startsWith('file:')) return this.#root;
    const path = fileURLToPath(uri).replace(/[\\/]\.virtual_documents(?=[\\/])/, '');
    return dirname(path);
  }

  #typesOf({ folder }: Notebook): NotebookTypes {
    const known = this.#types.get(folder) ?? new NotebookTypes(folder);
    this.#types.set(folder, known);
    return known;
  }

  #changed(uri: string): void {
    const notebook = this.#notebooks.get(uri);
    if (notebook === undefined) return;
    this.#readCells(notebook);
    clearTimeout(this.#timers.get(uri));
    this.#timers.set(
      uri,
      setTimeout(() => void this.#next(() => this.#check(uri)), PAUSE),
    );
  }

  #readCells(notebook: Notebook): void {
    const names = (): string[] => notebook.cells.flatMap(({ cell }) => cell.declarations.map(({ name }) => name));
    const text = (uri: string): string => this.#texts.get(uri) ?? '';
    notebook.cells = notebook.isWhole
      ? splitDocument(notebook.documents[0] ?? '', text(notebook.documents[0] ?? ''), names)
      : notebook.documents.map((each) => showCell(each, 0, text(each), names));
  }

  /** One after the other: the type server knows one cell at a time. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  async #check(uri: string): Promise<void> {
    const notebook = this.#notebooks.get(uri);
    if (notebook === undefined) return;
    const types = this.#typesOf(notebook);
    const { cells } = notebook;
    types.forget();
    const found = new Map<string, object[]>(notebook.documents.map((each) => [each, []]));
    let mode: CheckMode = 'on';
    for (const shown of cells) {
      mode = (/^%check\s+(on|warn|off)/m.exec(shown.text)?.[1] as CheckMode | undefined) ?? mode;
      const problems = await problemsOf(shown, types, mode).catch(() => []);
      found.get(shown.uri)?.push(...problems.map((each) => this.#diagnostic(each, shown, mode)));
      types.commit(shown.cell);
      types.settle(shown.cell, true);
    }
    this.#shown.delete(types);
    // What was edited meanwhile is looked at anew in a moment.
    if (this.#notebooks.get(uri)?.cells !== cells) return;
    for (const [document, diagnostics] of found) {
      this.connection.notify('textDocument/publishDiagnostics', { uri: document, diagnostics });
    }
  }

  #diagnostic({ start, end, code, message }: Diagnostic, shown: ShownCell, mode: CheckMode): object {
    const range = toDocument({ start, end }, shown, 0);
    return { range, severity: mode === 'on' ? 1 : 2, source: 'typescript', message, ...(code > 0 && { code }) };
  }

  #locate({ textDocument: { uri }, position }: Params): (Located & { notebook: Notebook }) | undefined {
    for (const notebook of this.#notebooks.values()) {
      const index = notebook.cells.findLastIndex((each) => each.uri === uri && each.line <= position.line);
      const shown = notebook.cells[index];
      if (shown !== undefined) {
        return { notebook, shown, index, position: { ...position, line: position.line - shown.line } };
      }
    }
    return undefined;
  }

  /** Asks the type server about a place, with the cells above in sight. */
  async #ask<R>(
    params: Params,
    method: string,
    answered: (answer: unknown, located: Located, shift: number) => R,
  ): Promise<R | null> {
    return this.#next(async () => {
      const located = this.#locate(params);
      if (located === undefined) return null;
      const types = this.#typesOf(located.notebook);
      const above = located.notebook.cells.slice(0, located.index);
      const key = JSON.stringify(above.map(({ text }) => text));
      if (this.#shown.get(types) !== key) {
        types.forget();
        for (const { cell } of above) {
          types.commit(cell);
          types.settle(cell, true);
        }
        this.#shown.set(types, key);
      }
      const answer = await types.ask<unknown>(method, located.shown.cell, located.position);
      return answered(answer, located, types.shift);
    });
  }

  async #definition(params: Params): Promise<object | null> {
    const located = this.#locate(params);
    const declaring = located && this.#declaring(located);
    if (located !== undefined && declaring !== undefined) {
      const range = declarationOf(declaring.name, declaring.shown.cell);
      if (range !== undefined) return { uri: declaring.shown.uri, range: toDocument(range, declaring.shown, 0) };
    }
    type Found = { uri: string; range: Range } | { uri: string; range: Range }[] | null;
    return this.#ask(params, 'textDocument/definition', (answer, { shown }, shift) => {
      const found = answer as Found;
      const all = Array.isArray(found) ? found : found === null ? [] : [found];
      return all.flatMap(({ uri, range }) => {
        if (!/__cells?_/.test(uri)) return [{ uri, range }];
        return uri.includes('/__cell__.') && range.start.line >= shift
          ? [{ uri: shown.uri, range: toDocument(range, shown, shift) }]
          : [];
      });
    });
  }

  /** The cell that declares what is named at a place: its own, or the last one above; undefined for a function's own names. */
  #declaring({
    notebook,
    shown,
    index,
    position,
  }: Located & { notebook: Notebook }): { name: string; shown: ShownCell; index: number } | undefined {
    const { name } = nameAt(shown.cell.source, toOffset(shown.cell.source, position)) ?? {};
    if (name === undefined) return undefined;
    const isUse = usesOf(name, shown.cell).some(
      ({ start, end }) =>
        start.line === position.line && start.character <= position.character && position.character <= end.character,
    );
    if (!isUse) return undefined;
    const at = notebook.cells
      .slice(0, index + 1)
      .findLastIndex(({ cell }) => cell.declarations.some((each) => each.name === name));
    const declaring = notebook.cells[at];
    return declaring === undefined ? undefined : { name, shown: declaring, index: at };
  }

  /** All uses of the name at a place, until a cell declares it anew. */
  #uses(params: Params, here = false): { uri: string; range: Range; shorthand: boolean }[] {
    const located = this.#locate(params);
    const declaring = located && this.#declaring(located);
    if (located === undefined || declaring === undefined) return [];
    const { cells } = located.notebook;
    const anew = cells.findIndex(
      ({ cell }, at) => at > declaring.index && cell.declarations.some(({ name }) => name === declaring.name),
    );
    const reached = here ? [located.shown] : cells.slice(declaring.index, anew < 0 ? cells.length : anew);
    const uses = reached.flatMap((shown) =>
      usesOf(declaring.name, shown.cell).map(({ start, end, shorthand }) => ({
        uri: shown.uri,
        range: toDocument({ start, end }, shown, 0),
        shorthand,
      })),
    );
    if (!here) return uses;
    const { line, character } = params.position;
    return uses.filter(
      ({ range: { start, end } }) => start.line === line && start.character <= character && character <= end.character,
    );
  }

  #rename(params: Params): object {
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(params.newName)) {
      throw new Error(`"${params.newName}" is no name: it needs letters, digits, _ or $, and no digit first`);
    }
    const changes: Record<string, { range: Range; newText: string }[]> = {};
    for (const { uri, range, shorthand } of this.#uses(params)) {
      const text = (this.#texts.get(uri) ?? '').split('\n')[range.start.line] ?? '';
      const old = text.slice(range.start.character, range.end.character);
      (changes[uri] ??= []).push({ range, newText: shorthand ? `${old}: ${params.newName}` : params.newName });
    }
    if (Object.keys(changes).length === 0) throw new Error('there is no name of a cell here');
    return { changes };
  }
}

async function problemsOf(shown: ShownCell, types: NotebookTypes, mode: CheckMode): Promise<Diagnostic[]> {
  if (shown.refused !== undefined) {
    const [line = ''] = shown.text.split('\n');
    return [
      { start: { line: 0, character: 0 }, end: { line: 0, character: line.length }, code: 0, message: shown.refused },
    ];
  }
  const { cell } = shown;
  if (cell.problems.length > 0) {
    return cell.problems.map(({ message, start, end }) => {
      const at = (offset: number): Position => positionIn(cell.source, offset);
      return { message, code: 0, start: at(start), end: at(Math.max(end, start + 1)) };
    });
  }
  if (mode === 'off') return [];
  cell.react = types.usesReact(cell);
  return adviseInstall((await types.check(cell)).errors, []);
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length - 1, character: offset - (before.lastIndexOf('\n') + 1) };
}

function toDocument({ start, end }: Range, { line }: ShownCell, shift: number): Range {
  const move = (at: Position): Position => ({ line: at.line - shift + line, character: at.character });
  return { start: move(start), end: move(end) };
}

function completions(items: readonly Item[], shown: ShownCell, shift: number): Item[] {
  return items
    .filter(({ label }) => !/^__(cell|kernel)_/.test(label) && !/\.d\.[cm]?ts$/.test(label))
    .map(({ data: _data, textEdit, ...item }) => {
      if (textEdit === undefined) return item;
      const moved = Object.fromEntries(
        Object.entries(textEdit).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : toDocument(value, shown, shift),
        ]),
      );
      return { ...item, textEdit: moved as unknown as NonNullable<Item['textEdit']> };
    });
}
