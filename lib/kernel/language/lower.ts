import { createRequire, stripTypeScriptTypes } from 'node:module';
import type { TransformFailure, TransformOptions, TransformResult } from 'esbuild';
import type { Position } from './positions.ts';
import { choosesJsx, JSX_DEFAULTS, optionsOf } from './project.ts';

/** JavaScript made of TypeScript; no map means that every position stayed where it was. */
export interface Lowered {
  code: string;
  map?: string;
}

export interface LowerInput {
  source: string;
  lang: 'ts' | 'tsx';
  /** Decorators and the like, which neither blanking nor V8 can do. */
  needsTransform: boolean;
  /** JSX is made by the `React` in scope. */
  react?: boolean;
  /** Imports and exports become `require` and `module.exports`. */
  commonjs?: boolean;
}

/**
 * Blanks the types out, which keeps every column; enums, namespaces, decorators and JSX need a real transform.
 * @param folder whose tsconfig says how JSX and decorators are meant
 * @throws SourceError with the compiler's own message where neither can read the source.
 */
export async function lower(input: LowerInput, folder: string): Promise<Lowered> {
  const blanked = blank(input);
  if (blanked !== undefined) return blanked;
  const { transform } = await import('esbuild');
  return fromEsbuild(await transform(input.source, optionsFor(input, folder)).catch(refuse));
}

/** As `lower`, for module loaders, which cannot wait. */
export function lowerSync(input: LowerInput, folder: string): Lowered {
  const blanked = blank(input);
  if (blanked !== undefined) return blanked;
  const { transformSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  return fromEsbuild(transformSync(input.source, optionsFor(input, folder)));
}

function blank({ source, lang, needsTransform, commonjs }: LowerInput): Lowered | undefined {
  if (lang === 'tsx' || needsTransform || (commonjs === true && /\b(import|export)\b/.test(source))) return undefined;
  try {
    return { code: stripTypeScriptTypes(source, { mode: 'strip' }) };
  } catch {
    // Syntax that needs a transform, or (a last line `module`, say) that the stripper misreads.
    return undefined;
  }
}

/** Source that no compiler takes, and where it stops. */
export class SourceError extends SyntaxError {
  override readonly name = 'SyntaxError';
  readonly place: Position;

  constructor(message: string, place: Position) {
    super(message);
    this.place = place;
  }
}

function refuse(failure: TransformFailure): never {
  const [first] = failure.errors ?? [];
  if (first?.location == null) throw failure;
  // In bytes of UTF-8 there.
  const { line, column, lineText } = first.location;
  const character = Buffer.from(lineText).subarray(0, column).toString().length;
  throw new SourceError(first.text, { line: line - 1, character });
}

function fromEsbuild({ code, map }: TransformResult): Lowered {
  return { code, map };
}

function optionsFor({ lang, react, commonjs }: LowerInput, folder: string): TransformOptions {
  const options = optionsOf(folder);
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource, experimentalDecorators } = options;
  const jsxOptions =
    react === true
      ? { jsx: 'react' }
      : choosesJsx(options)
        ? { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource }
        : JSX_DEFAULTS;
  return {
    loader: lang,
    format: commonjs === true ? 'cjs' : 'esm',
    ...(commonjs === true ? { platform: 'node' } : {}),
    target: 'esnext',
    sourcemap: 'external',
    sourcefile: 'cell.ts',
    supported: { decorators: false },
    treeShaking: false,
    logLevel: 'silent',
    tsconfigRaw: JSON.stringify({
      compilerOptions: {
        ...jsxOptions,
        experimentalDecorators,
        target: 'esnext',
        verbatimModuleSyntax: commonjs !== true,
      },
    }),
  };
}
