import { MagicString } from 'magic-string';
import { boundNames, child, children, isFunction, parse, walk, type Node } from './parse.ts';

export interface Rewritten {
  code: string;
  map: string;
}

/** The one global that evaluated cells call back into; session/runtime.ts provides it. */
export const RUNTIME = '__kernel__';

/**
 * Turns the JavaScript of a cell into a script for V8's REPL mode.
 *
 * Every name of the top level becomes a `let`, since REPL mode lets a `let` be declared anew by a `let` only: `var` and
 * functions are hoisted by hand. Imports become awaited calls, since evaluated code has no module loader. What is
 * awaited goes through the runtime, so that an interrupt reaches it. The value of a last expression is handed over.
 */
export function rewrite(code: string, id: number): Rewritten {
  const parsed = parse(code, 'js');
  const [problem] = parsed.problems;
  if (problem !== undefined) throw new SyntaxError(problem.message);
  const edit = new MagicString(code);
  const hoisted = new Set<string>();
  const last = parsed.body.at(-1);
  const context: Context = { code, edit, hoisted, head: 0 };
  for (const statement of parsed.body) rewriteStatement(statement, context, statement === last);
  for (const statement of parsed.body) rewriteInside(statement, context, true);
  const names = hoisted.size > 0 ? `let ${[...hoisted].join(', ')};` : '';
  edit.prepend(`'use strict'; ${names} await ${RUNTIME}.begin(${id}); ${RUNTIME}.enter(${id});\n`);
  edit.append(`\n;await ${RUNTIME}.end(${id});`);
  return { code: edit.toString(), map: edit.generateMap({ hires: true, source: 'cell' }).toString() };
}

/** As much of it as a module needs that a cell imports: what it awaits can be interrupted. Lines stay lines. */
export function rewriteModule(code: string): Rewritten | undefined {
  if (!code.includes('await')) return undefined;
  const parsed = parse(code, 'js');
  if (parsed.problems.length > 0) return undefined;
  const edit = new MagicString(code);
  const context: Context = { code, edit, hoisted: new Set(), head: 0 };
  for (const statement of parsed.body) rewriteAwaits(statement, context);
  if (!edit.hasChanged()) return undefined;
  return { code: edit.toString(), map: edit.generateMap({ hires: true, source: 'module' }).toString() };
}

interface Context {
  code: string;
  edit: MagicString;
  hoisted: Set<string>;
  /** Where the next import or function is moved to: they run before the statements around them. */
  head: number;
}

function rewriteStatement(node: Node, context: Context, isLast: boolean): void {
  const { edit, code } = context;
  switch (node.type) {
    case 'ImportDeclaration':
      edit.update(node.start, node.end, importCall(node, code));
      moveToHead(node, context);
      break;
    case 'FunctionDeclaration':
      hoistFunction(node, context);
      break;
    case 'ClassDeclaration':
      edit.appendRight(node.start, `let ${nameOf(node)} = `);
      edit.prependLeft(node.end, ';');
      break;
    case 'VariableDeclaration':
      rewriteVariables(node, context);
      break;
    case 'ExpressionStatement':
      if (isLast) handOver(child(node, 'expression') as Node, context);
      break;
    case 'ExportNamedDeclaration': {
      const declaration = child(node, 'declaration');
      if (declaration === undefined) removeReexport(node, context);
      else {
        edit.remove(node.start, declaration.start);
        rewriteStatement(declaration, context, false);
      }
      break;
    }
    case 'ExportAllDeclaration':
      removeReexport(node, context);
      break;
    case 'ExportDefaultDeclaration': {
      const declaration = child(node, 'declaration') as Node;
      const named = /^(Function|Class)Declaration$/.test(declaration.type) && child(declaration, 'id') !== undefined;
      if (named) {
        edit.remove(node.start, declaration.start);
        rewriteStatement(declaration, context, false);
      } else {
        edit.update(node.start, declaration.start, ';(');
        edit.prependLeft(declaration.end, ')');
        if (isLast) handOver(declaration, context);
      }
      break;
    }
  }
}

/** `var` inside blocks, awaits, dynamic imports and import.meta, wherever they stand. */
function rewriteInside(node: Node, context: Context, reachesVar: boolean, inLoopHead = false): void {
  const { edit } = context;
  wrapAwait(node, edit);
  switch (node.type) {
    case 'ImportExpression':
      edit.update(node.start, node.start + 'import'.length, `${RUNTIME}.dynamicImport`);
      break;
    case 'MetaProperty':
      if ((child(node, 'meta') as Node)['name'] === 'import') edit.update(node.start, node.end, `${RUNTIME}.meta`);
      break;
    case 'VariableDeclaration':
      if (reachesVar && node['kind'] === 'var') assignVars(node, context, inLoopHead);
      break;
  }
  const inner = reachesVar && !isFunction(node) && node.type !== 'ClassBody';
  for (const [key, value] of Object.entries(node)) {
    const nodes = (Array.isArray(value) ? value : [value]).filter(
      (each): each is Node => typeof each === 'object' && each !== null && typeof (each as Node).type === 'string',
    );
    const loopHead = /^For(In|Of)?Statement$/.test(node.type) && (key === 'init' || key === 'left');
    for (const each of nodes) rewriteInside(each, context, inner, loopHead);
  }
}

