import { readFlow, type Flow } from './flow.ts';
import { boundNames, child, children, parse, varNames, walk, type Node, type SyntaxProblem } from './parse.ts';

/** What a later cell needs to know of a name: how to speak of it in its own type check. */
export interface Declaration {
  name: string;
  /** `variable` may be assigned to by later cells, `const` is one that may not; `import` is imported from `statement`. */
  kind: 'variable' | 'const' | 'constant' | 'import' | 'type';
  statement?: string;
  /** Its type is what its assignments make it, in TypeScript's terms: `let best;`, `const rows = [];`. */
  evolving?: Evolving;
}

export interface Evolving {
  /** The declaration, as a later cell can repeat it. */
  declaration: string;
  array: boolean;
}

/** A cell's source, looked at but not changed. */
export interface Cell {
  source: string;
  lang: 'ts' | 'tsx';
  problems: SyntaxProblem[];
  declarations: Declaration[];
  /** Names that the cell itself exports already. */
  exported: Set<string>;
  /** `declare global` or `declare module`: later cells must see it even when they use none of its names. */
  augments: boolean;
  /** `@ts-nocheck` in a comment at its head. */
  unchecked: boolean;
  /** JavaScript: not a type in it, nor a `@ts-check` at its head. */
  plain: boolean;
  /** `/// <reference ... />` lines and JSX pragmas, which count at the head of a file only. */
  directives: string;
  /** JSX is made by the `React` in scope: to be said by who knows what is. */
  react: boolean;
  body: Node[];
  readonly flow: Flow;
  /** Decorators and auto-accessors, which V8 does not know. */
  needsTransform: boolean;
  hasDefaultExport: boolean;
  /** What it imports or requires by name. */
  specifiers: Set<string>;
  /** Every word of the source: a superset of the names that it refers to. */
  words: Set<string>;
}

