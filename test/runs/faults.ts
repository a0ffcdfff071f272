/** Operations of the file system that fail in turn, and a power cut that takes away what was not flushed. */
import fs from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Everything that lib/runs asks of the file system and changes or reads files by. */
const OPERATIONS = [
  ...['openSync', 'writeSync', 'fsyncSync', 'ftruncateSync', 'closeSync', 'renameSync', 'mkdirSync', 'rmSync'],
  ...['readSync', 'readFileSync', 'writeFileSync', 'fstatSync', 'statSync', 'existsSync'],
] as const;

type Operation = (typeof OPERATIONS)[number];

/** Thrown by every operation once the power is gone: nobody handles it, since nobody is there any more. */
export class PowerCut extends Error {}

export interface Faults extends Disposable {
  /** Operations so far. */
  count: number;
  /** The one that failed. */
  failed?: string;
}

/**
 * Lets operation number `at` (from 0) fail by `fault`: an error code, or `power`, after which every operation fails.
 * @param onSync called after a flush that succeeded, with the descriptor's path
 */
export function injectFaults(at: number, fault: string, onSync: (path: string) => void = () => {}): Faults {
  const originals = new Map<Operation, unknown>(OPERATIONS.map((name) => [name, fs[name]]));
  const paths = new Map<number, string>();
  const state: Faults = {
    count: 0,
    [Symbol.dispose]: () => void Object.assign(fs, Object.fromEntries(originals)),
  };
  let dark = false;
  for (const name of OPERATIONS) {
    const original = originals.get(name) as (...args: unknown[]) => unknown;
    (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]): unknown => {
      if (dark) throw new PowerCut(name);
      if (state.count++ === at) {
        state.failed = name;
        if (fault === 'power') {
          dark = true;
          throw new PowerCut(name);
        }
        // `existsSync` never throws, and a close that fails has closed all the same.
        if (name === 'existsSync') return original(...args);
        if (name === 'closeSync') original(...args);
        throw Object.assign(new Error(`${fault}: injected, ${String(name)}`), { code: fault, syscall: name });
      }
      const result = original(...args);
      if (name === 'openSync') paths.set(result as number, args[0] as string);
      if (name === 'fsyncSync') onSync(paths.get(args[0] as number) ?? '');
      return result;
    };
  }
  return state;
}

/** What of a folder is on the disk: names that were flushed with their folder, contents that were flushed with their file. */
export class Disk {
  readonly #root: string;
  readonly #names = new Map<string, bigint | 'folder'>();
  readonly #contents = new Map<bigint, Buffer>();
  readonly #read = { readFileSync: fs.readFileSync, statSync: fs.statSync, readdirSync: fs.readdirSync };

  constructor(root: string) {
    this.#root = root;
  }

  /** To be called at every flush. */
  synced(path: string): void {
    const { readFileSync, statSync, readdirSync } = this.#read;
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stat) return;
    if (!stat.isDirectory()) {
      this.#contents.set(stat.ino, readFileSync(path));
      return;
    }
    for (const name of [...this.#names.keys()]) if (dirname(name) === path) this.#names.delete(name);
    for (const entry of readdirSync(path)) {
      const each = join(path, entry);
      const there = statSync(each, { bigint: true });
      this.#names.set(each, there.isDirectory() ? 'folder' : there.ino);
    }
  }

  /** Makes at `target` what is found when the power is back. */
  restore(target: string): void {
    fs.mkdirSync(target, { recursive: true });
    for (const [path, what] of [...this.#names].toSorted(([a], [b]) => a.length - b.length)) {
      const place = join(target, relative(this.#root, path));
      if (!fs.existsSync(dirname(place))) continue;
      if (what === 'folder') fs.mkdirSync(place, { recursive: true });
      else fs.writeFileSync(place, this.#contents.get(what) ?? '');
    }
  }
}
