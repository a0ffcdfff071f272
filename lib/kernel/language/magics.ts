import { completeness } from './completeness.ts';

/** Whether type errors keep a cell from running: `on` they do, `warn` they are shown, `off` nobody looks. */
export type CheckMode = 'on' | 'warn' | 'off';

export interface Prepared {
  /** The cell as TypeScript: as many lines as before, each where it was. */
  source: string;
  check?: CheckMode;
}

/**
 * The lines of a cell that are not TypeScript: `%check on|warn|off` at its head, and `!command` for the shell wherever
 * a statement may begin, in the first column.
 * @throws SyntaxError on a setting that does not exist
 */
export function prepare(code: string): Prepared {
  if (!/^[!%]/m.test(code)) return { source: code };
  const lines = code.split('\n');
  const prepared: Prepared = { source: code };
  let atHead = true;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (atHead && line.startsWith('%')) {
      prepared.check = readSetting(line);
      lines[at] = '';
    } else if (line.startsWith('!') && beginsStatement(lines.slice(0, at))) {
      const first = at;
      while ((lines[at] as string).endsWith('\\') && at + 1 < lines.length) at++;
      const command = lines
        .slice(first, at + 1)
        .join('\n')
        .slice(1);
      lines.fill('', first, at + 1);
      lines[first] = `await cell.shell(${JSON.stringify(command)});`;
    }
    if (line.trim() !== '' && !line.startsWith('%')) atHead = false;
  }
  return { ...prepared, source: lines.join('\n') };
}

function readSetting(line: string): CheckMode {
  const mode = /^%check\s+(on|warn|off)\s*$/.exec(line)?.[1];
  if (mode === undefined)
    throw new SyntaxError(`"${line.trim()}" is no setting; expected %check on, %check warn or %check off`);
  return mode as CheckMode;
}

/** Not inside a template, a comment or an expression that the lines before left open. */
function beginsStatement(before: readonly string[]): boolean {
  return before.every((line) => line.trim() === '') || completeness(before.join('\n')).status === 'complete';
}
