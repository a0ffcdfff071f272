import { Emitter, type Part, type Span } from './emit.ts';
import { injected, marked, RUNTIME, type CellNames } from './names.ts';
import { boundNames, child, children, isFunction, isNode, parse, walk, type Node } from './parse.ts';
import { outerNames, type OuterNames } from './scopes.ts';

export interface Rewritten {
  code: string;
  map: string;
}

export interface RewrittenCell extends Rewritten {
  /** What the cell declares at its top level. */
  declared: string[];
  /** Names that neither it nor an earlier cell declares, and that are no globals either, as far as anyone knows. */
  unknown: string[];
}

/**
 * Turns the JavaScript of a cell into a script for V8's REPL mode.
 *
 * Every name of the top level becomes a `let` of a marked name (see names.ts), since REPL mode lets a `let` be declared
 * anew by a `let` only: `var` and functions are hoisted by hand. Imports become awaited calls, since evaluated code has
 * no module loader. What is awaited goes through the runtime, so that an interrupt reaches it, and so that an error
 * that comes out of it can be told with its place. The value of a last expression is handed over.
 * @throws SyntaxError of what the parser refuses
 */
export function rewrite(code: string, id: number, names: CellNames): RewrittenCell {
  const { body, problems } = parse(code, 'js');
  if (problems[0] !== undefined) throw new SyntaxError(problems[0].message);
  const outer = outerNames(body);
  // All other code takes the name for granted, and V8 refuses it at the top level of a script.
  if (outer.declared.has('undefined')) throw new SyntaxError("'undefined' cannot be declared: choose another name");
  const rewriter = new Rewriter(code, names, outer, id);
  const parts = rewriter.cell(body);
  const declared = [...outer.declared];
  const hoisted = [...rewriter.hoisted].map(marked);
  const head = `'use strict'; ${hoisted.length > 0 ? `let ${hoisted.join(', ')};` : ''} await ${RUNTIME}.begin(${id}); ${RUNTIME}.enter(${id});\n`;
  const emitted = rewriter.emitter.emit([head, ...parts, `await ${RUNTIME}.end(${id});`], 'cell');
  return { ...emitted, declared, unknown: [...rewriter.unknown] };
}

/** As much of it as a module needs that a cell imports: what it awaits can be interrupted. Lines stay lines. */
export function rewriteModule(code: string): Rewritten | undefined {
  if (!code.includes('await')) return undefined;
  const { body, problems } = parse(code, 'js');
  if (problems.length > 0) return undefined;
  const emitter = new Emitter(code);
  for (const statement of body) walk(statement, (node) => replaceAwait(node, emitter, ''));
  return emitter.changed ? emitter.emit([{ start: 0, end: code.length }], 'module') : undefined;
}

/** An expression as the session can evaluate it: names of cells by their marked names. Any other text is left alone. */
export function rewriteExpression(expression: string, names: CellNames): string {
  const emitter = new Emitter(expression);
  for (const { node, text } of cellNamesIn(expression, names)) emitter.replace(node, text);
  return emitter.changed ? emitter.emit([{ start: 0, end: expression.length }], 'expression').code : expression;
}

export interface NameInExpression extends Span {
  name: string;
  /** What is to stand there where no nearer name hides the cell's. */
  text: string;
}

/** Where an expression speaks of names of cells; for a debugger, which alone knows what the place hides. */
export function namesInExpression(expression: string, names: CellNames): NameInExpression[] {
  return cellNamesIn(expression, names).map(({ node: { start, end }, name, text }) => ({ start, end, name, text }));
}

function cellNamesIn(expression: string, names: CellNames): { node: Node; name: string; text: string }[] {
  const { body, problems } = parse(expression, 'js');
  if (problems.length > 0) return [];
  return [...outerNames(body).references].flatMap(([node, how]) => {
    const name = node['name'] as string;
    if (!names.has(name)) return [];
    return [{ node, name, text: how === 'shorthand' ? `${name}: ${marked(name)}` : marked(name) }];
  });
}

