import { child, children, isFunction, walk, type Node } from './parse.ts';

/** A variable or a member of one, as the checker narrows it: `cfg.mode`, `rows[0]`. */
export interface Reference {
  root: string;
  /** As it can be written in another cell. */
  text: string;
}

/** What a cell does to names that may be other cells' as well. */
export interface Flow {
  /** References that its conditions, assertions and assignments may narrow. */
  narrowed: Map<string, Reference>;
  /** Names that it assigns to or pushes to in its own course ... */
  assigned: Set<string>;
  /** ... and in functions, which run who knows when. */
  assignedInFunctions: Set<string>;
}

/** More than anybody writes by hand; what is beyond is checked by its declared type. */
const MOST = 40;
const DEPTH = 5;
const ASSERTS = /assert|invariant|ensure|expect|check|must/i;
const GROWS = new Set(['push', 'unshift']);

export function readFlow(body: readonly Node[]): Flow {
  const flow: Flow = { narrowed: new Map(), assigned: new Set(), assignedInFunctions: new Set() };
  for (const statement of body) visit(statement, flow, isFunction(statement));
  return flow;
}

function visit(node: Node, flow: Flow, inFunction: boolean): void {
  walk(node, (each) => {
    if (each !== node && isFunction(each)) {
      visit(each, flow, true);
      return false;
    }
    readAssignment(each, flow, inFunction);
    if (!inFunction) readCondition(each, flow);
    return true;
  });
}

function readAssignment(node: Node, flow: Flow, inFunction: boolean): void {
  const assigned = (target: Node | undefined): void => {
    if (target === undefined) return;
    for (const reference of targets(target)) {
      if (inFunction) {
        if (reference.root === reference.text) flow.assignedInFunctions.add(reference.root);
      } else {
        flow.assigned.add(reference.root);
        note(reference, flow);
      }
    }
  };
  if (node.type === 'AssignmentExpression') assigned(child(node, 'left'));
  if (node.type === 'UpdateExpression') assigned(child(node, 'argument'));
  if (/^For(In|Of)Statement$/.test(node.type)) {
    const left = child(node, 'left');
    if (left?.type !== 'VariableDeclaration') assigned(left);
  }
  const grown = grownArray(node);
  if (grown !== undefined) {
    (inFunction ? flow.assignedInFunctions : flow.assigned).add(grown);
    if (!inFunction) note({ root: grown, text: grown }, flow);
  }
}

/** The array that `rows.push(...)` or `rows[i] = ...` makes longer. */
function grownArray(node: Node): string | undefined {
  const member =
    node.type === 'CallExpression'
      ? child(node, 'callee')
      : node.type === 'AssignmentExpression'
        ? child(node, 'left')
        : undefined;
  const object = member?.type === 'MemberExpression' ? child(member, 'object') : undefined;
  if (member === undefined || object?.type !== 'Identifier') return undefined;
  const name = child(member, 'property')?.['name'] as string;
  const grows = node.type === 'CallExpression' ? GROWS.has(name) : member['computed'] === true;
  return grows ? (object['name'] as string) : undefined;
}

function readCondition(node: Node, flow: Flow): void {
  const condition = (each: Node | undefined): void => {
    if (each === undefined) return;
    walk(each, (part) => {
      if (isFunction(part)) return false;
      const reference = referenceOf(part);
      if (reference !== undefined) for (const prefix of prefixes(part)) note(prefix, flow);
      return true;
    });
  };
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
      condition(child(node, 'test'));
      break;
    case 'SwitchStatement':
      condition(child(node, 'discriminant'));
      break;
    case 'LogicalExpression':
      condition(child(node, 'left'));
      break;
    case 'CallExpression': {
      const callee = child(node, 'callee') as Node;
      const named = referenceOf(callee)?.text;
      if (named !== undefined && ASSERTS.test(named)) children(node, 'arguments').forEach(condition);
      break;
    }
    case 'VariableDeclarator': {
      const [id, init] = [child(node, 'id') as Node, child(node, 'init')];
      // A declared union begins as what it was made from.
      if (init !== undefined && child(id, 'typeAnnotation') !== undefined && id.type === 'Identifier') {
        note({ root: id['name'] as string, text: id['name'] as string }, flow);
      }
      if (init !== undefined && /^(Binary|Unary)Expression$/.test(init.type)) condition(init);
      break;
    }
  }
}

function note(reference: Reference, { narrowed }: Flow): void {
  if (narrowed.size < MOST) narrowed.set(reference.text, reference);
}

/** What a pattern or another target of an assignment assigns to. */
function targets(node: Node): Reference[] {
  switch (node.type) {
    case 'ObjectPattern':
      return children(node, 'properties').flatMap((each) =>
        targets((child(each, 'value') ?? child(each, 'argument')) as Node),
      );
    case 'ArrayPattern':
      return children(node, 'elements').flatMap(targets);
    case 'AssignmentPattern':
      return targets(child(node, 'left') as Node);
    case 'RestElement':
      return targets(child(node, 'argument') as Node);
    default: {
      const reference = referenceOf(node);
      return reference === undefined ? [] : [reference];
    }
  }
}

function prefixes(node: Node): Reference[] {
  const reference = referenceOf(node);
  if (reference === undefined) return [];
  const object = inner(node);
  return object === undefined ? [reference] : [...prefixes(object), reference];
}

/** The object of a member, through what only the checker sees. */
function inner(node: Node): Node | undefined {
  if (node.type === 'ChainExpression' || node.type === 'TSNonNullExpression') {
    return inner(child(node, 'expression') as Node);
  }
  return node.type === 'MemberExpression' ? child(node, 'object') : undefined;
}

function referenceOf(node: Node, depth = DEPTH): Reference | undefined {
  if (node.type === 'Identifier') return { root: node['name'] as string, text: node['name'] as string };
  if (node.type === 'ChainExpression' || node.type === 'TSNonNullExpression') {
    return referenceOf(child(node, 'expression') as Node, depth);
  }
  if (node.type !== 'MemberExpression' || depth === 0) return undefined;
  const object = referenceOf(child(node, 'object') as Node, depth - 1);
  const property = child(node, 'property');
  if (object === undefined || property === undefined) return undefined;
  const dot = node['optional'] === true ? '?.' : '';
  if (node['computed'] !== true) {
    if (property.type !== 'Identifier') return undefined;
    return { root: object.root, text: `${object.text}${dot || '.'}${property['name'] as string}` };
  }
  if (property.type !== 'Literal' || typeof property['raw'] !== 'string') return undefined;
  return { root: object.root, text: `${object.text}${dot}[${property['raw']}]` };
}

/** Where a narrowed type can be read: an export of the module of a cell. */
export interface Place extends Reference {
  cell: number;
  index: number;
}

/** What one session's cells have narrowed so far, as the flow of one file would have it. */
export class Narrowings {
  readonly #places = new Map<string, Place>();

  placeOf(text: string): Place | undefined {
    return this.#places.get(text);
  }

  of(wanted: (root: string) => boolean): Place[] {
    return [...this.#places.values()].filter(({ root }) => wanted(root));
  }

  /** A name declared anew, or assigned to, begins anew. */
  forget(root: string): void {
    for (const [text, place] of this.#places) if (place.root === root) this.#places.delete(text);
  }

  /** @param captured in the order in which the cell's module exports their types */
  add(cell: number, captured: readonly Reference[]): void {
    captured.forEach((reference, index) => this.#places.set(reference.text, { ...reference, cell, index }));
  }

  clear(): void {
    this.#places.clear();
  }
}
