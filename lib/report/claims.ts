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

/** A table "the paper says / measured here" as a cell's value: Markdown where it can be shown, aligned text elsewhere. */
export function claims(rows: readonly Claim[]): Displayable {
  const cells = [HEADINGS, ...rows.map(({ claim, paper, measured }) => [claim, paper, measured])];
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)));
  const padded = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  return {
    [Symbol.for('Jupyter.display')]: () => ({
      'text/markdown': [line(HEADINGS), line(HEADINGS.map(() => '---')), ...cells.slice(1).map(line)].join('\n'),
      'text/plain': padded.join('\n'),
    }),
  };
}
