import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  readCell,
  rewriteExpression,
  toPosition,
  type Cell,
  type NotebookTypes,
  type Position,
} from '../language/index.ts';
import { cursorOf } from './complete.ts';
import type { Content, Handler, KernelContext } from './kernel.ts';

interface Hover {
  contents: { kind: string; value: string } | string;
}
interface Location {
  uri: string;
  range: { start: Position; end: Position };
}
interface Signatures {
  signatures?: { label: string; documentation?: string | { value: string } }[];
  activeSignature?: number | null;
}

/** At most this much of a definition is shown at level 1. */
const SOURCE_LINES = 40;
const NOTHING = { status: 'ok', found: false, data: {}, metadata: {} };

export const inspect: Handler = async (request, kernel): Promise<Content> => {
  const { code, offset } = cursorOf(request);
  const cell = readCell(code);
  const position = toPosition(code, offset);
  const text =
    (await hoverText(cell, position, kernel.types)) ??
    (await callText(cell, position, kernel.types)) ??
    (await typeText(code, kernel.types)) ??
    (await valueText(code, offset, kernel));
  if (text === undefined) return NOTHING;
  const parts = [text];
  if (request.content['detail_level'] === 1) parts.push(...(await details(cell, code, offset, kernel)));
  const markdown = parts.join('\n\n');
  const plain = markdown.replace(/^```\w*\n?/gm, '').trim();
  return { status: 'ok', found: true, data: { 'text/plain': plain, 'text/markdown': markdown }, metadata: {} };
};

async function hoverText(cell: Cell, position: Position, types: NotebookTypes): Promise<string | undefined> {
  const hover = await types.ask<Hover | null>('textDocument/hover', cell, position);
  const text = typeof hover?.contents === 'string' ? hover.contents : hover?.contents.value;
  // A name that is bound nowhere is of type any, and says no more than that.
  return text === undefined || text === '' || /^```typescript\nany\n```\s*$/.test(text) ? undefined : text;
}

/** A name that is a type, and no value. */
async function typeText(code: string, types: NotebookTypes): Promise<string | undefined> {
  const name = code.trim();
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$.]*$/u.test(name)) return undefined;
  const source = `type inspected__ = ${name};`;
  const text = await hoverText(readCell(source), toPosition(source, source.length - 2), types);
  return text?.includes('/*unresolved*/') === true ? undefined : text;
}

/** Of a name whose type says nothing: what it is now. */
async function valueText(code: string, offset: number, kernel: KernelContext): Promise<string | undefined> {
  const value = await valueAt(code, offset, kernel);
  return value === undefined ? undefined : `Value now:\n\`\`\`typescript\n${value}\n\`\`\``;
}

async function valueAt(code: string, offset: number, { session, names }: KernelContext): Promise<string | undefined> {
  const before = /[\p{ID_Continue}$.]*$/u.exec(code.slice(0, offset))?.[0] ?? '';
  const after = /^[\p{ID_Continue}$]*/u.exec(code.slice(offset))?.[0] ?? '';
  const expression = before + after;
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*(\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(expression))
    return undefined;
  const value = await session.ask('value', { expression: rewriteExpression(expression, names) });
  return typeof value === 'string' ? value : undefined;
}

/** Inside the parentheses of a call: the function that is called. */
async function callText(cell: Cell, position: Position, types: NotebookTypes): Promise<string | undefined> {
  const help = await types.ask<Signatures | null>('textDocument/signatureHelp', cell, position);
  const signature = help?.signatures?.[help.activeSignature ?? 0];
  if (signature === undefined) return undefined;
  const { documentation } = signature;
  const comment = typeof documentation === 'string' ? documentation : (documentation?.value ?? '');
  return `\`\`\`typescript\n${signature.label}\n\`\`\`\n${comment}`.trimEnd();
}

/** What level 1 adds: where it is defined, its source, and the value that it has now. */
async function details(cell: Cell, code: string, offset: number, kernel: KernelContext): Promise<string[]> {
  const position = toPosition(code, offset);
  const found = await kernel.types.ask<Location[] | Location | null>('textDocument/definition', cell, position);
  const [location] = Array.isArray(found) ? found : [found];
  const parts: string[] = [];
  if (location) {
    const source = await sourceOf(location, kernel.types).catch(() => undefined);
    if (source !== undefined) parts.push(source);
  }
  const value = await valueText(code, offset, kernel);
  if (value !== undefined) parts.push(value);
  return parts;
}

async function sourceOf({ uri, range }: Location, types: NotebookTypes): Promise<string> {
  const path = fileURLToPath(uri);
  const virtual = types.textOf(path);
  const lines = (virtual ?? (await readFile(path, 'utf8'))).split('\n');
  const start = range.start.line;
  const body = declarationFrom(lines.slice(start, start + SOURCE_LINES));
  const where = virtual === undefined ? `Defined in ${path}:${start + 1}` : 'Defined in an earlier cell';
  return `${where}:\n\`\`\`typescript\n${body.join('\n')}\n\`\`\``;
}

/** The lines until the brackets that the first one opens are closed. */
function declarationFrom(lines: readonly string[]): string[] {
  let depth = 0;
  for (const [at, line] of lines.entries()) {
    for (const character of line) depth += /[{[(]/.test(character) ? 1 : /[}\])]/.test(character) ? -1 : 0;
    if (depth <= 0) return lines.slice(0, at + 1);
  }
  return [...lines];
}
