import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createRequire,
  isBuiltin,
  registerHooks,
  type LoadFnOutput,
  type LoadHookContext,
  type ResolveFnOutput,
  type ResolveHookContext,
} from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { RUNTIME } from '../language/names.ts';
import { withoutNpm } from '../language/specifier.ts';
import { Map, Object, Set } from './intrinsics.ts';
import { interop } from './interop.ts';
import { findFile, findInPackages, packageType } from './resolution.ts';
import type { TransformModule } from './transform.ts';

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

/** For what only some notebooks need: loading it at once would cost every start. */
const lazily = createRequire(import.meta.url);
const transformModule = (): TransformModule =>
  (lazily('./transform.ts') as { transformModule: TransformModule }).transformModule;

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'MODULE_NOT_FOUND']);
const PREFIX = /^cell:\d+:/;
/** A specifier as another file's: its address in between. */
const FROM = /^from:([^:]+):/;
const KERNEL_FILES = new URL('..', import.meta.url).href;

interface LocalFile {
  version: number;
  stamp: string;
  /** Which local files import it: they are evaluated anew with it. */
  importers: Set<string>;
}

/** Modules as the cells of one folder import them; local files are loaded anew after an edit. */
export class LocalModules {
  readonly folder: string;
  readonly #base: string;
  readonly #files = new Map<string, LocalFile>();
  /** Called with all local files whenever there are more of them. */
  onFiles: (paths: string[]) => void = () => {};
  #imports = 0;
  #told = 0;

  readonly #onTransformed: ((url: string, maps: string[]) => void) | undefined;
  #paths: ((specifier: string) => string[]) | null | undefined;

  /**
   * @param base URL of the file that cells count as, in the notebook's folder
   * @param onTransformed told the source maps of every local file that is evaluated otherwise than written; without it,
   *   in worker threads, the files bring their maps, and no interrupt reaches what they await
   */
  constructor(folder: string, base: string, onTransformed?: (url: string, maps: string[]) => void) {
    this.folder = folder;
    this.#base = base;
    this.#onTransformed = onTransformed;
  }

  /** @returns the module's namespace as TypeScript sees it, of CommonJS with all that it exports */
  async import(specifier: string, names: readonly string[], attributes: ImportAttributes): Promise<unknown> {
    // Numbered, since the loader remembers what it resolved and would never look at an edited file again.
    const namespace = (await import(`cell:${++this.#imports}:${specifier}`, { with: attributes })) as object;
    this.#tell();
    const isJson = specifier.endsWith('.json') || attributes['type'] === 'json';
    const seen = interop(namespace, isJson);
    // A module without a default is its own where types allow for one.
    if (!names.includes('default') || 'default' in seen) return seen;
    return Object.create(seen, { default: { value: seen, enumerable: true } }) as object;
  }

