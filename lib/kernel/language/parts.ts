import type { Cell } from './cell.ts';
import { child, walk, type Node } from './parse.ts';
import { toOffset } from './positions.ts';
import type { Diagnostic } from './types.ts';

/** Modules that are not there, or lack a name or a default that is imported. */
const MODULE = new Set([1192, 2305, 2306, 2307, 2614, 2724, 2882, 7016]);

/**
 * Where a cell imports what its own first lines may make (`!npm install`, `writeFileSync`): it is then run in two parts.
 * @returns the source of both, each with every line where it was; undefined where nothing above could help
 */
export function splitAtImport(
  cell: Cell,
  problems: readonly Diagnostic[],
): { first: string; rest: string } | undefined {
  if (problems.length === 0 || !problems.every(({ code }) => MODULE.has(code))) return undefined;
  const offsets = problems.map(({ start }) => toOffset(cell.source, start));
  const statement = cell.body.find(({ end }) => end > Math.min(...offsets));
  if (statement === undefined) return undefined;
  const above = cell.body.filter(({ end }) => end <= statement.start);
  if (!above.some(hasEffect)) return undefined;
  const before = cell.source.slice(0, statement.start);
  // The empty statement keeps the value of the last one from being shown.
  return { first: `${before}\n;;`, rest: before.replace(/[^\n]/g, ' ') + cell.source.slice(statement.start) };
}

/** Calls something besides the console. */
function hasEffect(statement: Node): boolean {
  let found = false;
  walk(statement, (node) => {
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const callee = child(node, 'callee') as Node;
      if (child(callee, 'object')?.['name'] !== 'console' && callee['name'] !== 'require') found = true;
    }
    return !found;
  });
  return found;
}
