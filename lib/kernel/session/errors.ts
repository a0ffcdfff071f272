import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inspect, stripVTControlCharacters } from 'node:util';
import { unmarked } from '../language/names.ts';
import { Error, JSON, Map, Object, String, WeakMap } from './intrinsics.ts';
import { InterruptError } from './interrupt.ts';
import type { CellCode, ErrorReport } from './protocol.ts';

/** A place in the user's own source, both from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A place in the JavaScript that a cell was lowered to, which its rewritten code carries along. */
export interface Site extends Place {
  cell: number;
}

type ShownCell = Partial<Pick<CellCode, 'id' | 'source' | 'executionCount'>>;

const FRAME = /typescript-cell:(\d+):(\d+):(\d+)/g;
/** So many of the latest cells are remembered; a frame in an older one goes without its line. */
const MOST_CELLS = 2000;
/** Of the awaits that one error came through, so many are remembered. */
const MOST_SITES = 20;
const KERNEL_FILES = new URL('.', import.meta.url).href;
const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const OFF = '\u001b[39m';

interface Located extends Pick<CellCode, 'executionCount' | 'maps'> {
  parsed?: SourceMap[];
}

/** Stack traces in the user's terms: cells by their number, lines and columns as written, no kernel frames. */
export class Traces {
  readonly #files = new Map<string, { maps: string[]; parsed?: SourceMap[] }>();
  readonly #cells = new Map<number, Located>();
  readonly #passed = new WeakMap<object, Site[]>();

  add({ id, executionCount, maps }: CellCode): void {
    this.#cells.set(id, { executionCount, maps });
    this.#cells.delete(id - MOST_CELLS);
  }

  install(): void {
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = (error, sites) => {
      const all = sites.map((site) => this.#frame(site));
      const frames = all.filter((frame, at) => !isInternal(frame) && !(isNative(frame) && isOfKernel(all[at + 1])));
      const stack = [header(error), ...frames.map((site) => `    at ${site}`)].join('\n');
      return this.#renameCells(unmarked(stack));
    };
  }

  /** Remembers an await of a cell that an error has come through: its own stack may not say so. */
  passed(error: unknown, site: Site): void {
    if (typeof error !== 'object' || error === null) return;
    const sites = this.#passed.get(error) ?? [];
    if (sites.length < MOST_SITES) sites.push(site);
    this.#passed.set(error, sites);
  }

  /** The place in the cell that a place in its evaluated code stands for. */
  locate(id: number, line: number, column: number): Place | undefined {
    const known = this.#cells.get(id);
    if (known === undefined) return undefined;
    known.parsed ??= parseMaps(known.maps);
    return follow(known.parsed, { line, column });
  }

  /** Remembers where V8 stopped as it read a cell. */
  refused(error: unknown, cell: number, { line, column }: Place): void {
    // A SyntaxError that the cell itself has thrown looks the same to V8's protocol, and knows its place.
    if (safely(() => /\n\s+at .*Cell \[/.test((error as Error).stack ?? ''), false)) return;
    const known = this.#cells.get(cell);
    const [first] = (known === undefined ? undefined : (known.parsed ??= parseMaps(known.maps))) ?? [];
    const place = first && follow([first], { line, column });
    if (place !== undefined) this.passed(error, { cell, ...place });
    // What the stack held then was the kernel's own.
    safely(() => ((error as Error).stack = header(error as Error)), undefined);
  }

  /** The place in the cell that a place in its lowered code stands for. */
  #locateSite({ cell, line, column }: Site): Place | undefined {
    const known = this.#cells.get(cell);
    if (known === undefined) return undefined;
    known.parsed ??= parseMaps(known.maps);
    return follow(known.parsed.slice(1), { line, column });
  }

  /** @param maps from what is evaluated back to the file, to be followed one after the other */
  addFile(url: string, maps: string[]): void {
    // CommonJS modules are known by their path.
    for (const name of [url, fileURLToPath(withoutVersion(url))]) this.#files.set(name, { maps });
  }

  /** A frame as V8 words it; a place in a file that was changed for running becomes the place as written. */
  #frame(site: NodeJS.CallSite): string {
    const text = siteText(site);
    const url = site.getFileName() ?? '';
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
    const file = this.#files.get(url);
    if (file === undefined || line === null || column === null) return text;
    file.parsed ??= parseMaps(file.maps);
    const place = follow(file.parsed, { line, column });
    if (place === undefined) return text;
    return text.replace(`${url}:${line}:${column}`, () => `${withoutVersion(url)}:${place.line}:${place.column}`);
  }