const anonymous = (node: Node): boolean =>
  node.type === 'ArrowFunctionExpression' ||
  ((node.type === 'FunctionExpression' || node.type === 'ClassExpression') && child(node, 'id') === undefined);

class Rewriter {
  readonly emitter: Emitter;
  /** Names declared at the head of the cell. */
  readonly hoisted = new Set<string>();
  readonly unknown = new Set<string>();
  readonly #code: string;
  readonly #names: CellNames;
  readonly #outer: OuterNames;
  readonly #id: number;

  constructor(code: string, names: CellNames, outer: OuterNames, id: number) {
    this.emitter = new Emitter(code);
    this.#code = code;
    this.#names = names;
    this.#outer = outer;
    this.#id = id;
  }

  /** The cell's statements: imports and functions first, since they run before the statements around them. */
  cell(body: readonly Node[]): Part[] {
    const early: Part[] = [];
    const late: Part[] = [];
    for (const statement of body) {
      const inner = /^Export(Named|Default)Declaration$/.test(statement.type)
        ? child(statement, 'declaration')
        : statement;
      const parts = this.#statement(statement, statement === body.at(-1));
      const isEarly = inner?.type === 'ImportDeclaration' || (inner?.type === 'FunctionDeclaration' && hasName(inner));
      if (isEarly) early.push(...parts, ';\n');
      else if (parts.length > 0) {
        const { line, column } = this.emitter.place(statement.start);
        late.push(injected(`${RUNTIME}.at(${line},${column});`), ...parts, ';\n');
      }
    }
    for (const statement of body) this.#inside(statement, true, true, false);
    return [...early, ...late];
  }

  #statement(node: Node, isLast: boolean): Part[] {
    switch (node.type) {
      case 'ImportDeclaration':
        return [{ text: this.#importCall(node), at: node.start }];
      case 'FunctionDeclaration':
        return this.#function(node);
      case 'ClassDeclaration':
        return [`let ${marked(nameOf(node))} = `, node];
      case 'VariableDeclaration':
        this.#variables(node);
        return [node];
      case 'ExpressionStatement': {
        const expression = child(node, 'expression') as Node;
        return isLast ? this.#handOver(expression) : [node];
      }
      case 'ExportNamedDeclaration': {
        const declaration = child(node, 'declaration');
        return declaration === undefined ? this.#reexport(node) : this.#statement(declaration, false);
      }
      case 'ExportAllDeclaration':
        return this.#reexport(node);
      case 'ExportDefaultDeclaration': {
        const declaration = child(node, 'declaration') as Node;
        if (/^(Function|Class)Declaration$/.test(declaration.type) && hasName(declaration)) {
          return this.#statement(declaration, false);
        }
        return isLast ? this.#handOver(declaration) : [';(', declaration, ')'];
      }
      case 'EmptyStatement':
        return [];
      default:
        return [node];
    }
  }

  /** What stands within statements: names, awaits, dynamic imports, import.meta, `var` inside blocks. */
  #inside(node: Node, reachesVar: boolean, reachesThis: boolean, inLoopHead: boolean): void {
    const { emitter } = this;
    switch (node.type) {
      case 'Identifier':
        this.#identifier(node);
        break;
      case 'ThisExpression':
        // As in a module; in a script it would be the global object.
        if (reachesThis) emitter.replace(node, '(void 0)');
        break;
      case 'ImportExpression':
        emitter.replace(startOf(node, 'import'), injected(`${RUNTIME}.dynamicImport`, 'import'));
        break;
      case 'MetaProperty':
        if ((child(node, 'meta') as Node)['name'] === 'import')
          emitter.replace(node, injected(`${RUNTIME}.meta`, 'import.meta'));
        break;
      case 'VariableDeclaration':
        if (reachesVar && node['kind'] === 'var') this.#assignVars(node, inLoopHead);
        break;
      case 'VariableDeclarator':
        this.#keepName(child(node, 'id'), child(node, 'init'));
        break;
      case 'AssignmentExpression':
        if (/^(=|&&=|\|\|=|\?\?=)$/.test(node['operator'] as string))
          this.#keepName(child(node, 'left'), child(node, 'right'));
        break;
      case 'AssignmentPattern':
        this.#keepName(child(node, 'left'), child(node, 'right'));
        break;
      case 'UnaryExpression':
        this.#typeof(node);
        break;
      case 'CatchClause':
        this.#caught(node);
        break;
      default:
        replaceAwait(node, emitter, `,${this.#id},${this.#placeOf(node)}`);
    }
    const innerVar = reachesVar && !isFunction(node) && node.type !== 'ClassBody';
    const innerThis = reachesThis && (!isFunction(node) || node.type === 'ArrowFunctionExpression');
    for (const [key, value] of Object.entries(node)) {
      const loopHead = /^For(In|Of)?Statement$/.test(node.type) && (key === 'init' || key === 'left');
      for (const each of Array.isArray(value) ? value : [value]) {
        if (!isNode(each)) continue;
        // Inside a class only computed names and what it extends still mean the `this` outside it.
        const here = node.type === 'PropertyDefinition' || node.type === 'AccessorProperty' ? key === 'key' : true;
        this.#inside(each, innerVar, innerThis && here && each.type !== 'StaticBlock', loopHead);
      }
    }
  }

