import { encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

/** A stretch of the source, as offsets. */
export interface Span {
  start: number;
  end: number;
}

/** New text, with or without a place in the source that it stands for; or a stretch of the source. */
export type Part = string | { text: string; at: number } | Span;

interface Replacement extends Span {
  parts: Part[];
}

export interface Emitted {
  code: string;
  /** A source map, version 3, from `code` to the source. */
  map: string;
}

/**
 * Writes a source anew: stretches of it replaced by other text and by stretches of themselves, in which further
 * replacements hold. Those of an outer stretch are to be given before those inside it.
 */
export class Emitter {
  readonly #source: string;
  readonly #replacements: Replacement[] = [];
  #code = '';
  #line: SourceMapSegment[] = [];
  #lines: SourceMapSegment[][] = [];
  #column = 0;
  #starts: number[] | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  get changed(): boolean {
    return this.#replacements.length > 0;
  }

  replace({ start, end }: Span, ...parts: Part[]): void {
    this.#replacements.push({ start, end, parts });
  }

  /** Line from 1, column from 1. */
  place(offset: number): { line: number; column: number } {
    const line = this.#lineOf(offset);
    return { line: line + 1, column: offset - (this.#lineStarts[line] as number) + 1 };
  }

  emit(parts: readonly Part[], name: string): Emitted {
    // Stable, so that of two replacements of one stretch the first one given stays the outer one.
    const sorted = this.#replacements.toSorted((a, b) => a.start - b.start || b.end - a.end);
    this.#write(parts, sorted);
    const mappings = encode([...this.#lines, this.#line]);
    return { code: this.#code, map: JSON.stringify({ version: 3, sources: [name], names: [], mappings }) };
  }

  #write(parts: readonly Part[], within: readonly Replacement[]): void {
    for (const part of parts) {
      if (typeof part === 'string') this.#add(part);
      else if ('text' in part) {
        this.#mapTo(part.at);
        this.#add(part.text);
      } else this.#writeSpan(part, within);
    }
  }

  #writeSpan({ start, end }: Span, within: readonly Replacement[]): void {
    let at = start;
    for (let index = lowerBound(within, start); index < within.length;) {
      const next = within[index] as Replacement;
      if (next.start >= end) break;
      let after = index + 1;
      while (after < within.length && (within[after] as Replacement).start < next.end) after++;
      this.#copy(at, next.start);
      this.#write(next.parts, within.slice(index + 1, after));
      at = next.end;
      index = after;
    }
    this.#copy(at, end);
  }

  /** Source as it is; every word and every sign of it gets its place in the map. */
  #copy(start: number, end: number): void {
    let from = start;
    for (let at = start; at < end; at++) {
      const code = this.#source.charCodeAt(at);
      const within = at > start && isWord(code) && isWord(this.#source.charCodeAt(at - 1));
      if (within || code <= 32) continue;
      this.#add(this.#source.slice(from, at));
      this.#mapTo(at);
      from = at;
    }
    this.#add(this.#source.slice(from, end));
  }

  #mapTo(offset: number): void {
    const line = this.#lineOf(offset);
    this.#line.push([this.#column, 0, line, offset - (this.#lineStarts[line] as number)]);
  }

  #add(text: string): void {
    this.#code += text;
    // As V8 counts lines.
    const pieces = text.split(/\r\n|[\n\r\u2028\u2029]/);
    for (let at = 1; at < pieces.length; at++) {
      this.#lines.push(this.#line);
      this.#line = [];
      this.#column = 0;
    }
    this.#column += (pieces.at(-1) as string).length;
  }

  get #lineStarts(): number[] {
    if (this.#starts === undefined) {
      this.#starts = [0];
      for (let at = this.#source.indexOf('\n'); at >= 0; at = this.#source.indexOf('\n', at + 1)) {
        this.#starts.push(at + 1);
      }
    }
    return this.#starts;
  }

  #lineOf(offset: number): number {
    const starts = this.#lineStarts;
    let low = 0;
    for (let high = starts.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(sorted: readonly Span[], start: number): number {
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Span).start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isWord(code: number): boolean {
  return (
    code > 127 || code === 36 || code === 95 || (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122)
  );
}
