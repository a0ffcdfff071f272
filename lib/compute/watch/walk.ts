/**
 * The JavaScript state that a function can reach: variables it closes over, by names that its source mentions, and from them every property, element, entry,
 * private field and further function. What belongs to tfjs's inside, to this room and to Node is left out: a step cannot change it unseen.
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { dirname } from 'node:path';
import { types } from 'node:util';
import { backend, tf } from '../backend.ts';
import { inspector, type Scope } from './inspector.ts';

/** What one object holds, as far as one way of reading it goes. */
export interface Node {
  kind: 'closure' | 'hidden' | 'entries' | 'time' | 'bytes' | 'elements' | 'properties';
  path: string;
  object: object;
  labels: readonly string[];
  values: readonly unknown[];
  /** Reads it again. */
  read(): { labels: readonly string[]; values: readonly unknown[] };
  /** Whether it still holds what it held, compared natively; undefined where only `read` can tell, which takes long. */
  isSame: (() => boolean) | undefined;
}

/** What value `i` of a node is called; undefined beyond its end. */
export const labelOf = ({ kind, labels, values }: Pick<Node, 'kind' | 'labels' | 'values'>, i: number): string =>
  kind !== 'elements' ? (labels[i] ?? '') : i === values.length - 1 ? '.length' : `[${i}]`;

/** How the variables of a function are read: by itself, or by the inspector. */
export type Closure = (() => unknown[]) | 'inspector';
export interface WalkOptions {
  /** Called for every function whose variables are read for the first time. */
  onFunction?: (fn: object, location: string) => void;
  /** Functions whose variables count, besides those that were not there before; all, where it is not given. */
  closures?: ReadonlyMap<object, Closure>;
  wasThere?: (fn: object) => boolean;
  /** Private fields, read by functions of their classes. */
  fields?: ReadonlyMap<object, () => unknown[]>;
}

interface ClosureCode {
  /** Script and place of its source; functions made by one expression share it. */
  location: string;
  names: readonly string[];
}

/** Where the walk ends: more is not watched. */
const MAX_NODES = 20_000;
const MAX_FUNCTIONS = 1000;
/** Elements of an array, bytes of a buffer that are compared at every call; larger ones from time to time. */
const QUICK_ELEMENTS = 1024;
const QUICK_BYTES = 1 << 16;
/** Elements of an array of numbers that are watched at all. */
const MAX_ELEMENTS = 100_000;
/** A module with more exports is watched by those that are mentioned. */
const MAX_EXPORTS = 100;

const OURS = pathToFileURL(dirname(import.meta.dirname)).href + '/';
const isForeign = (url: string): boolean =>
  url.startsWith('node:') ||
  url.startsWith(OURS) ||
  /[\\/]node_modules[\\/](@tensorflow|long|seedrandom)[\\/]/.test(url);

/** Objects of the host: what of them changes is refused in a step, or no number of a step. */
const HOST = new Set(
  (
    'Math JSON Reflect Intl Atomics WebAssembly console process performance crypto navigator globalThis global Date ' +
    'localStorage sessionStorage require module exports'
  ).split(' '),
);
const INTRINSICS = new Set<unknown>(
  [Object, Function, Array, Map, Set, WeakMap, WeakSet, Promise, Error, Date, RegExp, ArrayBuffer, DataView, Uint8Array]
    .flatMap((intrinsic) => [intrinsic, intrinsic.prototype, Object.getPrototypeOf(intrinsic.prototype)])
    .filter((value) => value !== null),
);
const known = new WeakSet<object>([
  tf,
  tf.engine(),
  tf.env(),
  backend,
  ...(Object.values(tf) as unknown[]).filter((value): value is object => typeof value === 'object' && value !== null),
]);
const namespace: unknown = tf.Tensor;
const TIME = Date.prototype.getTime;
const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** Functions of tfjs, this room, Node. */
const foreign = new WeakSet<object>();
const codes = new WeakMap<object, ClosureCode>();
// `instanceof tf.Tensor` reads properties of whatever it is given, and may so run code.
const tensorPrototypes = [tf.Tensor.prototype, tf.SymbolicTensor.prototype] as object[];
/** Whether it is a tensor; runs no code of its own. */
export const isTensor = (value: unknown): boolean =>
  isObject(value) &&
  !types.isProxy(value) &&
  tensorPrototypes.some((prototype) => Object.prototype.isPrototypeOf.call(prototype, value));
