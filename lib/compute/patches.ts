/** Methods replaced for a while. */

/** Replaces properties and puts all of them back, the last one first. */
export class Patches {
  readonly #undo: (() => void)[] = [];

  /** `owner[key]` is `value` until `restore`; an inherited property is shadowed. */
  replace<T extends object, K extends keyof T>(owner: T, key: K, value: T[K]): void {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    if (own && 'value' in own && own.writable) {
      owner[key] = value;
      this.#undo.push(() => {
        owner[key] = own.value as T[K];
      });
      return;
    }
    Object.defineProperty(owner, key, { configurable: true, enumerable: false, writable: true, value });
    this.#undo.push(() => {
      if (own) Object.defineProperty(owner, key, own);
      else delete owner[key];
    });
  }

  /** The getter `owner[key]` is `get` until `restore`. */
  replaceGetter(owner: object, key: PropertyKey, get: (this: unknown) => unknown): void {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    Object.defineProperty(owner, key, { ...own, configurable: true, get });
    this.#undo.push(() => {
      if (own) Object.defineProperty(owner, key, own);
      else delete (owner as Record<PropertyKey, unknown>)[key];
    });
  }

  restore(): void {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) undo();
  }
}
