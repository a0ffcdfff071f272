/**
 * The JavaScript state of a step. A compiled step no longer runs JavaScript, so it may neither change state nor see another state than it was traced with. If a run
 * leaves everything that it can reach as it was, every later run does the same; and as long as nothing of that changes from outside, so does every later call.
 */
import { inspect } from 'node:util';
import { inspector, type Frame } from './inspector.ts';
import { isMentioned, isTensor, labelOf, sourceOf, Walk, type Closure, type Node } from './walk.ts';

/** An object that a step may use, and what an error calls it. */
export interface Root {
  value: object;
  path: string;
}

/** How often functions made by one expression are stopped, for each of them, to find out which is which. */
const STOPS = 4;

const show = (value: unknown): string => {
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 40, maxArrayLength: 3 });
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};
const told = ({ path }: Node, label: string): string => `${path}${label}`.replace(/^\./, '');

interface Change {
  what: string;
  label: string;
  before: unknown;
  now: unknown;
}
const ABSENT = Symbol('nothing');
const sentence = ({ what, before, now }: Change): string => {
  const of = (value: unknown) => (value === ABSENT ? 'absent' : show(value));
  return of(before) === of(now) ? `${what} is another object` : `${what} was ${of(before)}, then ${of(now)}`;
};

const isContainer = (value: unknown): boolean => typeof value === 'object' || typeof value === 'function';

/** The first thing of a node that is another now, but for what has often been so without a consequence. */
function changeIn(node: Node, harmless?: ReadonlyMap<string, number>): Change | undefined {
  const now = node.read();
  for (let i = 0; i < Math.max(node.values.length, now.values.length); i++) {
    if (node.labels[i] === now.labels[i] && Object.is(node.values[i], now.values[i])) continue;
    const label = node.labels[i] ?? now.labels[i] ?? labelOf(node, i);
    if ((harmless?.get(label) ?? 0) >= MAX_HARMLESS) continue;
    const [before, after] = [
      i < node.values.length ? node.values[i] : ABSENT,
      i < now.values.length ? now.values[i] : ABSENT,
    ];
    return { what: told(node, label), label, before, now: after };
  }
  return undefined;
}

/** The first difference in content, whatever the objects' identity; a tensor is like another. */
function difference(before: Walk, after: Walk, roots: readonly Root[]): Change | undefined {
  const seen = new Map<object, Set<object>>();
  const pairs: [object, object][] = roots.map(({ value }) => [value, value]);
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [a, b] = pair;
    const known = seen.get(a) ?? new Set();
    if (known.has(b)) continue;
    seen.set(a, known.add(b));
    const nodes = before.nodes.get(a) ?? [];
    for (const now of after.nodes.get(b) ?? []) {
      const then = nodes.find(({ kind }) => kind === now.kind);
      if (!then) continue;
      for (let i = 0; i < Math.max(then.values.length, now.values.length); i++) {
        if (then.labels[i] === now.labels[i] && Object.is(then.values[i], now.values[i]) && !isContainer(now.values[i]))
          continue;
        const label = then.labels[i] ?? now.labels[i] ?? labelOf(then, i);
        const what = told(then, label);
        if (then.labels[i] !== now.labels[i]) {
          return {
            what,
            label,
            before: then.labels[i] ? then.values[i] : ABSENT,
            now: now.labels[i] ? now.values[i] : ABSENT,
          };
        }
        const [x, y] = [then.values[i], now.values[i]];
        if (!alike(x, y, before, after)) return { what, label, before: x, now: y };
        if (typeof x === 'object' || typeof x === 'function') pairs.push([x as object, y as object]);
      }
    }
  }
  return undefined;
}

/** Whether two values are the same as far as they themselves go. */
function alike(x: unknown, y: unknown, before: Walk, after: Walk): boolean {
  if (Object.is(x, y)) return true;
  if (typeof x !== typeof y || x === null || y === null) return false;
  if (typeof x === 'function') return before.nodes.has(x) && sourceOf(x) === sourceOf(y as object);
  if (typeof x !== 'object') return false;
  if (isTensor(x) && isTensor(y)) return true; // what a step keeps of itself has no values
  return before.nodes.has(x) && after.nodes.has(y as object) && Object.getPrototypeOf(x) === Object.getPrototypeOf(y);
}

