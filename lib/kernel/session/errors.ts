import { SourceMap, type SourceMapPayload } from 'node:module';
import { inspect, stripVTControlCharacters } from 'node:util';
import type { CellCode, ErrorReport } from './protocol.ts';

/** A place in the user's own source, both from 1. */
export interface Place {
  line: number;
  column: number;
}

type ShownCell = Partial<Pick<CellCode, 'source' | 'executionCount'>>;

const FRAME = /typescript-cell:(\d+):(\d+):(\d+)/g;
const FILE_FRAME = /(file:\/\/[^\s()]*?):(\d+):(\d+)/g;
const KERNEL_FILES = new URL('.', import.meta.url).href;
const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const OFF = '\u001b[39m';

/** Stack traces in the user's terms: cells by their number, lines and columns as written, no kernel frames. */
export class Traces {
  readonly #files = new Map<string, { maps: string[]; parsed?: SourceMap[] }>();
  readonly #cells = new Map<number, { cell: CellCode; maps?: SourceMap[] }>();

  add(cell: CellCode): void {
    this.#cells.set(cell.id, { cell });
  }

  install(): void {
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = (error, sites) => {
      const frames = sites
        .map(siteText)
        .filter((site) => !site.includes(KERNEL_FILES) && !/node:(internal|diagnostics_channel)/.test(site));
      const stack = [header(error), ...frames.map((site) => `    at ${site}`)].join('\n');
      return this.#renameCells(this.#renameFiles(stack));
    };
  }

  /** The place in the cell that a place in its evaluated code stands for. */
  locate(id: number, line: number, column: number): Place | undefined {
    const known = this.#cells.get(id);
    if (known === undefined) return undefined;
    known.maps ??= parseMaps(known.cell.maps);
    return follow(known.maps, { line, column });
  }

  /** @param maps from what is evaluated back to the file, to be followed one after the other */
  addFile(url: string, maps: string[]): void {
    this.#files.set(url, { maps });
  }

  /** In a stack that V8 has just made: a place in a file that was changed for running becomes the place as written. */
  #renameFiles(text: string): string {
    return text.replace(FILE_FRAME, (all, url: string, line: string, column: string) => {
      const file = this.#files.get(url);
      if (file === undefined) return all;
      file.parsed ??= parseMaps(file.maps);
      const place = follow(file.parsed, { line: Number(line), column: Number(column) });
      return place === undefined ? all : `${url.replace(/\?v=\d+$/, '')}:${place.line}:${place.column}`;
    });
  }

  #renameCells(text: string): string {
    return text.replace(FRAME, (all, id: string, line: string, column: string) => {
      const place = this.locate(Number(id), Number(line), Number(column));
      const cell = this.#cells.get(Number(id))?.cell;
      if (cell === undefined) return all;
      const name = `Cell [${cell.executionCount}]`;
      return place === undefined ? name : `${name}:${place.line}:${place.column}`;
    });
  }

  report(error: unknown, cell: ShownCell | undefined): ErrorReport {
    const unshowable = { ename: 'Uncaught', evalue: 'a value that cannot be shown', traceback: ['Uncaught value'] };
    return safely(() => this.#report(error, cell), unshowable);
  }

  #report(error: unknown, cell: ShownCell | undefined): ErrorReport {
    const isError = safely(
      () => error instanceof Error || Object.prototype.toString.call(error) === '[object Error]',
      false,
    );
    const ename = isError ? safely(() => String((error as Error).name ?? 'Error'), 'Error') : 'Uncaught';
    const evalue = isError
      ? safely(() => String((error as Error).message), '')
      : safely(() => inspect(error), 'a value that cannot be shown');
    const text = safely(() => this.#renameCells(inspect(error, { colors: true })), `${ename}: ${evalue}`);
    const excerpt = cell === undefined || !isError ? undefined : this.#excerpt(stackOf(error as Error), cell);
    const traceback = isError ? text.split('\n') : [`${RED}Uncaught${OFF} ${text}`];
    const [first = '', ...rest] = traceback;
    const heading = stripVTControlCharacters(first) === first ? `${RED}${first}${OFF}` : first;
    return { ename, evalue, traceback: excerpt === undefined ? [heading, ...rest] : [excerpt, heading, ...rest] };
  }

  /** The lines around the innermost frame that lies in the cell. */
  #excerpt(stack: string, { executionCount, source }: ShownCell): string | undefined {
    if (executionCount === undefined || source === undefined) return undefined;
    const found = new RegExp(`Cell \\[${executionCount}\\]:(\\d+):(\\d+)`).exec(stack);
    if (found === null) return undefined;
    const [line, column] = [Number(found[1]), Number(found[2])];
    return excerpt(source, executionCount, { line, column });
  }
}

function parseMaps(maps: readonly string[]): SourceMap[] {
  return maps.map((map) => new SourceMap(JSON.parse(map) as SourceMapPayload));
}

function follow(maps: readonly SourceMap[], from: Place): Place | undefined {
  let place = from;
  for (const map of maps) {
    const entry = map.findEntry(place.line - 1, place.column - 1);
    if (!('originalLine' in entry)) return undefined;
    place = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }
  return place;
}

/** Three lines of source, the one in question marked, and a caret under the column. */
export function excerpt(source: string, executionCount: number, { line, column }: Place): string {
  const lines = source.split('\n');
  const shown: string[] = [`${GREEN}Cell [${executionCount}]${OFF}, line ${line}, column ${column}`];
  for (let at = Math.max(1, line - 2); at <= Math.min(lines.length, line + 1); at++) {
    const text = lines[at - 1] ?? '';
    const number = String(at).padStart(3);
    shown.push(at === line ? `${RED}---->${OFF}${number} | ${text}` : `     ${number} | ${text}`);
    if (at === line) shown.push(`${' '.repeat(8)} | ${' '.repeat(Math.max(0, column - 1))}${RED}^${OFF}`);
  }
  return shown.join('\n');
}

/** CallSite has a toString of its own that its type does not declare. */
function siteText(site: { toString(): string }): string {
  return site.toString();
}

function header(error: Error): string {
  return safely(() => Error.prototype.toString.call(error), 'Error');
}

function stackOf(error: Error): string {
  return safely(() => String(error.stack), '');
}

/** Errors are the user's objects: their getters may throw. */
function safely<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}
