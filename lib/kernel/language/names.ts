/**
 * The names of cells, apart from every other name of the session: a cell's `Promise` is `Promise` and a mark that nobody
 * sees or types, so that neither the kernel's runtime nor a package ever meets it.
 */

/** The last of Unicode's variation selectors: allowed within identifiers, not shown, and used by no script. */
export const MARK = '\u{E01EF}';

/** The one global that evaluated cells call back into; session/runtime.ts provides it. No cell can name it. */
export const RUNTIME = `kernel${MARK}${MARK}`;

export const marked = (name: string): string => name + MARK;

/** Text as its reader expects it: names of cells without their mark. */
export const unmarked = (text: string): string => (text.includes(MARK) ? text.replaceAll(MARK, '') : text);

/** Code that a user did not write, around code that they did; `was` is what stood there. */
export const injected = (code: string, was = ''): string => `/*${MARK}${was}*/${code}/*${MARK}*/`;

const INJECTED = new RegExp(String.raw`/\*${MARK}([^*]*)\*/[\s\S]*?/\*${MARK}\*/`, 'gu');

/** The source of a function of a cell, as it was written. */
export const asWritten = (code: string): string =>
  code.includes(MARK) ? unmarked(code.replace(INJECTED, (_all, was: string) => was)) : code;

/** What every cell finds besides the globals of Node; session/runtime.ts and its neighbours provide them. */
const PROVIDED = [
  'require', 'module', 'exports', '__filename', '__dirname', 'cell', 'h', 'Fragment', 'prompt', 'confirm', 'alert',
  'password',
]; // prettier-ignore

/** Names that mean a global until a cell declares them. The kernel's process has the same ones as the session's. */
const isGlobal = (name: string): boolean => name in globalThis || PROVIDED.includes(name);

/** How a name that a cell does not declare itself is to be spoken of. */
export type Meaning =
  | 'cell'
  | 'global'
  /** Declared by a later cell, or put on globalThis by then: found out when it is looked at. */
  | 'unknown';

/** The names that the cells of one session have declared. */
export class CellNames {
  readonly #declared = new Set<string>();

  has(name: string): boolean {
    return this.#declared.has(name);
  }

  meaning(name: string): Meaning {
    return this.#declared.has(name) ? 'cell' : isGlobal(name) ? 'global' : 'unknown';
  }

  declare(names: Iterable<string>): void {
    for (const name of names) this.#declared.add(name);
  }

  forget(names: Iterable<string>): void {
    for (const name of names) this.#declared.delete(name);
  }

  clear(): void {
    this.#declared.clear();
  }
}