/** How what was reached is read. */
interface Reading {
  closures: ReadonlyMap<object, Closure>;
  fields: ReadonlyMap<object, () => unknown[]>;
  roots: readonly Root[];
}

const walkOf = ({ closures, fields, roots }: Reading, before?: Walk): Walk => {
  const walk = new Walk({ closures, fields, ...(before && { wasThere: (fn: object) => before.nodes.has(fn) }) });
  for (const { value, path } of roots) walk.add(value, path);
  return walk;
};

/** Properties that have changed without a consequence, how often. */
type Harmless = Map<object, Map<string, number>>;
/** After so many times a property that no function names is left to the traces. */
const MAX_HARMLESS = 8;

export class Watch {
  readonly #quick: Node[] = [];
  readonly #slow: Node[] = [];
  readonly #reading: Reading;
  readonly #harmless: Harmless;
  /** Whether all of the state is watched. */
  readonly isComplete: boolean;
  #found: { object: object; label: string } | undefined;

  constructor(walk: Walk, reading: Reading, harmless: Harmless = new Map()) {
    for (const node of [...walk.nodes.values()].flat()) (node.isSame ? this.#quick : this.#slow).push(node);
    this.#reading = reading;
    this.#harmless = harmless;
    this.isComplete = walk.isComplete;
  }

  /** What has changed since; undefined if nothing has. Takes microseconds. */
  changed(): string | undefined {
    for (const node of this.#quick) {
      if (node.isSame?.() !== false) continue;
      const change = inspector()?.asking(() => changeIn(node, this.#harmless.get(node.object)));
      if (!change) continue;
      this.#found = { object: node.object, label: change.label };
      return sentence(change);
    }
    return undefined;
  }

  /** The same for what takes longer: private fields, large arrays, closures of one expression. */
  changedInDepth(): string | undefined {
    if (this.#slow.length === 0) return undefined;
    return inspector()?.asking(() => {
      for (const node of this.#slow) {
        const change = changeIn(node);
        if (change) return sentence(change);
      }
      return undefined;
    });
  }

  /** Runs the step again after a change that may be harmless, and watches the state as it is then. */
  renewed<T>(run: () => T): Watched<T> {
    const reader = inspector();
    if (!reader) return { result: run() };
    return reader.asking(() => {
      const before = walkOf(this.#reading);
      const result = run();
      const after = walkOf(this.#reading, before);
      this.#count();
      const change = difference(before, after, this.#reading.roots);
      const watch = new Watch(after, this.#reading, this.#harmless);
      return { result, watch, ...(change && { mutation: sentence(change) }) };
    });
  }

  /** A property that no function names is not looked at any more once it has changed often without a consequence. */
  #count(): void {
    if (!this.#found) return;
    const { object, label } = this.#found;
    if (!label.startsWith('.') || isMentioned(label.slice(1), this.#reading.closures.keys())) return;
    const counts = this.#harmless.get(object) ?? new Map<string, number>();
    this.#harmless.set(object, counts.set(label, (counts.get(label) ?? 0) + 1));
  }
}

export interface Watched<T> {
  result: T;
  /** What was reached, as it is now; undefined where nothing can be seen. */
  watch?: Watch;
  /** What `run` has changed, in words. */
  mutation?: string;
}

/** Runs a step and looks at the JavaScript state before and after. */
export function watching<T>(roots: readonly Root[], run: () => T): Watched<T> {
  const reader = inspector();
  if (!reader) return { result: run() };
  const capture = new Capture(reader);
  return reader.reading(
    (frame) => capture.onPause(frame),
    () => {
      capture.attempt(() => roots.forEach(({ value, path }) => capture.before.add(value, path)));
      const result = run();
      return { result, ...capture.attempt(() => capture.compared(roots)) };
    },
  );
}

type Reader = NonNullable<ReturnType<typeof inspector>>;

/** What is learnt while a step runs: each function that may run is stopped before its first line, where its variables can be asked for. */
class Capture {
  readonly before: Walk;
  readonly closures = new Map<object, Closure>();
  readonly fields = new Map<object, () => unknown[]>();
  /** Objects that methods were called on. */
  readonly receivers: Root[] = [];
  /** Whether something could not be read. */
  failed = false;
  readonly #reader: Reader;
  readonly #breakpoints = new Map<string, { id: string | undefined; stops: number }>();

  constructor(reader: Reader) {
    this.#reader = reader;
    this.before = new Walk({
      onFunction: (fn, location) => {
        if (this.#breakpoints.has(location)) return;
        this.#breakpoints.set(location, { id: reader.breakAt(fn), stops: 0 });
      },
    });
  }

  /** A part of the state that cannot be read is no reason to refuse the step: it is left to the traces. */
  attempt<T>(read: () => T): T | undefined {
    if (this.failed) return undefined;
    try {
      return read();
    } catch {
      this.failed = true;
      return undefined;
    }
  }

  /** The state as it is now, and how it differs from what it was. */
  compared(roots: readonly Root[]): Pick<Watched<unknown>, 'watch' | 'mutation'> {
    const { closures, fields, receivers, before } = this;
    const reading = { closures, fields, roots: [...roots, ...receivers] };
    const after = walkOf(reading, before);
    const change = difference(before, after, reading.roots);
    return { watch: new Watch(after, reading), ...(change && { mutation: sentence(change) }) };
  }

  onPause(frame: Frame): void {
    this.attempt(() => {
      const breakpoint = this.#breakpoints.get(frame.location);
      if (!breakpoint) return;
      const functions = this.before.functions.get(frame.location) ?? [];
      this.#receiver(frame);
      const left = functions.filter((fn) => typeof this.closures.get(fn) !== 'function');
      for (const fn of left) this.closures.set(fn, 'inspector'); // until it is known which of them it is
      this.#variables(frame, left);
      const done = functions.every((fn) => typeof this.closures.get(fn) === 'function');
      if (breakpoint.id !== undefined && (done || ++breakpoint.stops >= STOPS * functions.length)) {
        this.#reader.unbreak(breakpoint.id);
        breakpoint.id = undefined;
      }
    });
  }

  /** Functions of one expression have the same variables, so that one reader tells which of them it is that was stopped. */
  #variables(frame: Frame, functions: readonly object[]): void {
    const labels = functions[0] && this.before.closureOf(functions[0])?.labels;
    if (!labels) return;
    const getter = this.#reader.evaluateIn(frame, readerOf(labels)) as (() => unknown[]) | undefined;
    if (typeof getter !== 'function') return;
    const values = getter();
    const isOf = (known: readonly unknown[] | undefined) =>
      known?.length === values.length && known.every((value, i) => Object.is(value, values[i]));
    // Values may have moved since the walk; names that mean something else inside never match.
    const fn =
      functions.find((each) => isOf(this.before.closureOf(each)?.values)) ??
      functions.slice(0, 1).find((each) => functions.length === 1 && isOf(this.before.closureOf(each)?.read().values));
    if (fn) this.closures.set(fn, getter);
  }

  /** `this`, and its private fields, which only its own class can read. */
  #receiver(frame: Frame): void {
    const value = this.#reader.evaluateIn(frame, 'this');
    if (typeof value !== 'object' || value === null || value === globalThis) return;
    if (!this.before.nodes.has(value)) this.before.add(value, 'this');
    if (!this.before.nodes.has(value)) return;
    if (!this.receivers.some((root) => root.value === value)) this.receivers.push({ value, path: 'this' });
    if (this.fields.has(value)) return;
    const hidden = this.before.nodes.get(value)?.find(({ kind }) => kind === 'hidden');
    if (!hidden?.labels.every((label) => label.startsWith('.#'))) return;
    const getter = this.#reader.evaluateIn(frame, `() => [${hidden.labels.map((label) => `this${label}`).join(', ')}]`);
    if (typeof getter === 'function') this.fields.set(value, getter as () => unknown[]);
  }
}

/** Source of a function that reads variables; one that has no value yet is undefined. */
const readerOf = (names: readonly string[]): string =>
  `() => { const $l2_values = []; ${names.map((name) => `try { $l2_values.push(${name}); } catch { $l2_values.push(undefined); }`).join(' ')} return $l2_values; }`;