function rewriteAwaits(node: Node, context: Context): void {
  walk(node, (each) => wrapAwait(each, context.edit));
}

function wrapAwait(node: Node, edit: MagicString): void {
  const wrap = (value: Node, how: string): void => {
    edit.appendRight(value.start, `${RUNTIME}.${how}(`);
    edit.prependLeft(value.end, ')');
  };
  if (node.type === 'AwaitExpression') wrap(child(node, 'argument') as Node, 'await');
  if (node.type === 'ForOfStatement' && node['await'] === true) wrap(child(node, 'right') as Node, 'iterate');
}

function rewriteVariables(node: Node, context: Context): void {
  const kind = node['kind'] as string;
  const { edit } = context;
  if (kind === 'const') {
    edit.update(node.start, node.start + 'const'.length, 'let  ');
  } else if (kind === 'using' || kind === 'await using') {
    edit.update(node.start, node.start + kind.length, 'let');
    for (const declarator of children(node, 'declarations')) {
      const value = child(declarator, 'init') as Node;
      edit.appendRight(value.start, `${RUNTIME}.${kind === 'using' ? 'use' : 'useAsync'}(`);
      edit.prependLeft(value.end, ')');
    }
  }
}

/** `var a = 1, b;` becomes `void (a = 1, 0);` with `a` and `b` declared at the head of the cell. */
function assignVars(node: Node, { edit, hoisted }: Context, inLoopHead: boolean): void {
  for (const declarator of children(node, 'declarations')) {
    const id = child(declarator, 'id') as Node;
    for (const name of boundNames(id)) hoisted.add(name);
    if (child(declarator, 'init') === undefined && !inLoopHead) edit.update(id.start, id.end, '0');
  }
  const declarators = children(node, 'declarations');
  const [first, last] = [declarators[0] as Node, declarators.at(-1) as Node];
  if (inLoopHead) edit.remove(node.start, first.start);
  else {
    edit.update(node.start, first.start, 'void (');
    edit.prependLeft(last.end, ')');
  }
}

function hoistFunction(node: Node, context: Context): void {
  const { edit, hoisted } = context;
  const name = nameOf(node);
  const id = child(node, 'id') as Node;
  hoisted.add(name);
  edit.appendRight(node.start, `${name} = `);
  edit.remove(id.start, id.end);
  edit.prependLeft(node.end, ';');
  moveToHead(node, context);
}

function moveToHead(node: Node, context: Context): void {
  if (node.start !== context.head) context.edit.move(node.start, node.end, context.head);
  else context.head = node.end;
}

function handOver(expression: Node, { edit }: Context): void {
  edit.appendRight(expression.start, `${RUNTIME}.result((`);
  edit.prependLeft(expression.end, '))');
}

function nameOf(node: Node): string {
  return (child(node, 'id') as Node)['name'] as string;
}

function removeReexport(node: Node, { edit, code }: Context): void {
  const source = child(node, 'source');
  if (source === undefined) edit.remove(node.start, node.end);
  else edit.update(node.start, node.end, `await ${RUNTIME}.import(${code.slice(source.start, source.end)});`);
}

function importCall(node: Node, code: string): string {
  const source = child(node, 'source') as Node;
  const names: string[] = [];
  const bindings: string[] = [];
  let namespace: string | undefined;
  for (const specifier of children(node, 'specifiers')) {
    const local = (child(specifier, 'local') as Node)['name'] as string;
    if (specifier.type === 'ImportNamespaceSpecifier') namespace = local;
    else {
      const imported = child(specifier, 'imported');
      const key = imported === undefined ? 'default' : ((imported['name'] ?? imported['value']) as string);
      names.push(key);
      bindings.push(`${JSON.stringify(key)}: ${local}`);
    }
  }
  const attributes = children(node, 'attributes').map((each) => code.slice(each.start, each.end));
  const call = `await ${RUNTIME}.import(${code.slice(source.start, source.end)}, ${JSON.stringify(names)}, {${attributes.join(', ')}})`;
  if (namespace !== undefined && bindings.length > 0) {
    return `let ${namespace} = ${call}; let { ${bindings.join(', ')} } = ${namespace};`;
  }
  if (namespace !== undefined) return `let ${namespace} = ${call};`;
  return bindings.length > 0 ? `let { ${bindings.join(', ')} } = ${call};` : `${call};`;
}
