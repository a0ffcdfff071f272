import type { Cell } from './cell.ts';
import { child, children, isFunction, walk, type Node } from './parse.ts';

/** What is known of a session's plain JavaScript: members that come to be, names that may be missing. */
export interface Dynamic {
  /** Members assigned to, defined, or asked for before they are read. */
  members: Set<string>;
  /** Names looked for by `typeof`, or put on globalThis. */
  names: Set<string>;
  /** Variables that were assigned a value of another type than their first. */
  loose: Set<string>;
  /** Functions and classes, which JavaScript lets be assigned to. */
  functions: Set<string>;
}

export const nothingKnown = (): Dynamic => ({
  members: new Set(),
  names: new Set(),
  loose: new Set(),
  functions: new Set(),
});

export interface Located {
  /** UTF-16 offset in the cell. */
  offset: number;
  code: number;
  message: string;
}

/** Names and modules that are not there, constants assigned to, declarations that collide: Node refuses these too. */
const REFUSED = new Set([
  1192, 2300, 2305, 2306, 2307, 2337, 2376, 2377, 2440, 2448, 2449, 2451, 2503, 2588, 2614, 2632, 2724, 17009,
]);
const NO_NAME = new Set([2304, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 18004]);
const NO_MEMBER = new Set([2339, 2550, 2551, 2568, 2570, 2576]);
const NOT_CALLABLE = new Set([2348, 2349, 2351]);

const WRONG_TYPE = 2322;
const ASSIGNED_IMPORT = 2632;

/** Types that say no more than that the checker has not followed what the program does. */
const VAGUE = /\b(never|unknown|undefined|null)\b|'(\{\}|object|Object|Function)'|type '[^']*( \| |=>)/;

/**
 * Whether Node would run what the checker refuses in a cell of JavaScript. What stays are errors of every run: names,
 * modules and members that nothing ever made, calls of what is no function.
 */
export function isExcused({ offset, code, message }: Located, cell: Cell, dynamic: Dynamic): boolean {
  if (code === ASSIGNED_IMPORT && dynamic.functions.has(wordAt(cell.source, offset))) return true;
  if (code < 2000 || REFUSED.has(code)) return false;
  if (code === WRONG_TYPE) {
    const assigned = assignedAt(cell.body, offset);
    // A variable keeps its type across cells; within its own it may change.
    if (assigned !== undefined && !cell.declarations.some(({ name }) => name === assigned)) return false;
    if (assigned !== undefined) dynamic.loose.add(assigned);
  }
  if (NO_NAME.has(code)) return dynamic.names.has(wordAt(cell.source, offset)) || inFunction(cell.body, offset);
  if (NO_MEMBER.has(code) || NOT_CALLABLE.has(code)) {
    if (VAGUE.test(message) || dynamic.loose.has(rootAt(cell.body, offset) ?? '')) return true;
    return NO_MEMBER.has(code) && dynamic.members.has(wordAt(cell.source, offset));
  }
  return true;
}

export function readDynamic(body: readonly Node[], dynamic: Dynamic): void {
  for (const statement of body) walk(statement, (node) => readNode(node, dynamic));
}