  #tell(): void {
    if (this.#files.size === this.#told) return;
    this.#told = this.#files.size;
    this.onFiles([...this.#files.keys()].map((url) => fileURLToPath(url)));
  }

  resolve(specifier: string): string {
    return import.meta.resolve(`cell:${++this.#imports}:${specifier}`);
  }

  /** Looks for edited files; they and all that import them get a new address. */
  refresh(): void {
    const changed = new Set<string>();
    for (const [url, file] of this.#files) if (stampOf(url) !== file.stamp) changed.add(url);
    // What imports them is added, and visited in its turn.
    for (const url of changed) {
      const file = this.#files.get(url);
      if (file === undefined) continue;
      file.version++;
      file.stamp = stampOf(url);
      for (const importer of file.importers) changed.add(importer);
    }
  }

  resolveHook(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    const fromCell = PREFIX.test(specifier);
    const from = FROM.exec(specifier)?.[1];
    const parentURL = fromCell ? this.#base : from === undefined ? context.parentURL : decodeURIComponent(from);
    const bare = specifier
      .replace(PREFIX, '')
      .replace(FROM, '')
      .replace(/^npm:.*/, withoutNpm);
    const found = this.#find(bare, { ...context, ...(parentURL === undefined ? {} : { parentURL }) }, next);
    if (!isLocal(found.url) || from !== undefined) return found;
    const url = withoutQuery(found.url);
    const file = this.#files.get(url) ?? { version: 0, stamp: stampOf(url), importers: new Set() };
    this.#files.set(url, file);
    if (!fromCell && parentURL !== undefined && isLocal(parentURL)) file.importers.add(withoutQuery(parentURL));
    const result = url.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found;
    return file.version === 0 ? result : { ...result, url: `${url}?v=${file.version}` };
  }

  /** By tsconfig's paths, then as Node does, and where that finds nothing as TypeScript's resolution of a bundler. */
  #find(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    const parent = context.parentURL?.startsWith('file:') === true ? context.parentURL : undefined;
    // What CommonJS resolves is a path.
    const isRequired = context.conditions.includes('require');
    const take = (file: string): ResolveFnOutput => next(isRequired ? file : pathToFileURL(file).href, context);
    const isRelative = /^(\.{0,2}\/|file:|\.{1,2}$)/.test(specifier);
    const isPlain = !isRelative && !/^[a-z]+:/.test(specifier) && !isBuiltin(specifier);
    if (isPlain && parent !== undefined && isLocal(parent)) {
      const mapped = this.#byPaths(specifier)
        .map(findFile)
        .find((file) => file !== undefined);
      if (mapped !== undefined) return take(mapped);
    }
    try {
      return next(specifier, context);
    } catch (error) {
      if (parent === undefined || !MISSING.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      if (specifier === 'tslab') return take(fileURLToPath(new URL('./tslab.ts', import.meta.url)));
      const found = isRelative
        ? findFile(fileURLToPath(withoutQuery(new URL(specifier, parent).href)))
        : isPlain
          ? findInPackages(specifier, dirname(fileURLToPath(withoutQuery(parent))))
          : undefined;
      if (found === undefined) throw error;
      return take(found);
    }
  }

  #byPaths(specifier: string): string[] {
    if (this.#paths === undefined) {
      try {
        const { createPathsMatcher, getTsconfig } = lazily('get-tsconfig') as typeof import('get-tsconfig');
        const tsconfig = getTsconfig(this.folder);
        this.#paths = tsconfig === null ? null : createPathsMatcher(tsconfig);
      } catch {
        this.#paths = null;
      }
    }
    return this.#paths?.(specifier) ?? [];
  }

  /** TypeScript with all of its syntax, and local files as they are to run here. */
  loadHook(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
    const ending = /\.([cm]?[jt]sx?)(\?|$)/.exec(url)?.[1];
    if (ending === undefined || !url.startsWith('file:') || url.startsWith(KERNEL_FILES)) return next(url, context);
    const path = fileURLToPath(withoutQuery(url));
    const typed = ending.includes('t') || ending.endsWith('x');
    if (!typed && !(isLocal(url) ? concernsUs(path) : isHiddenModule(path))) return next(url, context);
    const { format, source, maps } = transformModule()(path, {
      folder: this.folder,
      resolve: (specifier) => this.#fileOf(specifier, url),
      interruptible: isLocal(url) && this.#onTransformed !== undefined,
    });
    if (maps.length > 0) this.#onTransformed?.(url, maps);
    const own = this.#onTransformed === undefined ? maps.map((map) => inlineMap(map, url)) : [];
    return { format, source: source + own.join(''), shortCircuit: true };
  }

  /** The file that a specifier in a module leads to, if it leads to one. */
  #fileOf(specifier: string, from: string): string | undefined {
    try {
      const url = import.meta.resolve(`from:${encodeURIComponent(withoutQuery(from))}:${specifier}`);
      return url.startsWith('file:') ? fileURLToPath(withoutQuery(url)) : undefined;
    } catch {
      // What is not there is told when it is imported.
      return undefined;
    }
  }
}

export function installModuleHooks(modules: LocalModules): void {
  registerHooks({
    resolve: (specifier, context, next) => modules.resolveHook(specifier, context, next),
    load: (url, context, next) => {
      // The tslab package's display functions are used as they are; only where they write to is ours.
      if (url.endsWith('/tslab/dist/jupyter.js')) {
        const source = `exports.lastWriteDisplayData = globalThis[${JSON.stringify(RUNTIME)}].tslabDisplay;`;
        return { format: 'commonjs', source, shortCircuit: true };
      }
      return modules.loadHook(url, context, next);
    },
  });
}

function inlineMap(map: string, url: string): string {
  const text = JSON.stringify({ ...(JSON.parse(map) as object), sources: [url] });
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString('base64')}`;
}

/** Local JavaScript that imports or awaits. */
function concernsUs(path: string): boolean {
  return /\b(await|import|export)\b/.test(readFileSync(path, 'utf8'));
}

/** A package's `module` build, beside a `type` that says that its files are none. */
function isHiddenModule(path: string): boolean {
  if (!path.endsWith('.js') || packageType(path) !== 'commonjs') return false;
  return /^\s*(import|export)\b/m.test(readFileSync(path, 'utf8'));
}

function isLocal(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(KERNEL_FILES);
}

const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

function stampOf(url: string): string {
  const stats = statSync(fileURLToPath(withoutQuery(url)), { throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.mtimeMs}-${stats.size}`;
}
