/** The imports of a local module, made to hold at run time what TypeScript makes of them. */
import { boundNames, child, children, parse, varNames, walk, type Node } from '../language/parse.ts';

export interface Target {
  /** CommonJS or JSON, whose names Node does not know before it has run. */
  kind: 'commonjs' | 'json' | 'module';
  /** Of a TypeScript file: whether a name of it is a value, not a type alone. */
  isValue(name: string): boolean;
}

type Edit = (node: Node, text: string) => void;

const INTEROP = new URL('./interop.ts', import.meta.url).href;
/** What CommonJS modules find without asking; as TypeScript's own, so with imports and exports too. */
const COMMONJS: Record<string, string> = {
  require: 'createRequire__(import.meta.url)',
  __filename: 'import.meta.filename',
  __dirname: 'import.meta.dirname',
};

/**
 * Of an ES module, as JavaScript: leaves out imports and exports that are types only, takes the names of CommonJS when
 * that has run, and provides `require`, `__filename` and `__dirname` where they are used. Lines stay lines, and columns, but for those
 * behind an import.
 * @param typed made of TypeScript, in which an import that is used as a type only is none
 */
export function rewriteImports(
  code: string,
  typed: boolean,
  target: (specifier: string) => Target | undefined,
): string {
  const parsed = parse(code, 'js');
  if (parsed.problems.length > 0) return code;
  const edits: { start: number; end: number; text: string }[] = [];
  const edit: Edit = ({ start, end }, text) => void edits.push({ start, end, text });
  const names = usedNames(parsed.body);
  const declared = declaredNames(parsed.body);
  const heads: string[] = [];
  const types = new Set<string>();
  for (const node of parsed.body) {
    if (node.type === 'ImportDeclaration') rewriteImport(node, { code, edit, names, typed, target, heads, types });
  }
  for (const node of parsed.body) {
    if (typed && node.type === 'ExportNamedDeclaration') rewriteExport(node, { code, edit, declared, target, types });
  }
  const needed = Object.keys(COMMONJS).filter((name) => names.has(name) && !declared.has(name));
  if (needed.includes('require')) heads.push(`import { createRequire as createRequire__ } from 'node:module';`);
  if (needed.length > 0) heads.push(`const ${needed.map((name) => `${name} = ${COMMONJS[name]}`).join(', ')};`);
  const start = code.startsWith('#!') ? code.indexOf('\n') + 1 : 0;
  if (heads.length > 0) edits.unshift({ start, end: start, text: `${heads.join(' ')} ` });
  edits.sort((a, b) => a.start - b.start);
  let at = 0;
  const parts = edits.map((each) => {
    const before = code.slice(at, each.start);
    at = each.end;
    return before + each.text;
  });
  return parts.join('') + code.slice(at);
}

interface ImportContext {
  code: string;
  edit: Edit;
  names: ReadonlySet<string>;
  typed: boolean;
  target: (specifier: string) => Target | undefined;
  heads: string[];
  /** Imported names that are types. */
  types: Set<string>;
}

