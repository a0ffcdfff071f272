import { inspect } from 'node:util';

/** Above this many elements or code units a value is held by whoever else holds it, and no longer by `Out`. */
const LARGE = 100_000;
/** So many results are kept. */
const REMEMBERED = 1000;

interface Kept {
  value?: unknown;
  weak?: WeakRef<object>;
}

/** `In`, `Out`, `_`, `__` and `___`: what was typed and what came out, by the numbers beside the cells. */
export class Results {
  readonly inputs: string[] = [];
  readonly #outputs = new Map<number, Kept>();
  readonly #latest: Kept[] = [];

  /** Out[n]; a number without a result has none. */
  readonly outputs: Record<number, unknown> = new Proxy(Object.create(null) as Record<number, unknown>, {
    get: (_target, name) => (typeof name === 'symbol' ? undefined : valueOf(this.#outputs.get(Number(name)))),
    has: (_target, name) => this.#outputs.has(Number(name)),
    ownKeys: () => [...this.#outputs.keys()].map(String),
    getOwnPropertyDescriptor: (_target, name) => {
      const kept = this.#outputs.get(Number(name));
      return kept && { value: valueOf(kept), enumerable: true, configurable: true, writable: false };
    },
    set: () => false,
  });

  began(count: number, source: string): void {
    this.inputs[count] = source;
  }

  ended(count: number, value: unknown): void {
    if (value === undefined) return;
    const kept = keep(value);
    this.#outputs.set(count, kept);
    this.#outputs.delete(count - REMEMBERED);
    this.#latest.unshift(kept);
    this.#latest.length = Math.min(this.#latest.length, 3);
  }

  /** @param back 0 is the last result, 1 the one before */
  last(back: number): unknown {
    return valueOf(this.#latest[back]);
  }

  install(): void {
    const names: Record<string, () => unknown> = {
      In: () => this.inputs,
      Out: () => this.outputs,
      _: () => this.last(0),
      __: () => this.last(1),
      ___: () => this.last(2),
    };
    for (const [name, get] of Object.entries(names)) {
      if (name in globalThis) continue;
      Object.defineProperty(globalThis, name, {
        get,
        // A library that puts itself there, as underscore does, has it.
        set: (value: unknown) => {
          Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
        },
        configurable: true,
        enumerable: false,
      });
    }
  }

  [inspect.custom](): string {
    return `Results of ${this.#outputs.size} cells`;
  }
}

/** Large values are held weakly: a notebook must not keep every table that it ever showed. */
function keep(value: unknown): Kept {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return typeof value === 'string' && value.length > LARGE ? {} : { value };
  }
  return isLarge(value) ? { weak: new WeakRef(value) } : { value };
}

function isLarge(value: object): boolean {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength > LARGE;
  if (Array.isArray(value)) return value.length > LARGE || value.some((each) => isBig(each));
  if (value instanceof Map || value instanceof Set) return value.size > LARGE;
  return Object.values(Object.getOwnPropertyDescriptors(value)).some(({ value: each }) => isBig(each));
}

function isBig(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > LARGE;
  return ArrayBuffer.isView(value) && value.byteLength > LARGE;
}

function valueOf(kept: Kept | undefined): unknown {
  return kept?.weak === undefined ? kept?.value : kept.weak.deref();
}
