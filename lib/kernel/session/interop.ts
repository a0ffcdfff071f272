/** What a module looks like to TypeScript, where Node's own view of CommonJS and JSON shows less. */

type Names = Record<string, unknown>;

const merged = new WeakMap<object, object>();

/**
 * @param namespace as Node's import gives it
 * @returns of CommonJS the members of what it exports, found by running it, and the `default` that its `__esModule` means
 */
export function interop(namespace: object, isJson = false): object {
  const whole = isJson ? (namespace as Names)['default'] : (namespace as Names)['module.exports'];
  if (whole === null || (typeof whole !== 'object' && typeof whole !== 'function')) return namespace;
  const known = merged.get(namespace);
  if (known !== undefined) return known;
  // Members are read when they are asked for: some packages load their parts that way.
  const result = Object.create(whole, { [Symbol.toStringTag]: { value: 'Module' } }) as object;
  for (const name of Object.keys(whole)) {
    Object.defineProperty(result, name, { get: () => (whole as Names)[name], enumerable: true, configurable: true });
  }
  const byDefault =
    (whole as Names)['__esModule'] === true && 'default' in whole ? () => (whole as Names)['default'] : () => whole;
  Object.defineProperty(result, 'default', { get: byDefault, enumerable: true, configurable: true });
  merged.set(namespace, result);
  return result;
}
