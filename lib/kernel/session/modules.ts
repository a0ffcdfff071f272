import { existsSync, statSync } from 'node:fs';
import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

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

  /** @param base URL of the file that cells count as, in the notebook's folder */
  constructor(folder: string, base: string) {
    this.folder = folder;
    this.#base = base;
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

  /** As Node does, and where that finds nothing also without the ending, as TypeScript's bundler resolution allows. */
  #find(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
    try {
      return next(specifier, context);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const missing =
        code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT' || code === 'MODULE_NOT_FOUND';
      if (missing && /^\.{0,2}\//.test(specifier) && context.parentURL !== undefined && isLocal(context.parentURL)) {
        for (const candidate of candidates(specifier)) {
          const url = new URL(candidate, context.parentURL);
          if (existsSync(url) && statSync(url).isFile()) return next(url.href, context);
        }
      }
      throw error;
    }
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
      return next(url, context);
    },
  });
}

function candidates(specifier: string): string[] {
  const typed = specifier.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  return [...(typed === specifier ? [] : [typed]), ...ENDINGS.map((ending) => specifier + ending)];
}

function isLocal(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(KERNEL_FILES);
}

const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

function stampOf(url: string): string {
  const stats = statSync(fileURLToPath(withoutQuery(url)), { throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.mtimeMs}-${stats.size}`;
}
