/** The table in which every workbook sets the paper's statements beside what was measured here. */

import type { Displayable } from './verdict.ts';

export interface Claim {
  /** What is stated, in our words. */
  claim: string;
  /** The paper's number or wording, with its place: 'exp(-2 lambda t), equation 2'. */
  paper: string;
  /** What the logs give, computed in the workbook. */
  measured: string;
}

const HEADINGS = ['claim', 'the paper says', 'measured here'];

/** A table as a cell's value: Markdown where it can be shown, aligned text elsewhere. Throws a RangeError for a row of another length. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): Displayable {
  const cells = [headings, ...rows].map((row) => {
    if (row.length !== headings.length) {
      throw new RangeError(
        `a row must have ${headings.length} cells, one a heading, not ${row.length}: ${row.join(', ')}`,
      );
    }
    return row.map(String);
  });
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)));
  const padded = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  const [head, ...body] = cells as [string[], ...string[][]];
  return {
    [Symbol.for('Jupyter.display')]: () => ({
      'text/markdown': [line(head), line(headings.map(() => '---')), ...body.map(line)].join('\n'),
      'text/plain': padded.join('\n'),
    }),
  };
}

/** The table "the paper says / measured here". */
export function claims(rows: readonly Claim[]): Displayable {
  return table(
    HEADINGS,
    rows.map(({ claim, paper, measured }) => [claim, paper, measured]),
  );
}
