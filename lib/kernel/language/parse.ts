import { parseSync, type ParserOptions } from 'oxc-parser';
import { isReadable } from './depth.ts';

/** An ESTree node, as far as this kernel looks at it. Offsets are UTF-16 code units. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

export interface SyntaxProblem {
  message: string;
  start: number;
  end: number;
}

export interface Parsed {
  body: Node[];
  problems: SyntaxProblem[];
}

export const TOO_DEEP =
  'this code is nested too deeply to be read (brackets in brackets, or one long chain of operators); split it up';

export function parse(code: string, lang: 'js' | 'ts' | 'tsx'): Parsed {
  if (!isReadable(code, lang)) return { body: [], problems: [{ message: TOO_DEEP, start: 0, end: 0 }] };
  const options: ParserOptions = { lang, sourceType: 'module', preserveParens: false };
  const result = parseSync(`cell.${lang}`, code, options);
  const problems = result.errors
    .filter((error) => String(error.severity) === 'Error')
    .map((error) => {
      const label = error.labels[0];
      return { message: error.message, start: label?.start ?? 0, end: label?.end ?? 0 };
    });
  return { body: result.program.body as unknown as Node[], problems };
}

/** Visits a node and all below it, parents first; a visitor that returns false is not shown what lies below. */
export function walk(node: Node, visit: (node: Node) => boolean | void): void {
  if (visit(node) === false) return;
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walk(item, visit);
    } else if (isNode(value)) walk(value, visit);
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

export function child(node: Node, key: string): Node | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

export function children(node: Node, key: string): Node[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The names that a binding pattern binds. */
export function boundNames(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern['name'] as string];
    case 'ObjectPattern':
      return children(pattern, 'properties').flatMap((property) =>
        boundNames((child(property, 'value') ?? child(property, 'argument')) as Node),
      );
    case 'ArrayPattern':
      return children(pattern, 'elements').flatMap(boundNames);
    case 'AssignmentPattern':
      return boundNames(child(pattern, 'left') as Node);
    case 'RestElement':
      return boundNames(child(pattern, 'argument') as Node);
    default:
      return [];
  }
}

export function isFunction(node: Node): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

/** `var` names anywhere in a statement, as deep as `var` reaches: not into functions, not into class bodies. */
export function varNames(statement: Node): string[] {
  const names: string[] = [];
  walk(statement, (node) => {
    if (isFunction(node) || node.type === 'ClassBody') return false;
    if (node.type === 'VariableDeclaration' && node['kind'] === 'var' && node['declare'] !== true) {
      for (const declarator of children(node, 'declarations'))
        names.push(...boundNames(child(declarator, 'id') as Node));
    }
    return undefined;
  });
  return names;
}