export function readCell(source: string): Cell {
  let lang: 'ts' | 'tsx' = 'ts';
  let parsed = parse(source, 'ts');
  if (parsed.problems.length > 0 && source.includes('<')) {
    const asTsx = parse(source, 'tsx');
    if (asTsx.problems.length === 0 || looksLikeJsx(source)) {
      lang = 'tsx';
      parsed = asTsx;
    }
  }
  const [head = ''] = /^\s*(?:\/\/[^\n]*\s*|\/\*[\s\S]*?\*\/\s*)*/.exec(source) ?? [];
  let flow: Flow | undefined;
  const cell: Cell = {
    source,
    lang,
    problems: parsed.problems,
    declarations: [],
    exported: new Set(),
    augments: false,
    unchecked: /\/[/*]\s*@ts-nocheck\b/.test(head),
    plain: !/\/[/*]\s*@ts-check\b/.test(head),
    directives: directivesOf(head),
    react: false,
    body: parsed.body,
    get flow() {
      return (flow ??= readFlow(parsed.body));
    },
    needsTransform: false,
    hasDefaultExport: false,
    specifiers: new Set(),
    words: new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu)),
  };
  const declare: Declare = (name, kind, more = {}) => {
    // A class or an enum merged with an interface or a namespace stays what it was first.
    if (cell.declarations.some((known) => known.name === name)) return;
    cell.declarations.push({ name, kind, ...more });
  };
  for (const statement of parsed.body) {
    readStatement(statement, cell, declare, false);
    for (const name of varNames(statement)) declare(name, 'variable');
    walk(statement, (node) => {
      if (/^(Decorator|AccessorProperty|TSAbstractAccessorProperty)$/.test(node.type)) cell.needsTransform = true;
      const specifier = specifierOf(node);
      if (specifier !== undefined) cell.specifiers.add(specifier);
      if (node.type.startsWith('TS') || node['importKind'] === 'type') cell.plain = false;
    });
  }
  if (cell.directives.includes('///')) cell.augments = true;
  return cell;
}

type Declare = (name: string, kind: Declaration['kind'], more?: Omit<Declaration, 'name' | 'kind'>) => void;

function directivesOf(head: string): string {
  const references = head.match(/^\/\/\/\s*<reference\s[^\n]*/gm) ?? [];
  const pragmas = head.match(/@jsx\w*[ \t]+[^\s*]+/g) ?? [];
  return [...references.map((line) => `${line.trim()}\n`), ...pragmas.map((pragma) => `/** ${pragma} */ `)].join('');
}

/** Whether TypeScript gives the variable the type of what is assigned to it later. */
function evolvingOf(declarator: Node, kind: string): Evolving | undefined {
  const [id, init] = [child(declarator, 'id') as Node, child(declarator, 'init')];
  if (id.type !== 'Identifier' || child(id, 'typeAnnotation') !== undefined) return undefined;
  const name = id['name'] as string;
  if (init?.type === 'ArrayExpression' && (init['elements'] as unknown[]).length === 0) {
    return { declaration: `${kind} ${name} = [];`, array: true };
  }
  if (kind === 'const') return undefined;
  if (init === undefined || (init.type === 'Identifier' && init['name'] === 'undefined')) {
    return { declaration: `let ${name};`, array: false };
  }
  return init.type === 'Literal' && init['raw'] === 'null'
    ? { declaration: `let ${name} = null;`, array: false }
    : undefined;
}

function readStatement(node: Node, cell: Cell, declare: Declare, exporting: boolean): void {
  const id = child(node, 'id');
  const name = id?.type === 'Identifier' ? (id['name'] as string) : undefined;
  const add = (names: string[], kind: Declaration['kind'], more?: { evolving: Evolving }): void => {
    for (const each of names) {
      declare(each, kind, more);
      if (exporting) cell.exported.add(each);
    }
  };
  switch (node.type) {
    case 'VariableDeclaration': {
      const kind = node['kind'] === 'let' || node['kind'] === 'var' ? 'variable' : 'const';
      for (const declarator of children(node, 'declarations')) {
        const evolving =
          exporting || node['declare'] === true
            ? undefined
            : evolvingOf(declarator, kind === 'const' ? 'const' : 'let');
        add(boundNames(child(declarator, 'id') as Node), kind, evolving && { evolving });
      }
      break;
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
      if (name !== undefined) add([name], 'constant');
      break;
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      if (name !== undefined) add([name], 'type');
      break;
    case 'TSModuleDeclaration':
      if (node['kind'] === 'global' || name === undefined || name === 'global') cell.augments = true;
      else add([name], 'constant');
      break;
    case 'TSImportEqualsDeclaration':
      if (name !== undefined) declare(name, 'import', { statement: cell.source.slice(node.start, node.end) });
      break;
    case 'ImportDeclaration':
      for (const specifier of children(node, 'specifiers')) {
        const local = child(specifier, 'local');
        if (local !== undefined) {
          declare(local['name'] as string, 'import', { statement: importOf(node, specifier, cell.source) });
        }
      }
      break;
    case 'ExportNamedDeclaration': {
      const declaration = child(node, 'declaration');
      if (declaration !== undefined) readStatement(declaration, cell, declare, true);
      for (const specifier of children(node, 'specifiers')) {
        const exported = child(specifier, 'exported');
        if (exported?.type === 'Identifier') cell.exported.add(exported['name'] as string);
      }
      break;
    }
    case 'ExportDefaultDeclaration': {
      cell.hasDefaultExport = true;
      const declaration = child(node, 'declaration');
      if (declaration !== undefined && declaration.type.endsWith('Declaration')) {
        readStatement(declaration, cell, declare, false);
      }
      break;
    }
  }
}

/** The import of one name, written so that a later cell can repeat it. */
function importOf(node: Node, specifier: Node, source: string): string {
  const local = (child(specifier, 'local') as Node)['name'] as string;
  const from = source.slice((child(node, 'source') as Node).start, node.end);
  const type = node['importKind'] === 'type' || specifier['importKind'] === 'type' ? 'type ' : '';
  if (specifier.type === 'ImportDefaultSpecifier') return `import ${type}${local} from ${from}`;
  if (specifier.type === 'ImportNamespaceSpecifier') return `import ${type}* as ${local} from ${from}`;
  const imported = child(specifier, 'imported') as Node;
  return `import ${type}{ ${source.slice(imported.start, imported.end)} as ${local} } from ${from}`;
}

function specifierOf(node: Node): string | undefined {
  const called = node.type === 'CallExpression' && child(node, 'callee')?.['name'] === 'require';
  const literal = called
    ? children(node, 'arguments')[0]
    : node.type === 'TSExternalModuleReference'
      ? child(node, 'expression')
      : /^(Import(Declaration|Expression)|Export(Named|All)Declaration)$/.test(node.type)
        ? child(node, 'source')
        : undefined;
  return typeof literal?.['value'] === 'string' ? literal['value'] : undefined;
}

function looksLikeJsx(source: string): boolean {
  return /<\/[\w.]*>|\/>/.test(source);
}
