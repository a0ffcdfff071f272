import { stripVTControlCharacters } from 'node:util';
import { excerpt } from '../session/errors.ts';
import type { ErrorReport } from '../session/protocol.ts';
import type { Diagnostic } from './types.ts';

const RED = '\u001b[31m';
const OFF = '\u001b[39m';

/** What is wrong with a cell that therefore was not run, each with its line, its column and the source around it. */
export function problemReport(
  ename: string,
  problems: readonly Diagnostic[],
  source: string,
  count: number,
): ErrorReport {
  const traceback = problems.flatMap(({ start, code, message }) => {
    const place = { line: start.line + 1, column: start.character + 1 };
    const name = code === 0 ? ename : `${ename} TS${code}`;
    return [excerpt(source, count, place), `${RED}${name}${OFF}: ${message}`];
  });
  const [first] = problems;
  const evalue =
    first === undefined
      ? 'the cell could not be read'
      : stripVTControlCharacters(
          `Cell [${count}]:${first.start.line + 1}:${first.start.character + 1} - ${first.code === 0 ? '' : `TS${first.code}: `}${first.message}` +
            (problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''),
        );
  return { ename, evalue, traceback };
}
