import { readFileSync } from 'node:fs';
import { lowerSync, type Lowered } from '../language/lower.ts';
import { child, children, parse, walk, type Node } from '../language/parse.ts';
import { rewriteModule } from '../language/rewrite.ts';
import { rewriteImports, type Target } from './imports.ts';
import { packageType } from './resolution.ts';

export interface Transformed {
  format: 'commonjs' | 'module';
  source: string;
  /** From what is evaluated back to the file, to be followed one after the other. */
  maps: string[];
}

export interface TransformOptions {
  /** Whose tsconfig says how JSX and decorators are meant. */
  folder: string;
  /** The file that a specifier in this one leads to; undefined for what is no file. */
  resolve(specifier: string): string | undefined;
  /** An interrupt reaches what the module awaits; for the session's main thread only. */
  interruptible: boolean;
}

/** A file made fit to run: TypeScript with all of its syntax, imports as TypeScript means them. */
export function transformModule(path: string, options: TransformOptions): Transformed {
  const text = readFileSync(path, 'utf8');
  const ending = /\.([cm]?[jt]sx?)$/.exec(path)?.[1] ?? 'js';
  const typed = ending.includes('t') || ending.endsWith('x');
  const lang = ending.endsWith('x') ? 'tsx' : 'ts';
  const format = formatOf(path, text);
  const input = { source: text, lang, needsTransform: needsTransform(text), commonjs: format === 'commonjs' } as const;
  const lowered: Lowered = typed ? lowerSync(input, options.folder) : { code: text };
  const target = (specifier: string): Target | undefined => {
    const file = options.resolve(specifier);
    return file === undefined ? undefined : targetAt(file);
  };
  const code = format === 'module' ? rewriteImports(lowered.code, typed, target) : lowered.code;
  const rewritten = options.interruptible ? rewriteModule(code) : undefined;
  const maps = [rewritten?.map, lowered.map].filter((map) => map !== undefined);
  return { format, source: rewritten?.code ?? code, maps };
}

export type TransformModule = typeof transformModule;

/** CommonJS by its ending or by what it says; a file that speaks of neither is what its package is. */
function formatOf(path: string, text: string): 'commonjs' | 'module' {
  if (/\.c[jt]s$/.test(path)) return 'commonjs';
  if (/\.m[jt]s$/.test(path)) return 'module';
  const { body } = parse(text, path.endsWith('x') ? 'tsx' : path.endsWith('ts') ? 'ts' : 'js');
  if (body.some(({ type }) => type === 'TSExportAssignment')) return 'commonjs';
  if (body.some(isModuleSyntax)) return 'module';
  if (packageType(path) === 'module') return 'module';
  return body.some(speaksCommonJs) ? 'commonjs' : 'module';
}

function isModuleSyntax(node: Node): boolean {
  if (/^(Import|Export\w*)Declaration$/.test(node.type)) return true;
  let found = false;
  walk(node, (each) => {
    if (each.type === 'AwaitExpression' || each.type === 'MetaProperty')
      found = each.type === 'AwaitExpression' || found || (child(each, 'meta') as Node)['name'] === 'import';
    return !found && !/Function/.test(each.type);
  });
  return found;
}

function speaksCommonJs(node: Node): boolean {
  let found = node.type === 'TSImportEqualsDeclaration';
  walk(node, (each) => {
    if (each.type === 'Identifier' && /^(require|module|exports)$/.test(each['name'] as string)) found = true;
    return !found;
  });
  return found;
}

const targets = new Map<string, Target>();

/** What a file turns out to be when it is imported. */
function targetAt(path: string): Target {
  const known = targets.get(path);
  if (known !== undefined) return known;
  const target = readTarget(path);
  if (path.includes('/node_modules/')) targets.set(path, target);
  return target;
}

function readTarget(path: string): Target {
  const anything = (): boolean => true;
  if (path.endsWith('.json')) return { kind: 'json', isValue: anything };
  if (/\.(cjs|cts)$/.test(path)) return { kind: 'commonjs', isValue: anything };
  if (!/\.m?[jt]sx?$/.test(path) || path.endsWith('.mjs')) return { kind: 'module', isValue: anything };
  const text = readFileSync(path, 'utf8');
  if (/\.[jt]sx?$/.test(path) && !/\.tsx?$/.test(path)) {
    const type = packageType(path);
    const isModule = type === 'module' || parse(text, path.endsWith('x') ? 'tsx' : 'js').body.some(isModuleSyntax);
    return { kind: isModule ? 'module' : 'commonjs', isValue: anything };
  }
  if (formatOf(path, text) === 'commonjs') return { kind: 'commonjs', isValue: anything };
  const types = typesOnly(parse(text, path.endsWith('x') ? 'tsx' : 'ts').body);
  return { kind: 'module', isValue: (name) => !types.has(name) };
}

/** The names of a TypeScript module that mean a type and no value. */
function typesOnly(body: readonly Node[]): Set<string> {
  const types = new Set<string>();
  const values = new Set<string>();
  for (const statement of body) {
    const node = child(statement, 'declaration') ?? statement;
    const isType =
      /^TS(Interface|TypeAlias)Declaration$/.test(node.type) ||
      node['declare'] === true ||
      node['exportKind'] === 'type';
    const id = child(node, 'id');
    if (id?.type === 'Identifier') (isType ? types : values).add(id['name'] as string);
    for (const each of children(node, 'specifiers')) {
      if (node['exportKind'] !== 'type' && each['exportKind'] !== 'type') continue;
      const exported = child(each, 'exported');
      if (exported !== undefined) types.add(exported['name'] as string);
    }
  }
  for (const name of values) types.delete(name);
  return types;
}

function needsTransform(text: string): boolean {
  return /^\s*@\w|\baccessor\b/m.test(text);
}
