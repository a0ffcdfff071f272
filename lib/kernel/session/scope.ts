import { asWritten, marked, unmarked } from '../language/names.ts';
import { Error, Object, ReferenceError, Reflect, WeakSet } from './intrinsics.ts';

const known = new WeakSet<object>();

/**
 * Makes a name that no cell has declared yet mean what globalThis has by that name, whenever it is looked at. The `let`
 * of a later cell takes its place. It stands on what globalThis inherits from, where nobody counts names.
 */
export function bindToGlobal(name: string): void {
  const holder = Object.getPrototypeOf(globalThis) as object;
  const property = marked(name);
  if (Object.hasOwn(holder, property)) return;
  const demand = (): void => {
    if (name in globalThis) return;
    const error = new ReferenceError(`${name} is not defined`);
    known.add(error);
    throw error;
  };
  Object.defineProperty(holder, property, {
    configurable: true,
    enumerable: false,
    get: () => {
      demand();
      return (globalThis as Record<string, unknown>)[name];
    },
    set: (value: unknown) => {
      demand();
      Reflect.set(globalThis, name, value);
    },
  });
}

/** `typeof` of a name that may not be there. */
export function typeOf(look: () => unknown): string {
  try {
    return typeof look();
  } catch (error) {
    if (typeof error === 'object' && error !== null && known.has(error)) return 'undefined';
    throw error;
  }
}

/** Takes the marks out of what V8 says of names of cells. */
export function unmarkMessage(error: unknown): void {
  try {
    if (!(error instanceof Error)) return;
    const { message } = error;
    const clean = unmarked(message);
    if (clean !== message) error.message = clean;
  } catch {
    // Errors are the user's objects: one that cannot be read or written stays as it is.
  }
}

/** Functions of cells give their source as it was written, not as it runs. */
export function showFunctionsAsWritten(): void {
  const toString = new Proxy(Function.prototype.toString, {
    apply: (native, self: unknown, given: unknown[]) => asWritten(Reflect.apply(native, self, given) as string),
  });
  const prototype: object = Function.prototype;
  Object.defineProperty(prototype, 'toString', { value: toString, writable: true, configurable: true });
}
