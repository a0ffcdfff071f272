import { stripTypeScriptTypes } from 'node:module';
import type { Cell } from './cell.ts';

/** JavaScript made of TypeScript; no map means that every position stayed where it was. */
export interface Lowered {
  code: string;
  map?: string;
}

export interface LowerOptions {
  /** The compiler options of the folder's tsconfig that change what is emitted. */
  compilerOptions?: Record<string, unknown>;
}

const JSX_DEFAULTS = { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' };

/**
 * Blanks the types out, which keeps every column; enums, namespaces, decorators and JSX need a real transform.
 * @throws Error with the compiler's own message where neither can read the cell.
 */
export async function lower(cell: Cell, options: LowerOptions = {}): Promise<Lowered> {
  if (cell.lang === 'ts' && !cell.hasDecorators) {
    try {
      return { code: stripTypeScriptTypes(cell.source, { mode: 'strip' }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw error;
    }
  }
  const { transform } = await import('esbuild');
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource, experimentalDecorators } =
    options.compilerOptions ?? {};
  const jsxOptions =
    jsx === undefined || jsx === 'preserve' ? JSX_DEFAULTS : { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource };
  const result = await transform(cell.source, {
    loader: cell.lang,
    format: 'esm',
    target: 'esnext',
    sourcemap: 'external',
    sourcefile: 'cell.ts',
    supported: { decorators: false },
    treeShaking: false,
    logLevel: 'silent',
    tsconfigRaw: JSON.stringify({
      compilerOptions: { ...jsxOptions, experimentalDecorators, target: 'esnext', verbatimModuleSyntax: true },
    }),
  });
  return { code: result.code, map: result.map };
}
