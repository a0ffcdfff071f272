/** Tables and lines of text as values of notebook cells: Markdown for front ends, the same as plain text elsewhere. */

import type { DataFrame } from 'danfojs-node';
import { digits } from '../analysis/index.ts';
import type { MimeBundle } from './chart.ts';

export { digits, interval, scientific } from '../analysis/index.ts';

export type CellValue = string | number | boolean | null | undefined;

/** Markdown that shows itself. */
export class Markdown {
  readonly text: string;
  /** The same for a terminal. */
  readonly plain: string;

  constructor(text: string, plain = text) {
    this.text = text;
    this.plain = plain;
  }

  [Symbol.for('Jupyter.display')](): MimeBundle {
    return { 'text/markdown': this.text, 'text/plain': this.plain };
  }
}

/** A paragraph or more of Markdown, from parts joined by blank lines. */
export function markdown(...parts: string[]): Markdown {
  return new Markdown(parts.join('\n\n'));
}

/** A table of rows (objects of one shape) or of a danfo.js frame. `columns` chooses and orders columns and names their headings. */
export function dataTable(
  rows: readonly Record<string, CellValue>[] | DataFrame,
  columns?: Readonly<Record<string, string>>,
): Markdown {
  const records = Array.isArray(rows) ? (rows as Record<string, CellValue>[]) : frameRows(rows as DataFrame);
  const headings = columns ?? Object.fromEntries(Object.keys(records[0] ?? {}).map((key) => [key, key]));
  const keys = Object.keys(headings);
  const right = keys.map((key) => records.length > 0 && records.every((record) => typeof record[key] === 'number'));
  const body = [Object.values(headings), ...records.map((record) => keys.map((key) => cell(record[key])))];
  const widths = keys.map((_, i) => Math.max(...body.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const aligned = (cells: readonly string[]) =>
    cells
      .map((text, i) => (right[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = line(right.map((isNumber) => (isNumber ? '--:' : '---')));
  return new Markdown([line(body[0]!), rule, ...body.slice(1).map(line)].join('\n'), body.map(aligned).join('\n'));
}

function frameRows(frame: DataFrame): Record<string, CellValue>[] {
  const names = frame.columns as string[];
  return (frame.values as CellValue[][]).map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

function cell(value: CellValue): string {
  if (typeof value === 'number') return Number.isFinite(value) ? digits(value) : '–';
  return String(value ?? '–');
}