function rewriteImport(node: Node, context: ImportContext): void {
  const { code, edit, names, typed, target, heads, types } = context;
  const specifiers = children(node, 'specifiers');
  if (specifiers.length === 0) return;
  const source = child(node, 'source') as Node;
  const specifier = source['value'] as string;
  const found = target(specifier);
  const local = (each: Node): string => (child(each, 'local') as Node)['name'] as string;
  const imported = (each: Node): string => {
    const name = child(each, 'imported');
    return name === undefined ? 'default' : String(name['name'] ?? name['value']);
  };
  const kept = specifiers.filter((each) => {
    if (!typed) return true;
    const isType = each.type === 'ImportSpecifier' && found?.kind === 'module' && !found.isValue(imported(each));
    if (isType) types.add(local(each));
    return names.has(local(each)) && !isType;
  });
  const isModule = found === undefined || found.kind === 'module';
  if (kept.length === specifiers.length && isModule) return;
  const from = code.slice(source.start, source.end);
  const attributes = children(node, 'attributes').map((each) => code.slice(each.start, each.end));
  const withAttributes = attributes.length > 0 ? ` with { ${attributes.join(', ')} }` : '';
  // As TypeScript has it, an import of types alone is no import.
  if (kept.length === 0) {
    edit(node, blank(code.slice(node.start, node.end)));
    return;
  }
  const lines = '\n'.repeat(code.slice(node.start, node.end).split('\n').length - 1);
  if (isModule) {
    const named = kept.filter((each) => each.type === 'ImportSpecifier');
    const others = kept.filter((each) => each.type !== 'ImportSpecifier');
    const parts = [
      ...others.map((each) => code.slice(each.start, each.end)),
      ...(named.length > 0 ? [`{ ${named.map((each) => code.slice(each.start, each.end)).join(', ')} }`] : []),
    ];
    edit(node, `import ${parts.join(', ')} from ${from}${withAttributes};${lines}`);
    return;
  }
  if (!heads.some((head) => head.includes(INTEROP))) heads.push(`import { interop as interop__ } from '${INTEROP}';`);
  const whole = `imported__${node.start}`;
  const bindings = kept.map((each) =>
    each.type === 'ImportNamespaceSpecifier'
      ? `${local(each)} = ${whole}i`
      : `{ ${JSON.stringify(imported(each))}: ${local(each)} } = ${whole}i`,
  );
  const json = found.kind === 'json';
  const binding = `const ${whole}i = interop__(${whole}, ${json}), ${bindings.join(', ')};`;
  edit(node, `import * as ${whole} from ${from}${withAttributes}; ${binding}${lines}`);
}

interface ExportContext {
  code: string;
  edit: Edit;
  declared: ReadonlySet<string>;
  target: (specifier: string) => Target | undefined;
  types: ReadonlySet<string>;
}

function rewriteExport(node: Node, { code, edit, declared, target, types }: ExportContext): void {
  const specifiers = children(node, 'specifiers');
  if (specifiers.length === 0) return;
  const source = child(node, 'source');
  const found = source === undefined ? undefined : target(source['value'] as string);
  const kept = specifiers.filter((each) => {
    const local = child(each, 'local') as Node;
    const name = String(local['name'] ?? local['value']);
    if (source === undefined) return declared.has(name) && !types.has(name);
    return found === undefined || found.kind !== 'module' || found.isValue(name);
  });
  if (kept.length === specifiers.length) return;
  const text = code.slice(node.start, node.end);
  const list = kept.map((each) => code.slice(each.start, each.end)).join(', ');
  const lines = '\n'.repeat(text.split('\n').length - 1);
  const from = source === undefined ? '' : ` from ${code.slice(source.start, source.end)}`;
  edit(node, `export { ${list} }${from};${lines}`);
}

/** Every name that is read as a variable may be; names of members and keys are not. */
function usedNames(body: readonly Node[]): Set<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    walk(node, (each) => {
      if (each.type === 'ImportDeclaration') return false;
      if (each.type === 'Identifier') names.add(each['name'] as string);
      if (each.type === 'MemberExpression' && each['computed'] !== true) {
        visit(child(each, 'object') as Node);
        return false;
      }
      if (/^(Property|PropertyDefinition|MethodDefinition)$/.test(each.type) && each['computed'] !== true) {
        const value = child(each, 'value');
        if (value !== undefined) visit(value);
        for (const decorator of children(each, 'decorators')) visit(decorator);
        return false;
      }
      if (each.type === 'ExportNamedDeclaration' && child(each, 'source') !== undefined) return false;
      return true;
    });
  };
  body.forEach(visit);
  return names;
}

function declaredNames(body: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const statement of body) {
    const node = statement.type.startsWith('Export') ? (child(statement, 'declaration') ?? statement) : statement;
    for (const name of varNames(node)) names.add(name);
    const id = child(node, 'id');
    if (id?.type === 'Identifier') names.add(id['name'] as string);
    for (const each of children(node, 'declarations'))
      boundNames(child(each, 'id') as Node).forEach((name) => names.add(name));
    if (node.type === 'ImportDeclaration') {
      for (const each of children(node, 'specifiers')) names.add((child(each, 'local') as Node)['name'] as string);
    }
  }
  return names;
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
