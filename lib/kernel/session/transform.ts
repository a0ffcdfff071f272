import { lowerSync, type Lowered } from '../language/lower.ts';
import { rewriteModule } from '../language/rewrite.ts';

export interface Transformed {
  source: string;
  /** From what is evaluated back to the file, to be followed one after the other. */
  maps: string[];
}

/** A local file made fit to run: TypeScript with all of its syntax, and awaits that an interrupt reaches. */
export function transformModule(text: string, lang: 'js' | 'ts' | 'tsx', folder: string): Transformed {
  const lowered: Lowered =
    lang === 'js' ? { code: text } : lowerSync({ source: text, lang, needsTransform: needsTransform(text) }, folder);
  const rewritten = rewriteModule(lowered.code);
  const maps = [rewritten?.map, lowered.map].filter((map) => map !== undefined);
  return { source: rewritten?.code ?? lowered.code, maps };
}

export type TransformModule = typeof transformModule;

function needsTransform(text: string): boolean {
  return /^\s*@\w|\baccessor\b/m.test(text);
}
