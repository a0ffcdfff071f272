import { readFileSync, statSync } from 'node:fs';
import {
  createRequire,
  registerHooks,
  type LoadFnOutput,
  type LoadHookContext,
  type ResolveFnOutput,
  type ResolveHookContext,
} from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { TransformModule } from './transform.ts';

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

/** For what only some notebooks need: loading it at once would cost every start. */
const lazily = createRequire(import.meta.url);
const transformModule = (): TransformModule =>
  (lazily('./transform.ts') as { transformModule: TransformModule }).transformModule;

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'MODULE_NOT_FOUND']);
const PREFIX = /^cell:\d+:/;
const KERNEL_FILES = new URL('..', import.meta.url).href;
const ENDINGS = ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.tsx', '/index.js'];

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

  readonly #onTransformed: (url: string, maps: string[]) => void;
  #paths: ((specifier: string) => string[]) | null | undefined;

  /**
   * @param base URL of the file that cells count as, in the notebook's folder
   * @param onTransformed told the source maps of every local file that is evaluated otherwise than written
   */
  constructor(folder: string, base: string, onTransformed: (url: string, maps: string[]) => void) {
    this.folder = folder;
    this.#base = base;
    this.#onTransformed = onTransformed;
  }

  /** @returns the module's namespace, with the names asked for also where a CommonJS module hides them. */
  async import(specifier: string, names: readonly string[], attributes: ImportAttributes): Promise<unknown> {
    // Numbered, since the loader remembers what it resolved and would never look at an edited file again.
    const namespace = (await import(`cell:${++this.#imports}:${specifier}`, { with: attributes })) as Record<
      string,
      unknown
    >;
    this.#tell();
    const hidden = names.filter((name) => !(name in namespace));
    const whole = namespace['default'];
    if (hidden.length === 0 || whole === null || (typeof whole !== 'object' && typeof whole !== 'function'))
      return namespace;
    const found = hidden.filter((name) => name in whole);
    if (found.length === 0) return namespace;
    return {
      ...namespace,
      ...Object.fromEntries(found.map((name) => [name, (whole as Record<string, unknown>)[name]])),
    };
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
    const changed = [...this.#files].filter(([url, file]) => stampOf(url) !== file.stamp).map(([url]) => url);
    const seen = new Set<string>();
    while (changed.length > 0) {
      const url = changed.pop() as string;
      const file = this.#files.get(url);
      if (file === undefined || seen.has(url)) continue;
      seen.add(url);
      file.version++;
      file.stamp = stampOf(url);
      changed.push(...file.importers);
    }
  }

  resolveHook(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    const fromCell = PREFIX.test(specifier);
    const parentURL = fromCell ? this.#base : context.parentURL;
    const bare = specifier.replace(PREFIX, '');
    const found = this.#find(bare, { ...context, ...(parentURL === undefined ? {} : { parentURL }) }, next);
    if (!isLocal(found.url)) return found;
    const url = withoutQuery(found.url);
    const file = this.#files.get(url) ?? { version: 0, stamp: stampOf(url), importers: new Set() };
    this.#files.set(url, file);
    if (!fromCell && parentURL !== undefined && isLocal(parentURL)) file.importers.add(withoutQuery(parentURL));
    const result = url.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found;
    return file.version === 0 ? result : { ...result, url: `${url}?v=${file.version}` };
  }

  /** As Node does, and where that finds nothing by tsconfig's paths, or without the ending, as TypeScript allows. */
  #find(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!MISSING.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      if (context.parentURL === undefined || !isLocal(context.parentURL)) throw error;
      if (specifier === 'tslab') return next(new URL('./tslab.ts', import.meta.url).href, context);
      const places = /^\.{0,2}\//.test(specifier) ? [new URL(specifier, context.parentURL)] : this.#byPaths(specifier);
      for (const candidate of places.flatMap((place) => candidates(place.href))) {
        if (statSync(fileURLToPath(candidate), { throwIfNoEntry: false })?.isFile()) return next(candidate, context);
      }
      throw error;
    }
  }

  #byPaths(specifier: string): URL[] {
    if (this.#paths === undefined) {
      try {
        const { createPathsMatcher, getTsconfig } = lazily('get-tsconfig') as typeof import('get-tsconfig');
        const tsconfig = getTsconfig(this.folder);
        this.#paths = tsconfig === null ? null : createPathsMatcher(tsconfig);
      } catch {
        this.#paths = null;
      }
    }
    return (this.#paths?.(specifier) ?? []).map((path) => pathToFileURL(path));
  }

  /** Local TypeScript, with all of its syntax; and in all local files, awaits that an interrupt reaches. */
  loadHook(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
    const ending = /\.([cm]?[jt]sx?)(\?|$)/.exec(url)?.[1];
    if (!isLocal(url) || ending === undefined) return next(url, context);
    const text = readFileSync(fileURLToPath(withoutQuery(url)), 'utf8');
    const typed = ending.includes('t') || ending.endsWith('x');
    if (!typed && !text.includes('await')) return next(url, context);
    const format = typed ? (ending === 'cts' ? 'commonjs' : 'module') : next(url, context).format;
    const { source, maps } = transformModule()(text, typed ? (ending.endsWith('x') ? 'tsx' : 'ts') : 'js', this.folder);
    if (maps.length > 0) this.#onTransformed(url, maps);
    return { format, source, shortCircuit: true };
  }
}

export function installModuleHooks(modules: LocalModules): void {
  registerHooks({
    resolve: (specifier, context, next) => modules.resolveHook(specifier, context, next),
    load: (url, context, next) => {
      // The tslab package's display functions are used as they are; only where they write to is ours.
      if (url.endsWith('/tslab/dist/jupyter.js')) {
        const source = 'exports.lastWriteDisplayData = globalThis.__kernel__.tslabDisplay;';
        return { format: 'commonjs', source, shortCircuit: true };
      }
      return modules.loadHook(url, context, next);
    },
  });
}

function candidates(url: string): string[] {
  const typed = url.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  return [url, ...(typed === url ? [] : [typed]), ...ENDINGS.map((ending) => url + ending)];
}

function isLocal(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(KERNEL_FILES);
}

const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

function stampOf(url: string): string {
  const stats = statSync(fileURLToPath(withoutQuery(url)), { throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.mtimeMs}-${stats.size}`;
}
