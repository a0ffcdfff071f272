/** Where TypeScript's resolution of a bundler finds a module that Node's does not. */
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';

const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

interface Package {
  main?: string;
  module?: string;
  type?: string;
  exports?: unknown;
}

/** @returns the file that a path without its ending, or with that of what it is compiled to, means */
export function findFile(path: string): string | undefined {
  const typed = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  const tsx = path.replace(/\.js$/, '.tsx');
  for (const each of new Set([path, typed, tsx, ...ENDINGS.map((ending) => path + ending)])) {
    if (isFile(each)) return each;
  }
  return isFolder(path) ? findInFolder(path) : undefined;
}

function findInFolder(folder: string): string | undefined {
  const { module, main } = readPackage(folder) ?? {};
  for (const entry of [module, main]) {
    if (entry === undefined) continue;
    const found = findFile(join(folder, entry));
    if (found !== undefined) return found;
  }
  return ENDINGS.map((ending) => join(folder, `index${ending}`)).find(isFile);
}

/** A package, or a file in it, from the `node_modules` folders above; what its `exports` hide stays hidden. */
export function findInPackages(specifier: string, from: string): string | undefined {
  const [, name = '', rest] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier) ?? [];
  if (name === '' || isBuiltin(specifier)) return undefined;
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (basename(at) !== 'node_modules' && isFolder(folder)) {
      if (readPackage(folder)?.exports !== undefined) return undefined;
      return rest === undefined ? findInFolder(folder) : findFile(join(folder, rest));
    }
    if (dirname(at) === at) return undefined;
  }
}

/** The `type` of the package that a file belongs to. */
export function packageType(file: string): string | undefined {
  for (let at = dirname(file); ; at = dirname(at)) {
    const found = readPackage(at);
    if (found !== undefined) return found.type;
    if (dirname(at) === at || basename(at) === 'node_modules') return undefined;
  }
}

function readPackage(folder: string): Package | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