  #renameCells(text: string): string {
    return text.replace(FRAME, (all, id: string, line: string, column: string) => {
      const place = this.locate(Number(id), Number(line), Number(column));
      const cell = this.#cells.get(Number(id));
      if (cell === undefined) return all;
      const name = `Cell [${cell.executionCount}]`;
      return place === undefined ? name : `${name}:${place.line}:${place.column}`;
    });
  }

  /** @param statement where the cell's statement begins that what threw goes back to, in its lowered code */
  report(error: unknown, cell: ShownCell | undefined, statement?: Place): ErrorReport {
    const unshowable = { ename: 'Uncaught', evalue: 'a value that cannot be shown', traceback: ['Uncaught value'] };
    return safely(() => this.#report(error, cell, statement), unshowable);
  }

  #report(error: unknown, cell: ShownCell | undefined, statement: Place | undefined): ErrorReport {
    const isError = safely(
      () => error instanceof Error || Object.prototype.toString.call(error) === '[object Error]',
      false,
    );
    const ename = isError ? safely(() => String((error as Error).name ?? 'Error'), 'Error') : 'Uncaught';
    const evalue = isError
      ? safely(() => unmarked(String((error as Error).message)), '')
      : safely(() => unmarked(inspect(error)), 'a value that cannot be shown');
    const text = safely(() => this.#renameCells(unmarked(inspect(error, { colors: true }))), `${ename}: ${evalue}`);
    const place = cell === undefined ? undefined : this.#placeIn(cell, error, isError, statement);
    const lines = withoutKernel(unbracketed(text).split('\n'));
    const traceback = isError ? withFrame(lines, cell, place) : [`${RED}Uncaught${OFF} ${lines.join('\n')}`];
    const [first = '', ...rest] = traceback;
    const heading = stripVTControlCharacters(first) === first ? `${RED}${first}${OFF}` : first;
    const shown = place === undefined ? undefined : excerptOf(cell, place);
    return { ename, evalue, traceback: shown === undefined ? [heading, ...rest] : [shown, heading, ...rest] };
  }

  /** The innermost place of the cell that its stack names; or the await it came through; or the statement it goes back to. */
  #placeIn(
    { id, executionCount }: ShownCell,
    error: unknown,
    isError: boolean,
    statement: Place | undefined,
  ): Place | undefined {
    if (error instanceof InterruptError || executionCount === undefined) return undefined;
    const stack = isError ? this.#renameCells(stackOf(error as Error)) : '';
    const found = new RegExp(`Cell \\[${executionCount}\\]:(\\d+):(\\d+)`).exec(stack);
    if (found !== null) return { line: Number(found[1]), column: Number(found[2]) };
    if (id === undefined) return undefined;
    const passed = isError ? (this.#passed.get(error as object) ?? []) : [];
    const site = passed.find((each) => each.cell === id) ?? (statement && { cell: id, ...statement });
    return site && this.#locateSite(site);
  }
}

function excerptOf(cell: ShownCell | undefined, place: Place): string | undefined {
  const { executionCount, source } = cell ?? {};
  return executionCount === undefined || source === undefined ? undefined : excerpt(source, executionCount, place);
}

/** An error without frames is put in brackets by `inspect`. */
function unbracketed(text: string): string {
  return /^\[[^\]\n]*\]$/.test(text) ? text.slice(1, -1) : text;
}

const isOfKernel = (frame = ''): boolean => frame.includes(KERNEL_FILES);
/** What the language itself does belongs to whoever calls it. */
const isNative = (frame: string): boolean => frame.includes('(<anonymous>)');
const isInternal = (frame: string): boolean =>
  isOfKernel(frame) || /node:(internal|diagnostics_channel|inspector)/.test(frame);

/** Whoever formats stacks in a way of their own shows the kernel's frames as well. */
function withoutKernel(lines: string[]): string[] {
  return lines.filter((line) => !(/^\s+at /.test(stripVTControlCharacters(line)) && line.includes(KERNEL_FILES)));
}

/** The traceback with the place in the cell behind the other frames, where none of them names it. */
function withFrame(lines: string[], cell: ShownCell | undefined, place: Place | undefined): string[] {
  if (place === undefined) return lines;
  const name = `Cell [${cell?.executionCount}]:${place.line}:`;
  if (lines.some((line) => line.includes(name))) return lines;
  const isFrame = (line: string | undefined): boolean =>
    line !== undefined && /^ {4}at /.test(stripVTControlCharacters(line));
  let last = Math.max(0, lines.findIndex(isFrame));
  while (isFrame(lines[last + 1])) last++;
  const line = lines[last] as string;
  // Properties of the error are listed in braces that begin on the last frame's line.
  const brace = line.endsWith(' {') ? ' {' : '';
  const before = line.slice(0, line.length - brace.length);
  return [...lines.slice(0, last), before, `    at ${name}${place.column}${brace}`, ...lines.slice(last + 1)];
}

const withoutVersion = (url: string): string => url.replace(/\?v=\d+$/, '');

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