const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Own fields of tfjs's objects that tracing or counting moves, none of which a step may read. */
const MOVED = new Set<PropertyKey>([
  'iterations_',
  'inboundNodes',
  'outboundNodes',
  'dropoutMask',
  'recurrentDropoutMask',
]);

function sameValues(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** All identifiers of a source; undefined where it may use others. */
function mentioned(source: string): Set<string> | undefined {
  if (/\beval\b|\\u/.test(source)) return undefined;
  return new Set(source.match(IDENTIFIER));
}

/** Source of a function. */
export const sourceOf = (fn: object): string => Function.prototype.toString.call(fn) as string;

const namesIn = new WeakMap<object, Set<string> | null>();
/** Whether the source of one of the functions has this name anywhere. */
export function isMentioned(name: string, functions: Iterable<object>): boolean {
  for (const fn of functions) {
    let names = namesIn.get(fn);
    if (names === undefined) namesIn.set(fn, (names = mentioned(Function.prototype.toString.call(fn)) ?? null));
    if (names === null || names.has(name)) return true;
  }
  return false;
}

/** A variable's value; undefined for a `const` that has none yet. */
function valueOf(scope: Record<string, unknown>, name: string): unknown {
  try {
    return scope[name];
  } catch {
    return undefined;
  }
}

/** Variables around a function that its source mentions: names, and how to read them from scopes. */
function variablesOf(fn: object, scopes: readonly Scope[]): Map<string, unknown> {
  const names = mentioned(Function.prototype.toString.call(fn));
  const found = new Map<string, unknown>();
  for (const { description, object } of scopes) {
    if (description === 'Global' || !object) continue;
    for (const name of Object.keys(object)) {
      if (name === 'this' || name === 'arguments' || found.has(name) || HOST.has(name)) continue;
      if (!names || names.has(name)) found.set(name, valueOf(object, name));
    }
  }
  for (const name of names ?? []) {
    if (found.has(name) || HOST.has(name)) continue;
    const own = Object.getOwnPropertyDescriptor(globalThis, name);
    if (own && 'value' in own && own.writable) found.set(name, own.value);
  }
  return found;
}

const at = (path: string, label: string): string => (path === '' ? label.replace(/^\./, '') : `${path}${label}`);
const keyLabel = (key: PropertyKey): string =>
  typeof key === 'symbol'
    ? `[${String(key)}]`
    : /^[\p{ID_Start}$_]/u.test(String(key))
      ? `.${String(key)}`
      : `[${String(key)}]`;

/** A slot that V8 shows as an object made for it, as what it holds. */
function flat([name, value]: [string, unknown]): [string, unknown][] {
  if (name.startsWith('#')) return [[`.${name}`, value]];
  if (name === '[[Entries]]') {
    const entries = Array.prototype.slice.call(value) as { key?: unknown; value: unknown }[];
    return entries.flatMap((entry, i): [string, unknown][] => [
      [`.keys()[${i}]`, entry.key],
      ['.get(...)', entry.value],
    ]);
  }
  if (name === '[[BoundArgs]]') return (Array.prototype.slice.call(value) as unknown[]).map((each) => [name, each]);
  if (name === '[[GeneratorLocation]]') return [[name, JSON.stringify(value)]];
  if (name !== '[[Scopes]]') return [[name, value]];
  const scopes = (Array.prototype.slice.call(value) as Scope[]).filter(({ description }) => description !== 'Global');
  return scopes
    .slice(0, 1)
    .flatMap(({ object }) => Object.keys(object).map((key): [string, unknown] => [key, valueOf(object, key)]));
}

interface Content {
  labels: string[];
  values: unknown[];
  /** Keys of the values that can be read without running code; the others are getters and setters themselves. */
  keys: (PropertyKey | undefined)[];
}

function contentOf(object: object, wanted: (key: string | symbol) => boolean): Content {
  const content: Content = { labels: [], values: [], keys: [] };
  const add = (label: string, value: unknown, key?: PropertyKey) => {
    content.labels.push(label);
    content.values.push(value);
    content.keys.push(key);
  };
  for (const key of Reflect.ownKeys(object).filter(wanted)) {
    let descriptor: PropertyDescriptor | undefined;
    try {
      descriptor = Object.getOwnPropertyDescriptor(object, key);
    } catch {
      continue; // an export of a module that has no value yet
    }
    if (!descriptor) continue;
    if ('value' in descriptor) add(keyLabel(key), descriptor.value, key);
    else {
      add(keyLabel(key), descriptor.get);
      add(keyLabel(key), descriptor.set);
    }
  }
  return content;
}

/** Everything that can be reached from some objects. */
export class Walk {
  readonly nodes = new Map<object, Node[]>();
  readonly #queue: { value: object; path: string }[] = [];
  /** Functions by the place of their source. */
  readonly functions = new Map<string, object[]>();
  readonly #options: WalkOptions;
  #count = 0;
  #functionCount = 0;
  isComplete = true;

  constructor(options: WalkOptions = {}) {
    this.#options = options;
  }

  /** Walks on from here; must be called inside the inspector's `reading`. */
  add(value: unknown, path: string): void {
    this.#enqueue(value, path);
    for (let next = this.#queue.pop(); next; next = this.#queue.pop()) this.#visit(next.value, next.path);
  }

  get size(): number {
    return this.#count;
  }

  #enqueue(value: unknown, path: string): void {
    if (!isObject(value) || this.nodes.has(value) || INTRINSICS.has(value) || known.has(value)) return;
    if (foreign.has(value) || isTensor(value)) return;
    if (this.#count >= MAX_NODES) {
      this.isComplete = false;
      return;
    }
    this.#count++;
    this.nodes.set(value, []);
    this.#queue.push({ value, path });
  }

  #visit(value: object, path: string): void {
    if (types.isPromise(value) || value instanceof WeakRef) return;
    if (types.isProxy(value)) return this.#hidden(value, path, /^\[\[(Target|Handler)\]\]$/);
    if (typeof value === 'function') {
      if (!this.#function(value, path)) {
        this.nodes.delete(value);
        return;
      }
    } else if ('Tensor' in value && (value as { Tensor: unknown }).Tensor === namespace) {
      known.add(value);
      this.nodes.delete(value);
      return;
    }
    if (types.isMap(value) || types.isSet(value)) this.#collection(value, path);
    else if (types.isDate(value)) this.#date(value, path);
    else if (types.isAnyArrayBuffer(value)) this.#bytes(new Uint8Array(value), path, value);
    else if (ArrayBuffer.isView(value)) {
      this.#bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), path, value);
      return; // elements are its own properties
    } else if (
      types.isWeakMap(value) ||
      types.isWeakSet(value) ||
      types.isGeneratorObject(value) ||
      types.isMapIterator(value) ||
      types.isSetIterator(value)
    ) {
      this.#hidden(
        value,
        path,
        /^\[\[(Entries|IteratorIndex|IteratorHasMore|GeneratorState|GeneratorLocation|Scopes)\]\]$/,
      );
    }
    if (Object.prototype.toString.call(value) === '[object Array Iterator]') {
      // Where it stands is nowhere to be seen: it never counts as unchanged.
      const read = () => ({ labels: [' (an iterator)'], values: [Symbol('somewhere')] });
      this.#node({ kind: 'hidden', path, object: value, ...read(), read, isSame: () => false }, false);
    }
    if (Array.isArray(value)) this.#array(value, path);
    else this.#properties(value, path);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (isObject(prototype) && !this.#isForeignClass(prototype)) {
      this.#enqueue(prototype, path);
      if (typeof value === 'object' && /#/.test(this.#classSource(prototype))) this.#hidden(value, path, /^#/);
    }
  }

  /** Sources of a class and those that it extends. */
  #classSource(prototype: object): string {
    let sources = '';
    for (
      let at: object | null = prototype;
      at && !INTRINSICS.has(at);
      at = Object.getPrototypeOf(at) as object | null
    ) {
      const source = Object.getOwnPropertyDescriptor(at, 'constructor')?.value as unknown;
      if (typeof source === 'function') sources += sourceOf(source);
    }
    return sources;
  }

  #isForeignClass(prototype: object): boolean {
    if (INTRINSICS.has(prototype) || foreign.has(prototype)) return true;
    const maker = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
    if (typeof maker !== 'function') return false;
    if (codes.has(maker)) return false;
    const is = foreign.has(maker) || isForeign(inspector()?.closureOf(maker).url ?? 'node:');
    if (!is) return false;
    foreign.add(maker);
    foreign.add(prototype);
    return true;
  }

  #node(node: Node, children: boolean = true): void {
    (this.nodes.get(node.object) as Node[]).push(node);
    if (children)
      node.values.forEach((value, i) => {
        if (isObject(value)) this.#enqueue(value, at(node.path, labelOf(node, i)));
      });
  }

  /** False for one that cannot hold or change state of the user's. */
  #function(fn: object, path: string): boolean {
    if (this.#functionCount >= MAX_FUNCTIONS) {
      this.isComplete = false;
      return false;
    }
    this.#functionCount++;
    const { closures, wasThere } = this.#options;
    if (closures && codes.has(fn)) {
      const closure = closures.get(fn) ?? (wasThere?.(fn) === false ? 'inspector' : undefined);
      if (closure) this.#closure(fn, closure);
      return true;
    }
    const reader = inspector();
    if (!reader) return false;
    const { url, location, scopes } = reader.closureOf(fn);
    if (location === '') {
      const hidden = reader.hiddenOf(fn);
      if (hidden.has('[[TargetFunction]]')) this.#hidden(fn, path, /^\[\[(TargetFunction|BoundThis|BoundArgs)\]\]$/);
      else foreign.add(fn);
      return hidden.has('[[TargetFunction]]');
    }
    if (isForeign(url)) {
      // tf.valueAndGrads(f) and its like close over a function of the user's.
      const [inner] = scopes;
      const { object } = inner?.description.startsWith('Closure (') ? inner : {};
      const held = object ? Object.keys(object).map((key) => valueOf(object, key)) : [];
      if (held.length > 20 || !held.some((value) => typeof value === 'function')) foreign.add(fn);
      else held.filter((value) => typeof value === 'function').forEach((value) => this.#enqueue(value, path));
      return false;
    }
    const variables = variablesOf(fn, scopes);
    codes.set(fn, { location, names: [...variables.keys()] });
    const alike = this.functions.get(location);
    if (alike) alike.push(fn);
    else this.functions.set(location, [fn]);
    if (!closures || wasThere?.(fn) === false) this.#closure(fn, 'inspector', [...variables.values()]);
    this.#options.onFunction?.(fn, location);
    return true;
  }

  /** A variable's own name says what it is; the way to its function does not. */
  #closure(fn: object, closure: Closure, known?: readonly unknown[]): void {
    const { names } = codes.get(fn) as ClosureCode;
    const byInspector = () => {
      const now = variablesOf(fn, inspector()?.closureOf(fn).scopes ?? []);
      return names.map((name) => now.get(name));
    };
    const get = closure === 'inspector' ? byInspector : closure;
    const values = known ?? get();
    this.#node({
      kind: 'closure',
      path: '',
      object: fn,
      labels: names,
      values,
      read: () => ({ labels: names, values: get() }),
      isSame: closure === 'inspector' ? undefined : () => sameValues(closure(), values),
    });
  }

  /** Variables by name, as they were when they were walked. */
  closureOf(fn: object): Node | undefined {
    return this.nodes.get(fn)?.find(({ kind }) => kind === 'closure');
  }

  #hidden(object: object, path: string, wanted: RegExp): void {
    const fields = this.#options.fields?.get(object);
    const byInspector = () => {
      const slots = [...(inspector()?.hiddenOf(object) ?? [])].filter(([name]) => wanted.test(name)).flatMap(flat);
      return { labels: slots.map(([label]) => label), values: slots.map(([, value]) => value) };
    };
    const { labels } = byInspector();
    const read = fields ? () => ({ labels, values: fields() }) : byInspector;
    const content = read();
    const isSame = fields && (() => sameValues(fields(), content.values));
    this.#node({ kind: 'hidden', path, object, ...content, read, isSame });
  }

  #collection(object: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>, path: string): void {
    const read = () => {
      const values: unknown[] = [];
      const labels: string[] = [];
      object.forEach((value: unknown, key: unknown) => {
        labels.push(`.keys()[${labels.length >> 1}]`, isObject(key) ? '.get(...)' : `.get(${String(key)})`);
        values.push(key, value);
      });
      return { labels, values };
    };
    const content = read();
    const isSame = (): boolean => {
      if (object.size * 2 !== content.values.length) return false;
      let i = 0;
      let same = true;
      object.forEach((value: unknown, key: unknown) => {
        same &&= Object.is(key, content.values[i]) && Object.is(value, content.values[i + 1]);
        i += 2;
      });
      return same;
    };
    this.#node({
      kind: 'entries',
      path,
      object,
      ...content,
      read,
      isSame: object.size <= QUICK_ELEMENTS ? isSame : undefined,
    });
  }

  #date(object: Date, path: string): void {
    const read = () => ({ labels: [''], values: [TIME.call(object)] });
    const { values } = read();
    this.#node(
      { kind: 'time', path, object, labels: [''], values, read, isSame: () => Object.is(TIME.call(object), values[0]) },
      false,
    );
  }

  #bytes(bytes: Uint8Array, path: string, object: object): void {
    const before = bytes.slice();
    const isSame = () => bytes.byteLength === before.byteLength && Buffer.compare(bytes, before) === 0;
    const read = () => ({ labels: [''], values: [`bytes ${createHash('sha1').update(bytes).digest('hex')}`] });
    const node = { kind: 'bytes' as const, path, object, ...read(), read };
    this.#node({ ...node, isSame: bytes.byteLength <= QUICK_BYTES ? isSame : undefined }, false);
  }

  #array(object: readonly unknown[], path: string): void {
    const count = Math.min(object.length, MAX_ELEMENTS);
    if (object.length > count) this.isComplete = false;
    // Elements are known by their place: a label for each would cost more than all the rest.
    const read = () => ({
      labels: [],
      values: [...(Array.prototype.slice.call(object, 0, count) as unknown[]), object.length],
    });
    const content = read();
    const isSame = (): boolean => {
      if (object.length !== content.values[count]) return false;
      for (let i = 0; i < count; i++) if (!Object.is(object[i], content.values[i])) return false;
      return true;
    };
    this.#node({
      kind: 'elements',
      path,
      object,
      ...content,
      read,
      isSame: count <= QUICK_ELEMENTS ? isSame : undefined,
    });
  }

  #properties(object: object, path: string): void {
    const own = object as Record<PropertyKey, unknown>;
    let keys = Reflect.ownKeys(object);
    if (typeof object === 'function') {
      const isClass = Function.prototype.toString.call(object).startsWith('class');
      keys = keys.filter((key) => key !== 'length' && key !== 'name' && (key !== 'prototype' || isClass));
      keys = keys.filter((key) => key !== 'arguments' && key !== 'caller');
    }
    if (keys.length > MAX_EXPORTS && types.isModuleNamespaceObject(object)) keys = [];
    keys = keys.filter((key) => !MOVED.has(key));
    const read = () => contentOf(object, (key) => !skipped.has(key));
    const skipped = new Set<PropertyKey>(Reflect.ownKeys(object).filter((key) => !keys.includes(key)));
    const content = read();
    const { values } = content;
    const plain = content.keys;
    if (values.length === 0 && typeof object === 'function') return;
    const isSame = (): boolean => {
      for (let i = 0; i < plain.length; i++) {
        const key = plain[i];
        if (key !== undefined && !Object.is(own[key], values[i])) return false;
      }
      return true;
    };
    this.#node({ kind: 'properties', path, object, ...content, read, isSame });
  }
}
