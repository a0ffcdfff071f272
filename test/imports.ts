/** Which file of the repository imports which, read from the text: enough for relative paths, which is how rooms import one another. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../lib/runs/index.ts';

const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)'(\.{1,2}\/[^']+)'/g;

/** The files that a text at `file` imports, relative to the repository. */
export const importsIn = (file: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, path]) => normalize(join(dirname(file), path!)).replaceAll('\\', '/'));

const known = new Map<string, string[]>();

/** The same for a file on the disk; none for one that is not there. */
export function importsOf(file: string): string[] {
  let found = known.get(file);
  if (!found) {
    const path = join(ROOT, file);
    found = existsSync(path) ? importsIn(file, readFileSync(path, 'utf8')) : [];
    known.set(file, found);
  }
  return found;
}

/** In how many imports `from` reaches `to`; Infinity where it does not. */
export function distance(from: string, to: string, imports = importsOf): number {
  const seen = new Set([from]);
  for (let [front, steps] = [[from], 0]; front.length > 0; steps += 1) {
    if (front.includes(to)) return steps;
    const next = [...new Set(front.flatMap((file) => imports(file)))].filter((file) => !seen.has(file));
    for (const file of next) seen.add(file);
    front = next;
  }
  return Infinity;
}

/** The tests that cover a file of lib: those of its room that reach it, else the ones that reach it in the fewest imports. */
export function testsOf(file: string, tests: readonly string[], imports = importsOf): string[] {
  const reaching = tests
    .map((test) => ({ test, steps: distance(test, file, imports) }))
    .filter(({ steps }) => Number.isFinite(steps));
  const room = file.split('/')[1]!;
  const own = reaching.filter(({ test }) => test.startsWith(`test/${room}/`));
  if (own.length > 0) return own.map(({ test }) => test);
  const least = Math.min(...reaching.map(({ steps }) => steps));
  return reaching.filter(({ steps }) => steps === least).map(({ test }) => test);
}

/** Every TypeScript file of lib. */
export const libFiles = (): string[] =>
  globSync('lib/**/*.ts', { cwd: ROOT, exclude: (name) => name === 'node_modules' }).map((file) =>
    file.replaceAll('\\', '/'),
  );
