/**
 * Which code a model function is, as a hash: its own syntax, every declaration of its file that it reaches, and files of the same project that it
 * imports. Comments, layout and types change nothing; neither does the rest of the file, so that a grid can grow and keep its runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { parseSync } from 'oxc-parser';
import { ROOT } from '../runs/index.ts';
import { DefinitionError } from './types.ts';

/** An ESTree node as JSON. */
type Node = { type: string } & Record<string, unknown>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Members of a node that say how it is written, or of which type it is, not what it does. */
const WRITING = new Set(['start', 'end', 'raw', 'range', 'loc', 'typeAnnotation', 'returnType', 'typeParameters']);
WRITING.add('typeArguments').add('superTypeArguments').add('implements').add('accessibility').add('definite');

/** Nodes around an expression that are types alone: `x as T`, `x!`, `x satisfies T`. */
const WRAPPERS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion']);

/** What a node does, as canonical JSON. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'bigint') return `"${value}n"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const node = value as Node;
  if (WRAPPERS.has(node.type) || node.type === 'ParenthesizedExpression') return canonical(node['expression']);
  // The value of a regular expression or bigint is no JSON; its text is.
  const members = Object.entries(node)
    .filter(([key]) => !WRITING.has(key) && !(key === 'value' && ('regex' in node || 'bigint' in node)))
    // Whether a member is there at all differs between JavaScript and TypeScript.
    .filter(([, member]) => node.type === 'Literal' || (member !== null && member !== undefined && member !== false))
    .filter(([, member]) => !(Array.isArray(member) && member.length === 0));
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Names of all identifiers in a node that may stand for a variable; more than those that do, never fewer. */
function namesIn(node: Node, found: Set<string> = new Set()): Set<string> {
  if (node.type === 'Identifier' || node.type === 'JSXIdentifier') found.add(node['name'] as string);
  for (const [key, value] of Object.entries(node)) {
    if (WRITING.has(key)) continue;
    const isName =
      (node.type === 'MemberExpression' && key === 'property') ||
      ((node.type === 'Property' || node.type === 'MethodDefinition' || node.type === 'PropertyDefinition') &&
        key === 'key');
    if (isName && node['computed'] !== true) continue;
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) namesIn(each, found);
  }
  return found;
}

/** Names that a function binds itself: parameters, declarations, its own name, wherever in it. */
function boundIn(node: Node, found: Set<string> = new Set()): Set<string> {
  const bind = (pattern: unknown): void => {
    if (isNode(pattern)) for (const name of patternNames(pattern)) found.add(name);
  };
  if (
    /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassDeclaration|ClassExpression)$/.test(
      node.type,
    )
  )
    bind(node['id']);
  if (Array.isArray(node['params'])) node['params'].forEach(bind);
  if (node.type === 'VariableDeclarator') bind(node['id']);
  if (node.type === 'CatchClause') bind(node['param']);
  for (const value of Object.values(node))
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) boundIn(each, found);
  return found;
}

function patternNames(pattern: Node): string[] {
  const of = (value: unknown): string[] => (isNode(value) ? patternNames(value) : []);
  switch (pattern.type) {
    case 'Identifier':
      return [pattern['name'] as string];
    case 'ObjectPattern':
      return (pattern['properties'] as Node[]).flatMap((property) => of(property['value'] ?? property['argument']));
    case 'ArrayPattern':
      return (pattern['elements'] as unknown[]).flatMap(of);
    case 'AssignmentPattern':
      return of(pattern['left']);
    case 'RestElement':
      return of(pattern['argument']);
    default:
      return [];
  }
}

function parsed(file: string, code: string): Node[] {
  const { program, errors } = parseSync(file, code, { sourceType: 'module', preserveParens: false });
  const [first] = errors;
  if (first) throw new DefinitionError(`${file} cannot be parsed: ${first.message}`);
  return program.body as unknown as Node[];
}

/** A function's syntax from its text; a method (`model() {}`) is none by itself. */
function functionNode(text: string): Node {
  for (const code of [`(${text})`, `({${text}})`]) {
    const { program, errors } = parseSync('model.ts', code, { sourceType: 'module', preserveParens: false });
    if (errors.length > 0) continue;
    const { expression } = program.body[0] as unknown as { expression: Node };
    if (expression.type !== 'ObjectExpression') return expression;
    return (expression['properties'] as Node[])[0]!['value'] as Node;
  }
  throw new DefinitionError('the source of the model function cannot be read: expected a plain function');
}

