import { fromCodePoints, readCell, rewriteExpression, toCodePoints, toOffset, toPosition } from '../language/index.ts';
import type { CellNames, Position } from '../language/index.ts';
import type { SessionProcess } from '../session/process.ts';
import { completeSpecial, completeText, type Offered } from './complete-paths.ts';
import { textField, type Content, type Handler, type KernelContext, type Message } from './kernel.ts';

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

export const complete: Handler = async (request, kernel): Promise<Content> => {
  const { code, offset } = cursorOf(request);
  const special = completeSpecial(code, offset, kernel.folder);
  if (special !== undefined) return offer(special, code, offset);
  const required = REQUIRED.exec(code.slice(0, offset));
  if (required !== null) return completeRequired(required, request, kernel);
  const reply = await completeTyped(code, offset, kernel);
  const found = (reply['matches'] as string[]).length > 0;
  const texts = found ? undefined : completeText(code, offset, kernel.folder);
  return texts === undefined ? reply : offer(texts, code, offset);
};

/** `require('fs').re`: the module's members, whose type `require` itself does not tell. */
const REQUIRED = /\brequire\(\s*(['"])([^'"]+)\1\s*\)\.([\w$]*)$/;

async function completeRequired(
  [, , specifier = '', typed = '']: RegExpExecArray,
  request: Message,
  kernel: KernelContext,
): Promise<Content> {
  const { code, offset } = cursorOf(request);
  const head = `import * as required__ from ${JSON.stringify(specifier)};\nrequired__.`;
  const reply = await completeTyped(head + typed, head.length + typed.length, kernel);
  const items = (reply['matches'] as string[]).map((label) => ({ label, kind: 10 }));
  return offer({ start: offset - typed.length, items }, code, offset);
}

function offer({ start, items }: Offered, code: string, offset: number): Content {
  const place = { start: toCodePoints(code, start), end: toCodePoints(code, offset) };
  return {
    status: 'ok',
    matches: items.map(({ label }) => label),
    cursor_start: place.start,
    cursor_end: place.end,
    metadata: {
      _jupyter_types_experimental: items.map(({ label, kind }) => ({ text: label, type: KINDS[kind] ?? '', ...place })),
    },
  };
}

async function completeTyped(code: string, offset: number, { types, names, session }: KernelContext): Promise<Content> {
  const cell = readCell(code);
  const answer = await types.ask<{ items?: Item[] } | Item[] | null>(
    'textDocument/completion',
    cell,
    toPosition(code, offset),
  );
  const shift = types.shift;
  const items = (Array.isArray(answer) ? answer : (answer?.items ?? [])).filter(
    ({ label }) => !/\.d\.[cm]?ts$/.test(label),
  );
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
}

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
