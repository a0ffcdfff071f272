import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { child, parse, walk } from './parse.ts';
import { SPECIFIER, withoutNpm } from './specifier.ts';
import type { Diagnostic } from './types.ts';

/**
 * A cell whose `npm:` specifiers are plain names, blanks behind them so that no column moves.
 * @returns the packages that it imports so, as npm takes them: name and version
 */
export function readNpm(source: string): { source: string; packages: string[] } {
  if (!source.includes('npm:')) return { source, packages: [] };
  const parsed = parse(source, source.includes('</') ? 'tsx' : 'ts');
  const packages: string[] = [];
  let text = source;
  for (const statement of parsed.body) {
    walk(statement, (node) => {
      const from = /^(Import|Export)\w+$/.test(node.type) ? child(node, 'source') : undefined;
      const isRequire = node.type === 'CallExpression' && child(node, 'callee')?.['name'] === 'require';
      const literal = from ?? (isRequire ? (node['arguments'] as (typeof from)[])[0] : undefined);
      const [, name, version = ''] = SPECIFIER.exec(String(literal?.['value'])) ?? [];
      if (literal === undefined || name === undefined) return;
      packages.push(name + version);
      const quote = source[literal.start] ?? '"';
      const plain = quote + withoutNpm(String(literal['value'])) + quote;
      text = text.slice(0, literal.start) + plain.padEnd(literal.end - literal.start) + text.slice(literal.end);
    });
  }
  return { source: text, packages };
}

/** Those of the packages that are in no `node_modules` of the folder or above. */
export function missingPackages(packages: readonly string[], folder: string): string[] {
  return packages.filter((each) => {
    const name = each.replace(/(.)@.*$/, '$1');
    for (let at = folder; ; at = dirname(at)) {
      if (existsSync(join(at, 'node_modules', name))) return false;
      if (dirname(at) === at) return true;
    }
  });
}

const NOT_FOUND = 2307;

/** Says of packages that are not there how to get them. */
export function adviseInstall(problems: readonly Diagnostic[], packages: readonly string[]): Diagnostic[] {
  return problems.map((problem) => {
    const specifier = problem.code === NOT_FOUND ? /'([^']+)'/.exec(problem.message)?.[1] : undefined;
    const name = /^(?:@[\w.-]+\/)?[a-z0-9][\w.-]*/i.exec(specifier ?? '')?.[0];
    if (name === undefined || specifier?.includes(':') === true || isBuiltin(name)) return problem;
    const wanted = packages.find((each) => each === name || each.startsWith(`${name}@`)) ?? name;
    return { ...problem, message: `${problem.message} To have it: %npm install ${wanted}` };
  });
}