function readNode(node: Node, dynamic: Dynamic): void {
  const { members, names } = dynamic;
  /** The members that an expression asks for: they may be missing. */
  const asked = (each: Node | undefined): void => {
    if (each === undefined) return;
    walk(each, (part) => {
      if (isFunction(part)) return false;
      if (part.type === 'MemberExpression') addMember(part, members);
      return true;
    });
  };
  switch (node.type) {
    case 'AssignmentExpression': {
      walk(child(node, 'left') as Node, (part) => {
        if (part.type === 'MemberExpression') addMember(part, members);
        if (isGlobal(child(part, 'object'))) addMember(part, names);
      });
      break;
    }
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
    case 'ForStatement':
      asked(child(node, 'test'));
      break;
    case 'LogicalExpression':
      asked(child(node, 'left'));
      break;
    case 'BinaryExpression':
      if (/^[!=]==?$/.test(node['operator'] as string)) asked(child(node, 'left'));
      if (node['operator'] === 'in' && child(node, 'left')?.type === 'Literal')
        members.add(String(child(node, 'left')?.['value']));
      break;
    case 'UnaryExpression':
      asked(child(node, 'argument'));
      if (node['operator'] === 'typeof') {
        const argument = child(node, 'argument');
        if (argument?.type === 'Identifier') names.add(argument['name'] as string);
      }
      break;
    case 'ChainExpression':
      asked(child(node, 'expression'));
      break;
    case 'Property': {
      // `{ port = 3000 } = options`
      const key = child(node, 'key');
      if (child(node, 'value')?.type === 'AssignmentPattern' && key?.type === 'Identifier')
        members.add(key['name'] as string);
      break;
    }
    case 'CallExpression':
      readDefinition(node, dynamic);
      break;
  }
}

/** `Object.assign(target, { name })`, `Object.defineProperty(target, 'name', ...)`, `hasOwnProperty('name')`. */
function readDefinition(node: Node, { members, names }: Dynamic): void {
  const method = child(child(node, 'callee') ?? node, 'property')?.['name'];
  if (
    typeof method !== 'string' ||
    !/^(assign|defineProperty|defineProperties|hasOwn|hasOwnProperty|extend|mixin)$/.test(method)
  )
    return;
  const [target, ...rest] = children(node, 'arguments');
  for (const argument of children(node, 'arguments')) {
    const found =
      argument.type === 'Literal'
        ? [String(argument['value'])]
        : children(argument, 'properties').map((each) =>
            String(child(each, 'key')?.['name'] ?? child(each, 'key')?.['value']),
          );
    for (const name of found) {
      members.add(name);
      if (rest.length > 0 && isGlobal(target)) names.add(name);
    }
  }
}

function isGlobal(node: Node | undefined): boolean {
  return node?.type === 'Identifier' && /^(globalThis|global|window|self)$/.test(node['name'] as string);
}

function addMember(node: Node, to: Set<string>): void {
  const property = child(node, 'property');
  if (property?.type === 'Identifier' && node['computed'] !== true) to.add(property['name'] as string);
  if (property?.type === 'Literal') to.add(String(property['value']));
}

function wordAt(source: string, offset: number): string {
  const quoted = /^['"]([^'"]*)['"]/.exec(source.slice(offset));
  return quoted?.[1] ?? /^[\p{ID_Continue}$]*/u.exec(source.slice(offset))?.[0] ?? '';
}

/** The variable that is assigned to at the offset. */
function assignedAt(body: readonly Node[], offset: number): string | undefined {
  let name: string | undefined;
  for (const statement of body) {
    walk(statement, (node) => {
      const left = node.type === 'AssignmentExpression' ? child(node, 'left') : undefined;
      if (left?.start === offset && left.type === 'Identifier') name = left['name'] as string;
    });
  }
  return name;
}

/** The variable whose member, or member's member, stands at the offset. */
function rootAt(body: readonly Node[], offset: number): string | undefined {
  let root: string | undefined;
  for (const statement of body) {
    walk(statement, (node) => {
      if (node.type !== 'MemberExpression') return;
      if (child(node, 'property')?.start !== offset && node.start !== offset) return;
      let object: Node | undefined = node;
      while (object !== undefined && object.type !== 'Identifier') {
        object = child(object, 'object') ?? child(object, 'callee') ?? child(object, 'expression');
      }
      root = object?.['name'] as string | undefined;
    });
  }
  return root;
}

function inFunction(body: readonly Node[], offset: number): boolean {
  let found = false;
  for (const statement of body) {
    walk(statement, (node) => {
      if (found || offset < node.start || offset >= node.end) return false;
      found = isFunction(node);
      return !found;
    });
  }
  return found;
}