  #placeOf(node: Node): string {
    const { line, column } = this.emitter.place(node.start);
    return `${line},${column}`;
  }

  #identifier(node: Node): void {
    const how = this.#outer.references.get(node);
    if (how === undefined) return;
    const name = node['name'] as string;
    if (!this.#isOurs(name)) return;
    if (how === 'shorthand') this.emitter.replace(node, injected(`${name}:`), { text: marked(name), at: node.start });
    else this.emitter.replace(node, { text: marked(name), at: node.start });
  }

  /** Whether a name is spoken of by its marked name: all are but globals that no cell has declared. */
  #isOurs(name: string): boolean {
    if (this.#outer.declared.has(name)) return true;
    const meaning = this.#names.meaning(name);
    if (meaning === 'unknown') this.unknown.add(name);
    return meaning !== 'global';
  }

  /** A function or a class without a name of its own is called after the variable it is first given to. */
  #keepName(target: Node | undefined, value: Node | undefined): void {
    if (target?.type !== 'Identifier' || value === undefined || !anonymous(value)) return;
    if (!this.#outer.references.has(target) || !this.#isOurs(target['name'] as string)) return;
    const key = JSON.stringify(target['name']);
    const open = key === '"__proto__"' ? '(({[' : '(({';
    const close = key === '"__proto__"' ? ']:' : ':';
    this.emitter.replace(value, injected(open + key + close), value, injected(`})[${key}])`));
  }

  /** `typeof` of what may not be there is no error. */
  #typeof(node: Node): void {
    const argument = child(node, 'argument') as Node;
    if (node['operator'] !== 'typeof' || !this.#outer.references.has(argument)) return;
    const name = argument['name'] as string;
    if (this.#outer.declared.has(name) || this.#names.meaning(name) !== 'unknown') return;
    this.emitter.replace(node, injected(`${RUNTIME}.typeof(() => `, 'typeof '), argument, injected(')'));
  }

  /** What V8 says of marked names is put right before the cell looks at it. */
  #caught(node: Node): void {
    const param = child(node, 'param');
    const body = child(node, 'body') as Node;
    if (param?.type !== 'Identifier') return;
    const name = param['name'] as string;
    const start = { start: body.start, end: body.start + 1 };
    this.emitter.replace(start, start, injected(`${RUNTIME}.caught(${name});`));
  }

  #variables(node: Node): void {
    const kind = node['kind'] as string;
    if (kind === 'var') return;
    if (kind !== 'let') this.emitter.replace(startOf(node, kind), { text: 'let', at: node.start });
    if (!kind.endsWith('using')) return;
    const use = kind === 'using' ? 'use' : 'useAsync';
    for (const declarator of children(node, 'declarations')) {
      const value = child(declarator, 'init') as Node;
      this.emitter.replace(value, `${RUNTIME}.${use}((`, value, '))');
    }
  }

  /** `var a = 1, b;` becomes `void (a = 1, 0);` with `a` and `b` declared at the head of the cell. */
  #assignVars(node: Node, inLoopHead: boolean): void {
    const declarators = children(node, 'declarations');
    for (const name of declarators.flatMap((each) => boundNames(child(each, 'id') as Node))) this.hoisted.add(name);
    const [first, last] = [declarators[0] as Node, declarators.at(-1) as Node];
    this.emitter.replace({ start: node.start, end: first.start }, inLoopHead ? '' : 'void (');
    for (const declarator of declarators) {
      const bare = child(declarator, 'init') === undefined && !inLoopHead;
      const parts: Part[] = bare ? ['0'] : [declarator];
      this.emitter.replace(declarator, ...parts, ...(declarator === last && !inLoopHead ? [')'] : []));
    }
  }

  #function(node: Node): Part[] {
    const name = nameOf(node);
    this.hoisted.add(name);
    return [`${marked(name)} = `, node];
  }

  #handOver(expression: Node): Part[] {
    return [`${RUNTIME}.result((`, expression, '));'];
  }

  #reexport(node: Node): Part[] {
    const source = child(node, 'source');
    return source === undefined ? [] : [`await ${RUNTIME}.import(`, source, ')'];
  }

  #importCall(node: Node): string {
    const source = child(node, 'source') as Node;
    const imported: string[] = [];
    const bindings: string[] = [];
    let namespace: string | undefined;
    for (const specifier of children(node, 'specifiers')) {
      const local = marked((child(specifier, 'local') as Node)['name'] as string);
      if (specifier.type === 'ImportNamespaceSpecifier') namespace = local;
      else {
        const name = child(specifier, 'imported');
        const key = name === undefined ? 'default' : ((name['name'] ?? name['value']) as string);
        imported.push(key);
        bindings.push(`${JSON.stringify(key)}: ${local}`);
      }
    }
    const text = (each: Node): string => this.#code.slice(each.start, each.end);
    const attributes = children(node, 'attributes').map(text);
    const call = `await ${RUNTIME}.import(${text(source)}, ${JSON.stringify(imported)}, {${attributes.join(', ')}})`;
    if (namespace !== undefined && bindings.length > 0) {
      return `let ${namespace} = ${call}; let { ${bindings.join(', ')} } = ${namespace}`;
    }
    if (namespace !== undefined) return `let ${namespace} = ${call}`;
    return bindings.length > 0 ? `let { ${bindings.join(', ')} } = ${call}` : call;
  }
}

/** @param place further arguments that say where the await stands */
function replaceAwait(node: Node, emitter: Emitter, place: string): void {
  const [value, how] =
    node.type === 'AwaitExpression'
      ? [child(node, 'argument') as Node, 'await']
      : node.type === 'ForOfStatement' && node['await'] === true
        ? [child(node, 'right') as Node, 'iterate']
        : [undefined, ''];
  if (value === undefined) return;
  const parentheses = value.type === 'SequenceExpression' ? ['(', ')'] : ['', ''];
  emitter.replace(
    value,
    injected(`${RUNTIME}.${how}(${parentheses[0]}`),
    value,
    injected(`${parentheses[1]}${place})`),
  );
}

const startOf = ({ start }: Node, text: string): Span => ({ start, end: start + text.length });

const hasName = (node: Node): boolean => child(node, 'id') !== undefined;

function nameOf(node: Node): string {
  return (child(node, 'id') as Node)['name'] as string;
}