/** What a module declares at its top: for each name its declaration, or where it is imported from. */
interface Module {
  file: string;
  declared: Map<string, Node>;
  imported: Map<string, string>;
}

function moduleOf(file: string): Module {
  const body = parsed(file, readFileSync(file, 'utf8'));
  const declared = new Map<string, Node>();
  const imported = new Map<string, string>();
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration') {
      const specifier = (statement['source'] as Node)['value'] as string;
      for (const each of statement['specifiers'] as Node[])
        imported.set((each['local'] as Node)['name'] as string, specifier);
      continue;
    }
    const declaration = isNode(statement['declaration']) ? statement['declaration'] : statement;
    if (declaration.type === 'VariableDeclaration')
      for (const each of declaration['declarations'] as Node[])
        for (const name of patternNames(each['id'] as Node)) declared.set(name, each);
    else if (/^(FunctionDeclaration|ClassDeclaration|TSEnumDeclaration)$/.test(declaration.type))
      declared.set((declaration['id'] as Node)['name'] as string, declaration);
  }
  return { file, declared, imported };
}

/** Version of the package that a bare specifier names, or `node`. */
function packageVersion(specifier: string, from: string): string {
  if (specifier.startsWith('node:')) return 'node';
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  try {
    return (createRequire(from)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}

/**
 * SHA-256, hex, of the model function `model`, defined in `file` (undefined: in a notebook's cell).
 * @throws DefinitionError where it uses a name whose meaning cannot be recorded, naming it
 */
export function sourceDigest(model: (...args: never[]) => unknown, file: string | undefined): string {
  const node = functionNode(Function.prototype.toString.call(model));
  const parts = [canonical(node)];
  const seen = new Set<string>();
  /** Adds what `names` mean in `module`. */
  const follow = (names: Iterable<string>, module: Module): void => {
    for (const name of [...names].sort()) {
      const key = `${module.file} ${name}`;
      if (seen.has(key)) continue;
      const declaration = module.declared.get(name);
      const specifier = module.imported.get(name);
      if (!declaration && specifier === undefined) continue;
      seen.add(key);
      if (declaration) {
        parts.push(`${name}=${canonical(declaration)}`);
        follow(namesIn(declaration), module);
      } else if (specifier !== undefined) {
        if (!specifier.startsWith('.')) {
          parts.push(`${name} from ${specifier} ${packageVersion(specifier, module.file)}`);
          continue;
        }
        const target = fileURLToPath(new URL(specifier, pathToFileURL(module.file)));
        const inRoom = relative(ROOT, target);
        // lib is told by the run's commit and NUMERICS, and is not of the model.
        if (inRoom.startsWith('lib/') || inRoom.startsWith('lib\\'))
          parts.push(`${name} from ${specifier.replace(/^(\.\.?\/)+/, '')}`);
        else wholeFile(target);
      }
    }
  };
  const wholeFile = (target: string): void => {
    if (seen.has(target)) return;
    seen.add(target);
    const module = moduleOf(target);
    parts.push(
      canonical(parsed(target, readFileSync(target, 'utf8')).filter(({ type }) => type !== 'ImportDeclaration')),
    );
    follow([...module.imported.keys()], module);
  };
  const used = namesIn(node);
  if (file !== undefined) follow(used, moduleOf(file));
  else {
    const bound = boundIn(node);
    const free = [...used].find((name) => !bound.has(name) && !BUILT_IN.has(name));
    if (free !== undefined)
      throw new DefinitionError(
        `the model function uses ${free}, which is defined outside it: in a notebook's cell its source could not be recorded with the runs. ` +
          'Define it inside the function, give it by the grid, or put the sweep into a file of its own',
      );
  }
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** Names that mean the same in every JavaScript program; of a fresh context, since a notebook's cells add to this one. */
const BUILT_IN = new Set([
  ...(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
  ...['undefined', 'arguments', 'console'],
]);
