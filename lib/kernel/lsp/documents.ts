import { readCell, type Cell, type Position } from '../language/index.ts';
import { prepare, readNpm, toOffset } from '../language/index.ts';

export interface Range {
  start: Position;
  end: Position;
}

/** A cell of a notebook as an editor shows it: a document of its own, or some lines of one. */
export interface ShownCell {
  uri: string;
  /** The line of the document in which it begins. */
  line: number;
  text: string;
  cell: Cell;
  /** Why it is no TypeScript: a magic that does not exist. */
  refused?: string;
}

export interface TextChange {
  text: string;
  range?: Range;
}

export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let changed = text;
  for (const { range, text: inserted } of changes) {
    changed =
      range === undefined
        ? inserted
        : changed.slice(0, toOffset(changed, range.start)) + inserted + changed.slice(toOffset(changed, range.end));
  }
  return changed;
}

const read = new Map<string, Pick<ShownCell, 'cell' | 'refused'>>();
const REMEMBERED = 2000;

/** Reads a cell, or has read the same text before: a notebook is read again after every key. */
export function showCell(uri: string, line: number, text: string, names: () => readonly string[]): ShownCell {
  let known = read.get(text);
  if (known === undefined) {
    if (read.size > REMEMBERED) read.clear();
    try {
      known = { cell: readCell(readNpm(prepare(text, names).source).source) };
    } catch (error) {
      known = { cell: readCell(''), refused: (error as Error).message };
    }
    read.set(text, known);
  }
  // A cell of its own even where two have the same text: what is known of each is its own.
  return { uri, line, text, ...known, cell: Object.create(known.cell, {}) as Cell };
}

/**
 * The cells of a document in which an editor has laid them one below the other, as jupyterlab-lsp does with blank lines in
 * between: two or more of those end a cell, unless what stands above is unfinished.
 */
export function splitDocument(uri: string, text: string, names: () => readonly string[]): ShownCell[] {
  const lines = text.split('\n');
  const cells: ShownCell[] = [];
  let begin = 0;
  for (let at = 0; at <= lines.length; at++) {
    const isEnd = at === lines.length;
    if (!isEnd && !(lines[at]?.trim() === '' && lines[at - 1]?.trim() === '' && at > begin + 1)) continue;
    const part = lines.slice(begin, at).join('\n');
    if (part.trim() === '' && !isEnd) continue;
    const shown = showCell(uri, begin, part, names);
    if (!isEnd && shown.cell.problems.length > 0 && finishes(lines, begin, at)) continue;
    if (part.trim() !== '') cells.push(shown);
    begin = at;
  }
  return cells;
}

/** Whether what follows makes sense of an unfinished beginning: the blank lines stood within a cell. */
function finishes(lines: readonly string[], begin: number, at: number): boolean {
  let next = at + 1;
  while (next < lines.length && !(lines[next]?.trim() === '' && lines[next - 1]?.trim() === '')) next++;
  const part = lines.slice(begin, next).join('\n');
  return readCell(part).problems.length === 0;
}
