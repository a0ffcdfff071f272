import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getTsconfig } from 'get-tsconfig';

/** As get-tsconfig reads them, as far as this kernel looks at them. */
export interface CompilerOptions {
  strict?: boolean;
  noImplicitAny?: boolean;
  jsx?: string;
  jsxFactory?: string;
  jsxFragmentFactory?: string;
  jsxImportSource?: string;
  experimentalDecorators?: boolean;
  emitDecoratorMetadata?: boolean;
}

/** JSX where no tsconfig says what it makes: HTML. */
export const JSX_DEFAULTS = { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' };

/** Whether a tsconfig says what JSX makes. */
export function choosesJsx({ jsx }: CompilerOptions): boolean {
  return jsx !== undefined && jsx !== 'preserve';
}

/** Files that exist in the language server's eyes only, by absolute path. */
export type VirtualFiles = Record<string, string>;

export const CELL_FILES = { ts: '__cell__.ts', tsx: '__cell__.tsx' } as const;

/** Beneath the folder's own tsconfig: what a cell gets where nobody chose. A file on disk, see `virtualProject`. */
const DEFAULTS = fileURLToPath(new URL('./cells.tsconfig.json', import.meta.url));

/** Above it: what cells need, whatever the folder's programs need. */
const OVERRIDES = {
  module: 'preserve',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  noEmit: true,
  composite: false,
  incremental: false,
  allowJs: true,
  checkJs: false,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  allowArbitraryExtensions: true,
  erasableSyntaxOnly: false,
  isolatedModules: false,
  isolatedDeclarations: false,
  verbatimModuleSyntax: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
};

export function findTsconfig(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'tsconfig.json');
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a tsconfig wants a type for everything; cells without one are strict in all but that. */
export function asksForTypes(folder: string): boolean {
  if (findTsconfig(folder) === undefined) return false;
  const { strict, noImplicitAny } = optionsOf(folder);
  return noImplicitAny ?? strict ?? false;
}

/**
 * A tsconfig.json laid over the notebook's folder: the folder's own choices, made fit for cells. To be opened in this
 * order, and nothing beside: for a file that no project claims the server loads all projects of the folders above.
 */
export function virtualProject(folder: string): VirtualFiles {
  const own = findTsconfig(folder);
  const shadowed = own === join(folder, 'tsconfig.json');
  const globals = join(folder, '__cells_globals__.d.ts');
  const paths = moduleFallbacks(folder);
  const options = optionsOf(folder);
  const project = JSON.stringify({
    extends: own === undefined || shadowed ? [DEFAULTS] : [DEFAULTS, own],
    compilerOptions: {
      ...(shadowed ? options : {}),
      ...(choosesJsx(options) ? {} : JSX_DEFAULTS),
      ...OVERRIDES,
      ...(own === undefined && Object.keys(paths).length > 0 ? { paths } : {}),
    },
    // Itself as well: it is a file that a project must claim.
    files: [CELL_FILES.ts, CELL_FILES.tsx, globals, 'tsconfig.json'],
    // The modules of cells.
    include: ['__cell_*__.ts', '__cell_*__.tsx'],
    // The server would fetch types of its own choice from the network.
    typeAcquisition: { enable: false },
    references: [],
  });
  return {
    [join(folder, 'tsconfig.json')]: project,
    [globals]: `/// <reference ${nodeTypes(folder)} />\n${kernelGlobals()}`,
  };
}

/** The compiler options of the folder's own tsconfig.json, with all that it extends. */
export function optionsOf(folder: string): CompilerOptions {
  try {
    return (getTsconfig(folder)?.config.compilerOptions ?? {}) as CompilerOptions;
  } catch {
    // One that cannot be read counts for nothing.
    return {};
  }
}

function kernelGlobals(): string {
  return ['./globals.d.ts', './webassembly.d.ts']
    .map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8'))
    .join('\n');
}

/** Node's types are the folder's own where it has them, since two versions do not mix; else the kernel's. */
function nodeTypes(folder: string): string {
  try {
    createRequire(join(folder, 'x.js')).resolve('@types/node/package.json');
    return 'types="node"';
  } catch {
    const own = createRequire(import.meta.url).resolve('@types/node/package.json');
    return `path="${join(dirname(own), 'index.d.ts')}"`;
  }
}

/** tslab's display API is there also where the tslab package is not. */
function moduleFallbacks(folder: string): Record<string, string[]> {
  try {
    createRequire(join(folder, 'x.js')).resolve('tslab');
    return {};
  } catch {
    return { tslab: [fileURLToPath(new URL('./tslab.d.ts', import.meta.url))] };
  }
}
