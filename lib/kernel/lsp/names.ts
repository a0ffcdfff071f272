import { child, children, walk, type Node } from '../language/parse.ts';
import { outerNames } from '../language/scopes.ts';
import { toPosition, type Cell } from '../language/index.ts';
import type { Range } from './documents.ts';

export interface NameUse extends Range {
  /** `{ name }`, which a new name makes `{ name: other }`. */
  shorthand: boolean;
}

/** The name at a place, where there is one. */
export function nameAt(text: string, offset: number): { name: string; start: number } | undefined {
  const before = /[\p{ID_Continue}$]*$/u.exec(text.slice(0, offset))?.[0] ?? '';
  const after = /^[\p{ID_Continue}$]*/u.exec(text.slice(offset))?.[0] ?? '';
  const name = before + after;
  return /^[\p{ID_Start}$_]/u.test(name) ? { name, start: offset - before.length } : undefined;
}

/** Where a cell speaks of a name of the top level, its own or an earlier cell's. */
export function usesOf(name: string, { body, source }: Cell): NameUse[] {
  const keys = new Set<Node>();
  const imported: Node[] = [];
  for (const statement of body) {
    walk(statement, (node) => {
      // Keys are names of members.
      if (/^TS(Property|Method)Signature$/.test(node.type) && node['computed'] !== true) {
        const key = child(node, 'key');
        if (key !== undefined) keys.add(key);
      }
      if (node.type === 'TSEnumMember') keys.add(child(node, 'id') as Node);
      if (/^Import(Default|Namespace)?Specifier$/.test(node.type)) imported.push(child(node, 'local') as Node);
    });
  }
  const uses = [...outerNames(body).references].filter(([node]) => node['name'] === name && !keys.has(node));
  const at = [...uses, ...imported.filter((node) => node['name'] === name).map((node) => [node, 'plain'] as const)];
  return at
    .map(([{ start }, kind]) => ({
      start: toPosition(source, start),
      end: toPosition(source, start + name.length),
      shorthand: kind === 'shorthand',
    }))
    .sort((a, b) => a.start.line - b.start.line || a.start.character - b.start.character);
}

/** Where a cell declares a name of its top level. */
export function declarationOf(name: string, cell: Cell): Range | undefined {
  if (!cell.declarations.some((each) => each.name === name)) return undefined;
  for (const statement of cell.body) {
    const node = statement.type.startsWith('Export') ? (child(statement, 'declaration') ?? statement) : statement;
    const ids = [
      child(node, 'id'),
      ...children(node, 'declarations').map((each) => child(each, 'id')),
      ...children(node, 'specifiers').map((each) => child(each, 'local')),
    ];
    for (const id of ids) {
      const found = id === undefined ? undefined : identifierIn(id, name);
      if (found !== undefined) {
        const { start } = found;
        return { start: toPosition(cell.source, start), end: toPosition(cell.source, start + name.length) };
      }
    }
  }
  return usesOf(name, cell)[0];
}

function identifierIn(pattern: Node, name: string): Node | undefined {
  let found: Node | undefined;
  walk(pattern, (node) => {
    if (found === undefined && node.type === 'Identifier' && node['name'] === name) found = node;
    return found === undefined;
  });
  return found;
}
