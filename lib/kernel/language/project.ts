import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that exist in the language server's eyes only, by absolute path. */
export type VirtualFiles = Record<string, string>;

export const CELL_FILES = { ts: '__cell__.ts', tsx: '__cell__.tsx' } as const;

/** Beneath the folder's own tsconfig: what a cell gets where nobody chose. */
const DEFAULTS = {
  target: 'esnext',
  lib: ['esnext'],
  strict: true,
  skipLibCheck: true,
  jsx: 'react',
  jsxFactory: 'h',
  jsxFragmentFactory: 'Fragment',
  resolveJsonModule: true,
};

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

/** A tsconfig.json laid over the notebook's folder: the folder's own choices, made fit for cells. */
export function virtualProject(folder: string): VirtualFiles {
  const files: VirtualFiles = {};
  const defaults = join(folder, '__cells_defaults__.json');
  files[defaults] = JSON.stringify({ compilerOptions: DEFAULTS });
  const bases = [defaults];
  const own = findTsconfig(folder);
  if (own === join(folder, 'tsconfig.json')) {
    const copy = join(folder, '__cells_tsconfig__.json');
    files[copy] = readFileSync(own, 'utf8');
    bases.push(copy);
  } else if (own !== undefined) bases.push(own);
  const globals = join(folder, '__cells_globals__.d.ts');
  files[globals] = `/// <reference ${nodeTypes(folder)} />\n${kernelGlobals()}`;
  const paths = moduleFallbacks(folder);
  files[join(folder, 'tsconfig.json')] = JSON.stringify({
    extends: bases,
    compilerOptions: { ...OVERRIDES, ...(own === undefined && Object.keys(paths).length > 0 ? { paths } : {}) },
    files: [CELL_FILES.ts, CELL_FILES.tsx, globals],
    include: [],
    references: [],
  });
  return files;
}

function kernelGlobals(): string {
  return readFileSync(fileURLToPath(new URL('./globals.d.ts', import.meta.url)), 'utf8');
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
