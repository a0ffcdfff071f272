import { boundNames, child, children, parse, varNames, walk, type Node, type SyntaxProblem } from './parse.ts';

/** What a later cell needs to know of a name: how to speak of it in its own type check. */
export interface Declaration {
  name: string;
  /** `variable` may be assigned to by later cells; `import` is imported anew from `statement`. */
  kind: 'variable' | 'constant' | 'import' | 'type';
  statement?: string;
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
  /** Decorators and auto-accessors, which V8 does not know. */
  needsTransform: boolean;
  hasDefaultExport: boolean;
  /** Relative specifiers of static imports, as written and with the endings they may lack. */
  localFiles: string[];
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
  const cell: Cell = {
    source,
    lang,
    problems: parsed.problems,
    declarations: [],
    exported: new Set(),
    augments: false,
    unchecked: /^\s*(?:\/\/[^\n]*\s*|\/\*[\s\S]*?\*\/\s*)*?\/[/*]\s*@ts-nocheck\b/.test(source),
    needsTransform: false,
    hasDefaultExport: false,
    localFiles: [],
    words: new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu)),
  };
  const declare = (name: string, kind: Declaration['kind'], statement?: string): void => {
    // A class or an enum merged with an interface or a namespace stays what it was first.
    if (cell.declarations.some((known) => known.name === name)) return;
    cell.declarations.push(statement === undefined ? { name, kind } : { name, kind, statement });
  };
  for (const statement of parsed.body) {
    readStatement(statement, cell, declare, false);
    for (const name of varNames(statement)) declare(name, 'variable');
    if (!cell.needsTransform) {
      walk(statement, (node) => {
        if (/^(Decorator|AccessorProperty|TSAbstractAccessorProperty)$/.test(node.type)) cell.needsTransform = true;
        return !cell.needsTransform;
      });
    }
  }
  return cell;
}

type Declare = (name: string, kind: Declaration['kind'], statement?: string) => void;

function readStatement(node: Node, cell: Cell, declare: Declare, exporting: boolean): void {
  const id = child(node, 'id');
  const name = id?.type === 'Identifier' ? (id['name'] as string) : undefined;
  const add = (names: string[], kind: Declaration['kind']): void => {
    for (const each of names) {
      declare(each, kind);
      if (exporting) cell.exported.add(each);
    }
  };
  switch (node.type) {
    case 'VariableDeclaration': {
      const names = children(node, 'declarations').flatMap((declarator) => boundNames(child(declarator, 'id') as Node));
      add(names, node['kind'] === 'let' || node['kind'] === 'var' ? 'variable' : 'constant');
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
      if (name !== undefined) declare(name, 'import', cell.source.slice(node.start, node.end));
      break;
    case 'ImportDeclaration':
      cell.localFiles.push(...localFilesOf(child(node, 'source')?.['value']));
      for (const specifier of children(node, 'specifiers')) {
        const local = child(specifier, 'local');
        if (local !== undefined) declare(local['name'] as string, 'import', importOf(node, specifier, cell.source));
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

function localFilesOf(specifier: unknown): string[] {
  if (typeof specifier !== 'string' || !/^\.{0,2}\//.test(specifier)) return [];
  return /\.\w+$/.test(specifier) ? [specifier] : [`${specifier}.ts`, `${specifier}/index.ts`];
}

function looksLikeJsx(source: string): boolean {
  return /<\/[\w.]*>|\/>/.test(source);
}
