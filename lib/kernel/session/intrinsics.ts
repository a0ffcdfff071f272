/** What the runtime needs of the language, taken before any cell runs: whatever a cell does to globalThis, it stays. */
export const {
  AbortController,
  AsyncDisposableStack,
  Atomics,
  Error,
  Int32Array,
  JSON,
  Object,
  Promise,
  ReferenceError,
  Reflect,
  String,
  SuppressedError,
  Symbol,
  clearTimeout,
  process,
  setImmediate,
  setTimeout,
} = globalThis;

type Class = new (...given: never[]) => object;

/** A class of its own with the methods as they are now: whatever a cell does to the prototype, they stay. */
function safe<C extends Class>(Original: C): C {
  const Safe = class extends (Original as unknown as new (...given: unknown[]) => object) {};
  for (const key of Reflect.ownKeys(Original.prototype as object)) {
    if (key === 'constructor') continue;
    const property = Reflect.getOwnPropertyDescriptor(Original.prototype as object, key) as PropertyDescriptor;
    Reflect.defineProperty(Safe.prototype, key, property);
  }
  Object.freeze(Safe.prototype);
  return Safe as unknown as C;
}

const native = { Map: globalThis.Map, Set: globalThis.Set, WeakMap: globalThis.WeakMap, WeakSet: globalThis.WeakSet };
export const Map = safe(native.Map);
export const Set = safe(native.Set);
export const WeakMap = safe(native.WeakMap);
export const WeakSet = safe(native.WeakSet);
const { prototype: promise } = Promise;
const { then } = promise;

/** `then` of a promise: the language's own, where the promise has none of its own. */
export function thenOf<T, R>(value: Promise<T>, done: (value: T) => R, failed: (reason: unknown) => R): Promise<R> {
  const own = value.then === promise.then ? then : value.then;
  return Reflect.apply(own, value, [done, failed]) as Promise<R>;
}
