import { fromCodePoints, readCell, rewriteExpression, toCodePoints, toOffset, toPosition } from '../language/index.ts';
import type { CellNames, Position } from '../language/index.ts';
import type { SessionProcess } from '../session/process.ts';
import { textField, type Content, type Handler, type Message } from './kernel.ts';

interface Item {
  label: string;
  kind?: number;
  sortText?: string;
  insertText?: string;
  filterText?: string;
  textEdit?: {
    newText: string;
    range?: { start: Position; end: Position };
    insert?: { start: Position; end: Position };
  };
}

const KINDS = [
  '', 'text', 'method', 'function', 'constructor', 'field', 'variable', 'class', 'interface', 'module', 'property',
  'unit', 'value', 'enum', 'keyword', 'snippet', 'color', 'file', 'reference', 'folder', 'enum member', 'constant',
  'struct', 'event', 'operator', 'type parameter',
]; // prettier-ignore

/** Code and cursor of a request, the cursor in UTF-16 code units. */
export function cursorOf({ content }: Message): { code: string; offset: number } {
  const code = textField(content, 'code');
  const position = content['cursor_pos'];
  return { code, offset: typeof position === 'number' ? fromCodePoints(code, position) : code.length };
}

export const complete: Handler = async (request, { types, names, session }): Promise<Content> => {
  const { code, offset } = cursorOf(request);
  const cell = readCell(code);
  const answer = await types.ask<{ items?: Item[] } | Item[] | null>(
    'textDocument/completion',
    cell,
    toPosition(code, offset),
  );
  const shift = types.shift;
  const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
  const [word = ''] = /[\p{ID_Continue}$@#]*$/u.exec(code.slice(0, offset)) ?? [];
  let start = offset - word.length;
  const [tail = ''] = /^[\p{ID_Continue}$]*/u.exec(code.slice(offset)) ?? [];
  const end = offset + (word === '' ? 0 : tail.length);
  // Paths bring their own range; among members a single one that does would need brackets instead of the dot.
  const edited = items.every((item) => item.textEdit !== undefined) ? items[0]?.textEdit : undefined;
  const range = edited?.range ?? edited?.insert;
  if (range !== undefined) start = toOffset(code, { line: range.start.line - shift, character: range.start.character });
  const typed = code.slice(start, offset);
  const exact = items.filter((item) => wordOf(item).startsWith(typed));
  const fitting = (exact.length > 0 ? exact : items)
    .filter((item) => wordOf(item).toLowerCase().startsWith(typed.toLowerCase()))
    .filter((item) => !/^__(cell|kernel)_/.test(item.label) && (item.textEdit === undefined || range !== undefined))
    .sort((a, b) => (a.sortText ?? '').localeCompare(b.sortText ?? '') || a.label.localeCompare(b.label));
  if (fitting.length === 0) fitting.push(...(await runtimeMembers(code.slice(0, start), typed, session, names)));
  const place = { start: toCodePoints(code, start), end: toCodePoints(code, end) };
  return {
    status: 'ok',
    matches: fitting.map(textOf),
    cursor_start: place.start,
    cursor_end: place.end,
    metadata: {
      _jupyter_types_experimental: fitting.map((item) => ({
        text: textOf(item),
        type: KINDS[item.kind ?? 0] ?? '',
        ...place,
      })),
    },
  };
};

/** Properties of a value whose type says nothing: a chain of names is looked at, calls are not made. */
async function runtimeMembers(
  before: string,
  typed: string,
  session: SessionProcess,
  names: CellNames,
): Promise<Item[]> {
  const chain = /((?:[\p{ID_Start}$_][\p{ID_Continue}$]*\??\.)+)$/u.exec(before)?.[1];
  if (chain === undefined) return [];
  const members = await session.ask('members', { expression: rewriteExpression(chain.replace(/\??\.$/, ''), names) });
  return (Array.isArray(members) ? (members as string[]) : [])
    .filter((name) => name.startsWith(typed) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
    .map((label) => ({ label, kind: 10 }));
}

function wordOf(item: Item): string {
  return item.filterText ?? item.label;
}

function textOf(item: Item): string {
  return item.textEdit?.newText ?? item.insertText ?? item.label;
}
