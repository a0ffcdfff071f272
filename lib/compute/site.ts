/** The line of the user's step that led to an op. Looked up only for an error: a stack costs more than the op that it belongs to. */
import { fileURLToPath } from 'node:url';

const OURS = import.meta.dirname;
const FRAME = /^\s*at (?:.*? \()?(?:async )?((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?$/;

/** Stack of this moment, one frame a line, however deep the layers are nested; V8 keeps only 10 frames by default. */
export function deepStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Infinity;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack ?? '';
}

/** `file:line:column` of the innermost frame that belongs neither to this room nor to a package, or undefined. */
export function callSite(stack = deepStack()): string | undefined {
  for (const line of stack.split('\n')) {
    const [, where, row, column] = FRAME.exec(line) ?? [];
    if (!where || where.startsWith('node:')) continue;
    const file = where.startsWith('file://') ? fileURLToPath(where) : where;
    if (file.startsWith(OURS) || file.includes('node_modules')) continue;
    return `${file}:${row}:${column}`;
  }
  return undefined;
}

/** A message with the line of the step that it is about, where one is known. */
export const atSite = (message: string, site = callSite()): string => (site ? `${message} (at ${site})` : message);
