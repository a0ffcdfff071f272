import { boundNames, child, children, isFunction, isNode, varNames, type Node } from './parse.ts';

/** Which of a program's identifiers speak of the top level or of nothing in the program, and what the top level binds. */
export interface OuterNames {
  declared: Set<string>;
  /** Each with the way it stands in an object literal or pattern: `{ name }` must become `{ name: other }`. */
  references: Map<Node, 'plain' | 'shorthand'>;
}

interface Scope {
  names: ReadonlySet<string>;
  up: Scope | undefined;
}

/** @param body of a module in JavaScript, without types */
export function outerNames(body: readonly Node[]): OuterNames {
  const resolver = new Resolver();
  for (const statement of body) resolver.visit(statement, undefined);
  const declared = new Set([...lexicalNames(body), ...body.flatMap(varNames)]);
  return { declared, references: resolver.references };
}

class Resolver {
  readonly references: OuterNames['references'] = new Map();

  visit(node: Node, scope: Scope | undefined): void {
    switch (node.type) {
      case 'Identifier':
        if (!isBound(node['name'] as string, scope)) this.references.set(node, 'plain');
        return;
      case 'MemberExpression':
        this.#visitKeys(node, ['object', ...(node['computed'] === true ? ['property'] : [])], scope);
        return;
      case 'Property':
        this.#visitKeys(node, [...(node['computed'] === true ? ['key'] : []), 'value'], scope);
        if (node['shorthand'] === true) this.#markShorthand(child(node, 'value') as Node);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        this.#visitKeys(node, ['decorators', ...(node['computed'] === true ? ['key'] : []), 'value'], scope);
        return;
      case 'LabeledStatement':
        this.#visitKeys(node, ['body'], scope);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        return;
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
        this.#visitKeys(node, ['declaration'], scope);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#visitFunction(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#visitKeys(node, ['decorators', 'superClass', 'body'], inner(scope, ownName(node)));
        return;
      case 'BlockStatement':
        this.#visitAll(node, inner(scope, lexicalNames(children(node, 'body'))));
        return;
      case 'StaticBlock': {
        const body = children(node, 'body');
        this.#visitAll(node, inner(scope, [...lexicalNames(body), ...body.flatMap(varNames)]));
        return;
      }
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#visitAll(node, inner(scope, lexicalNames([child(node, 'init') ?? child(node, 'left')].filter(isNode))));
        return;
      case 'SwitchStatement': {
        this.#visitKeys(node, ['discriminant'], scope);
        const cases = children(node, 'cases');
        const within = inner(scope, lexicalNames(cases.flatMap((each) => children(each, 'consequent'))));
        for (const each of cases) this.visit(each, within);
        return;
      }
      case 'CatchClause': {
        const param = child(node, 'param');
        this.#visitAll(node, param === undefined ? scope : inner(scope, boundNames(param)));
        return;
      }
      default:
        this.#visitAll(node, scope);
    }
  }

  #visitFunction(node: Node, scope: Scope | undefined): void {
    const isArrow = node.type === 'ArrowFunctionExpression';
    const outside = node.type === 'FunctionExpression' ? inner(scope, ownName(node)) : scope;
    const params = children(node, 'params');
    const withParams = inner(outside, [...params.flatMap(boundNames), ...(isArrow ? [] : ['arguments'])]);
    for (const param of params) this.visit(param, withParams);
    const body = child(node, 'body') as Node;
    if (body.type !== 'BlockStatement' && body.type !== 'FunctionBody') {
      this.visit(body, withParams);
      return;
    }
    const statements = children(body, 'body');
    const within = inner(withParams, [...lexicalNames(statements), ...statements.flatMap(varNames)]);
    for (const statement of statements) this.visit(statement, within);
  }

  #markShorthand(value: Node): void {
    const name = value.type === 'AssignmentPattern' ? (child(value, 'left') as Node) : value;
    if (this.references.has(name)) this.references.set(name, 'shorthand');
  }

  #visitKeys(node: Node, keys: readonly string[], scope: Scope | undefined): void {
    for (const key of keys) {
      const value = node[key];
      for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) this.visit(each, scope);
    }
  }

  #visitAll(node: Node, scope: Scope | undefined): void {
    this.#visitKeys(node, Object.keys(node), scope);
  }
}

function isBound(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.up) if (at.names.has(name)) return true;
  return false;
}

function inner(up: Scope | undefined, names: readonly string[]): Scope | undefined {
  return names.length === 0 ? up : { names: new Set(names), up };
}

function ownName(node: Node): string[] {
  const id = child(node, 'id');
  return id === undefined ? [] : [id['name'] as string];
}

/** What the statements of one block bind, `var` aside. */
export function lexicalNames(statements: readonly Node[]): string[] {
  return statements.flatMap((statement): string[] => {
    switch (statement.type) {
      case 'VariableDeclaration':
        if (statement['kind'] === 'var') return [];
        return children(statement, 'declarations').flatMap((each) => boundNames(child(each, 'id') as Node));
      case 'ClassDeclaration':
        return ownName(statement);
      case 'ImportDeclaration':
        return children(statement, 'specifiers').map((each) => (child(each, 'local') as Node)['name'] as string);
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration': {
        const declaration = child(statement, 'declaration');
        return declaration?.type.endsWith('Declaration') === true ? lexicalNames([declaration]) : [];
      }
      default:
        return isFunction(statement) ? ownName(statement) : [];
    }
  });
}
