/** What a committed workbook and one executed anew must have in common. */

import { textOf } from '../../lib/report/notebook.ts';
import type { Cell, Notebook, Output } from '../../lib/report/notebook.ts';

/** Not run by the tests, nor by `npm run figures`: for people. */
const LIVE = 'live';

export function codeCells(notebook: Notebook): Cell[] {
  return notebook.cells.filter((cell) => cell.cell_type === 'code' && !(cell.metadata.tags ?? []).includes(LIVE));
}

/** An output without what may differ between two machines: pixels. Numbers, specifications, SVG and text stay. */
export function comparable(output: Output): unknown {
  switch (output.output_type) {
    case 'stream':
      return { stream: output.name, text: textOf(output.text) };
    case 'error':
      return { error: output.ename, message: output.evalue };
    default:
      return Object.fromEntries(
        Object.entries(output.data)
          .filter(([mime]) => mime !== 'image/png')
          .map(([mime, value]) => [mime, Array.isArray(value) ? textOf(value) : value]),
      );
  }
}
