/**
 * `compile`: functions of one training program (step, evaluation, ...) as one TensorFlow graph over resident state.
 * Each function is an ordinary tfjs function; JavaScript runs it while it is traced, later only TensorFlow does, as a graph.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { buildGraph, functionNames, repeatsInFrame, residentNames } from './build.ts';
import { CheckBudget, CheckSchedule } from './checks.ts';
import { requireSeed } from './draws.ts';
import { ChangedError, CompileError } from './errors.ts';
import { DATA_TYPE, TYPE_NAMES } from './graph.ts';
import { requirePrecision } from './precision.ts';
import { GraphSession } from './session.ts';
import type { InputSpec, Program, ProgramSource, StepsOptions, StepsProgress, Values } from './source.ts';
import { replaceByStandIn } from './stale.ts';
import { isTracing } from './trace.ts';
import { dataTypeOf, Tracer, type Variant } from './variant.ts';

type Tensor = tfTypes.Tensor;

const STEPS_MS = 100;
const describe = (shape: readonly number[], type: number) =>
  `${TYPE_NAMES[type] ?? `type ${type}`} [${shape.join(', ')}]`;
const fits = (inputs: readonly Tensor[], spec: readonly InputSpec[]): boolean =>
  inputs.length === spec.length &&
  spec.every(({ shape, dtype }, i) => {
    const input: unknown = inputs[i];
    return (
      input instanceof tf.Tensor &&
      !input.isDisposed &&
      dataTypeOf(input) === DATA_TYPE[dtype] &&
      String(input.shape) === String(shape)
    );
  });

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);

/** @throws CompileError for a source that is not what its type says: JavaScript callers have no types */
function requireSource({
  variables,
  data = [],
  functions,
  seed = 0,
  precision = 'float32',
}: ProgramSource<string>): void {
  requireSeed(seed);
  requirePrecision(precision);
  const listed: [string, readonly unknown[], abstract new (...args: never[]) => unknown, string][] = [
    ['variables', variables, tf.Variable, 'tf.Variable'],
    ['data', data, tf.Tensor, 'tf.Tensor'],
  ];
  for (const [what, list, type, name] of listed) {
    if (!Array.isArray(list)) throw new CompileError(`${what} must be an array of ${name}, got ${kindOf(list)}`);
    const wrong = list.findIndex((item) => !(item instanceof type));
    if (wrong >= 0) throw new CompileError(`${what}[${wrong}] must be a ${name}, got ${kindOf(list[wrong])}`);
  }
  for (const [name, fn] of Object.entries(functions)) {
    if (typeof (fn as Partial<typeof fn> | undefined)?.run !== 'function') {
      throw new CompileError(`function ${name} must be an object with a run function, got ${kindOf(fn)}`);
    }
  }
}

let sessions = 0;

class CompiledProgram<Name extends string> implements Program<Name> {
  readonly #source: ProgramSource<Name>;
  readonly #tracer: Tracer;
  readonly #data: readonly Tensor[];
  readonly #variants = new Map<Name, Variant[]>();
  /** Undefined until it is needed: a deferred function that was specialized is loaded with those that follow. */
  #loaded: GraphSession | undefined;
  #nodes = 0;
  #disposed = false;
  readonly #budget = new CheckBudget();
  readonly #checks = new Map<Variant, CheckSchedule>();
  /** Whether the end of the calls made in one go is waited for. */
  #waiting = false;
  /** A change that was found between two calls, for the next one to throw. */
  #failure: ChangedError | undefined;
  /** Whether a change was thrown: once is enough. */
  #told = false;
  /** Data ids that the variables had when the session last got or gave their values. */
  #known: object[] = [];
  /** Variables whose values in the session are newer than their own. */
  readonly #stale = new Set<number>();

  constructor(source: ProgramSource<Name>) {
    requireSource(source);
    this.#source = source;
    // A variable among the data is state: it may be assigned.
    this.#data = (source.data ?? []).filter((tensor) => !(tensor instanceof tf.Variable));
    this.#tracer = new Tracer(source.variables, this.#data, source.seed ?? 0);
    this.#budget.working(() => {
      try {
        for (const name of Object.keys(source.functions) as Name[]) {
          const fn = source.functions[name];
          this.#variants.set(name, fn.deferred ? [] : [this.#tracer.compile(name, fn)]);
        }
        if ([...this.#variants.values()].some((variants) => variants.length > 0)) this.#loaded = this.#load();
      } catch (error) {
        this.#tracer.dispose();
        throw error;
      }
    });
  }

  get #session(): GraphSession {
    return (this.#loaded ??= this.#load());
  }

  get variables(): readonly tfTypes.Variable[] {
    return this.#tracer.variables;
  }

  get nodes(): number {
    return this.#nodes;
  }

  /** A session of the graph, with the values of all variables and data. */
  #load(): GraphSession {
    const id = sessions++;
    const residents = this.#tracer.residents.map((resident) => ({ ...resident, sharedName: `${id}/${resident.key}` }));
    const graph = buildGraph(residents, [...this.#variants.values()].flat(), this.#source.precision);
    const session = new GraphSession(graph, (node) => this.#describe(node));
    try {
      this.#upload(
        session,
        residents.map(({ key }) => key),
        [...this.variables, ...this.#data],
      );
    } catch (error) {
      session.close();
      throw error;
    }
    this.#nodes = graph.length;
    this.#known = this.variables.map((variable) => variable.dataId);
    return session;
  }

  /** All in one call: TensorFlow prepares the graph anew for every other set of feeds and fetches. */
  #upload(session: GraphSession, keys: readonly string[], tensors: Tensor[]): void {
    const names = keys.map(residentNames);
    tf.dispose(
      session.run(
        tensors,
        names.map(({ input }) => input),
        names.map(({ done }) => done),
      ),
    );
  }

  /** Op and line of the step for a node of the graph. */
  #describe(node: string): string | undefined {
    const variant = [...this.#variants.values()].flat().find(({ prefix }) => node.startsWith(`${prefix}/`));
    const op = variant?.trace.nodes.find(({ name }) => name === node)?.op;
    if (!variant || !op) return undefined;
    const site = this.#tracer.siteOf(variant, node);
    return site ? `${op}, ${site}` : op;
  }

  #requireUsable(): void {
    if (this.#disposed) throw new CompileError('this program was disposed');
    if (isTracing()) throw new CompileError('a compiled program was used inside a function that is being compiled');
  }

  /** A variable assigned from outside since the last call carries its new value into the session. */
  #takeAssignments(): void {
    const assigned = this.variables.flatMap((variable, i) =>
      variable.isDisposed || variable.dataId === this.#known[i] ? [] : [{ variable, i }],
    );
    this.#upload(
      this.#session,
      assigned.map(({ i }) => `v${i}`),
      assigned.map(({ variable }) => variable),
    );
    for (const { variable, i } of assigned) {
      this.#known[i] = variable.dataId;
      this.#stale.delete(i);
    }
  }

  #variant(name: Name, inputs: readonly Tensor[]): Variant {
    const variants = this.#variants.get(name);
    if (!variants) {
      throw new CompileError(`no function ${name}; compiled are ${[...this.#variants.keys()].join(', ')}`);
    }
    const found = variants.find(({ spec }) => fits(inputs, spec));
    if (found) return found;
    const last = variants.at(-1);
    if (!last) throw new CompileError(`${name} is deferred: program.specialize compiles it for its inputs' shapes`);
    const { spec } = last;
    if (inputs.length !== spec.length) {
      throw new CompileError(`${name} takes ${spec.length} inputs, got ${inputs.length}`);
    }
    inputs.forEach((input, i) => {
      if (!((input as unknown) instanceof tf.Tensor)) {
        throw new CompileError(
          `input ${i} of ${name} must be a tensor, got ${kindOf(input)}: wrap it, as in tf.scalar(0.1)`,
        );
      }
      if (input.isDisposed) throw new CompileError(`input ${i} of ${name} is disposed`);
      const { shape, dtype } = spec[i] as InputSpec;
      if (dataTypeOf(input) === DATA_TYPE[dtype] && String(input.shape) === String(shape)) return;
      throw new CompileError(
        `input ${i} of ${name} is ${describe(input.shape, dataTypeOf(input))}, compiled for ` +
          `${describe(shape, DATA_TYPE[dtype])}; program.specialize compiles it for other shapes too`,
      );
    });
    throw new CompileError(`${name} is not compiled for these inputs`);
  }

  #invoke(name: Name, inputs: Tensor[], count: number | undefined): Tensor[] {
    this.#requireUsable();
    const variant = this.#variant(name, inputs);
    const { writes } = variant.trace;
    if (count !== undefined && !writes.some((write) => write !== undefined)) {
      throw new CompileError(`${name} assigns no variable: repeated, it would only compute the same again`);
    }
    if (count !== undefined && !repeatsInFrame(variant.trace)) return this.#callInTurn(name, inputs, count);
    this.#requireUnchanged(variant, count ?? 1);
    return this.#budget.working(() => this.#runVariant(variant, inputs, count));
  }

  #runVariant(variant: Variant, inputs: Tensor[], count: number | undefined): Tensor[] {
    const { writes } = variant.trace;
    const session = this.#session;
    this.#takeAssignments();
    const names = functionNames(variant.prefix, inputs.length, variant.trace.outputs.length);
    const times = count === undefined ? [] : [tf.scalar(count, 'int32')];
    try {
      const results = session.run(
        [...inputs, ...times],
        [...names.inputs, ...(count === undefined ? [] : [names.count])],
        count === undefined ? [...names.outputs, names.done] : [...names.lastOutputs, names.loopDone],
      );
      results.pop()?.dispose();
      this.#tracer.countIterations(variant, count ?? 1);
      return results;
    } finally {
      tf.dispose(times);
      this.#markStale(writes); // also after an error: steps before the one that failed are done
    }
  }

  /** What is compared before each call, and from time to time the whole function. */
  #requireUnchanged(variant: Variant, steps: number): void {
    if (this.#failure) throw this.#failure;
    this.#telling(() => {
      this.#tracer.requireSameOptimizers(variant);
      if (this.#source.verify !== false) this.#checksOf(variant).beforeCall(steps);
    });
    if (this.#waiting || this.#source.verify === false) return;
    this.#waiting = true;
    setImmediate(() => this.#afterCalls()).unref();
  }

  #checksOf(variant: Variant): CheckSchedule {
    const known = this.#checks.get(variant);
    if (known) return known;
    const made = new CheckSchedule(this.#budget, {
      trace: () => this.#tracer.verify(variant),
      changed: () => variant.watch?.changed(),
      changedInDepth: () => variant.watch?.changedInDepth(),
      accept: (change, inDepth) => this.#tracer.accept(variant, change, inDepth),
      isWatched: () => variant.watch?.isComplete ?? false,
    });
    this.#checks.set(variant, made);
    return made;
  }

  /** After calls in one go: what they were made with is still there. A change is thrown at the next use. */
  #afterCalls(): void {
    this.#waiting = false;
    if (this.#disposed) return;
    if (!this.#told && !isTracing()) this.#failure ??= this.#changeSinceCalls(true);
    for (const checks of this.#checks.values()) checks.endOfCalls();
  }

  /** Other errors, such as of a captured tensor that was disposed since, are none of the calls that were made. */
  #changeSinceCalls(onlyIfAffordable: boolean): ChangedError | undefined {
    try {
      for (const checks of this.#checks.values()) {
        if (checks.hasUnchecked && (!onlyIfAffordable || checks.canAfford)) checks.check();
      }
    } catch (error) {
      if (error instanceof ChangedError) return error;
    }
    return undefined;
  }

  /** Before values leave the program: what the last calls were made with is compared. */
  #requireUnchangedCalls(): void {
    this.#failure ??= this.#told ? undefined : this.#changeSinceCalls(true);
    this.#telling(() => {
      if (this.#failure) throw this.#failure;
    });
  }

  #telling(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#told ||= error instanceof ChangedError;
      throw error;
    }
  }

  #markStale(writes: readonly (string | undefined)[]): void {
    writes.forEach((write, i) => {
      const variable = this.variables[i] as tfTypes.Variable;
      if (write === undefined || this.#stale.has(i) || variable.isDisposed) return;
      replaceByStandIn(variable);
      this.#known[i] = variable.dataId;
      this.#stale.add(i);
    });
  }

  call(name: Name, ...inputs: Tensor[]): Tensor[] {
    return this.#invoke(name, inputs, undefined);
  }

  repeat(name: Name, count: number, ...inputs: Tensor[]): Tensor[] {
    if (!Number.isInteger(count) || count < 1 || count > 0x7fffffff) {
      throw new CompileError(`repeat needs a count of at least 1, got ${count}`);
    }
    return this.#invoke(name, inputs, count);
  }

  #callInTurn(name: Name, inputs: Tensor[], count: number): Tensor[] {
    const at = this.#counting(name, inputs);
    let outputs: Tensor[] = [];
    for (let done = 0; done < count; done++) {
      tf.dispose(outputs);
      outputs = at(done, (moved) => this.call(name, ...moved));
    }
    return outputs;
  }

  /** Calls functions with the inputs of the step that comes `ahead` later: the counter, where there is one, counted on. */
  #counting(name: Name, inputs: Tensor[]): <T>(ahead: number, use: (inputs: Tensor[]) => T) => T {
    const { counter } = this.#source.functions[name] ?? {};
    if (counter === undefined) return (_, use) => use(inputs);
    const start = inputs[counter]?.dataSync()[0] ?? 0;
    return (ahead, use) => {
      const moved = tf.scalar(start + ahead, 'int32');
      try {
        return use(inputs.map((input, i) => (i === counter ? moved : input)));
      } finally {
        moved.dispose();
      }
    };
  }

  async *steps(
    name: Name,
    count: number,
    inputs: Tensor[] = [],
    { sliceMs = STEPS_MS, signal }: StepsOptions = {},
  ): AsyncGenerator<StepsProgress, void, void> {
    const at = this.#counting(name, inputs);
    for (let done = 0, slice = 1; done < count;) {
      if (signal?.aborted) return;
      const steps = Math.min(slice, count - done);
      const before = performance.now();
      const outputs = at(done, (moved) => this.repeat(name, steps, ...moved));
      const ms = performance.now() - before;
      done += steps;
      // The first calls also pay for TensorFlow's own preparation, so the slice grows by degrees.
      slice = Math.max(1, Math.min(steps * 8, Math.floor((steps * sliceMs) / ms)));
      yield { done, outputs };
      await nextTurn();
    }
  }

  specialize(name: Name, inputs: InputSpec[]): void {
    this.#requireUsable();
    const variants = this.#variants.get(name);
    if (!variants) throw new CompileError(`no function ${name} to specialize`);
    const key = (spec: readonly InputSpec[]) => JSON.stringify(spec.map(({ shape, dtype }) => [shape, dtype]));
    if (variants.some(({ spec }) => key(spec) === key(inputs))) return;
    this.#requireData('specialize');
    this.#telling(() => variants.forEach((variant) => this.#tracer.verify(variant))); // a number in two minds would be two
    this.#sync();
    const variant = this.#tracer.compile(name, { ...this.#source.functions[name], inputs });
    variants.push(variant);
    if (this.#source.functions[name].deferred) {
      this.#loaded?.close();
      this.#loaded = undefined;
      return;
    }
    try {
      const session = this.#load();
      this.#loaded?.close();
      this.#loaded = session;
    } catch (error) {
      variants.pop();
      throw error;
    }
  }

  verify(): void {
    this.#requireUsable();
    this.#telling(() => [...this.#variants.values()].flat().forEach((variant) => this.#tracer.verify(variant)));
  }

  #requireData(what: string): void {
    if (!this.#data.some((tensor) => tensor.isDisposed)) return;
    throw new CompileError(`${what} traces the functions again, which needs the data tensors: dispose them later`);
  }

  read(): Values[] {
    this.#requireUsable();
    this.#requireUnchangedCalls();
    this.#takeAssignments();
    const tensors = this.#fetch(this.variables.map((_, i) => i));
    const values = tensors.map((tensor) => backend.readSync(tensor.dataId));
    tf.dispose(tensors);
    return values;
  }

  #fetch(indices: readonly number[]): Tensor[] {
    return this.#session.run(
      [],
      [],
      indices.map((i) => residentNames(`v${i}`).read),
    );
  }

  write(values: readonly Values[]): void {
    this.#requireUsable();
    if (values.length !== this.variables.length) {
      throw new CompileError(`the program has ${this.variables.length} variables, got ${values.length} arrays`);
    }
    this.variables.forEach((variable, i) => {
      const array = values[i] as Values;
      const type = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[variable.dtype as string];
      if (!type || !(array instanceof type) || array.length !== variable.size) {
        throw new CompileError(
          `variable ${i} (${variable.name}) needs ${variable.size} values as ${type?.name}, ` +
            `got ${array.length} as ${array.constructor.name}`,
        );
      }
    });
    const tensors = this.variables.map(({ shape, dtype }, i) => tf.tensor(values[i] as Float32Array, shape, dtype));
    const keys = tensors.map((_, i) => `v${i}`);
    try {
      this.#upload(this.#session, keys, tensors);
    } finally {
      tf.dispose(tensors);
    }
    this.#known = this.variables.map((variable) => variable.dataId); // overrules assignments from outside
    this.#markStale(this.variables.map(() => ''));
  }

  sync(): void {
    this.#requireUsable();
    this.#requireUnchangedCalls();
    this.#sync();
  }

  #sync(): void {
    if (!this.#loaded) return;
    this.#takeAssignments();
    const indices = [...this.#stale].filter((i) => !this.variables[i]?.isDisposed);
    const tensors = this.#fetch(indices);
    indices.forEach((i, at) => {
      const variable = this.variables[i] as tfTypes.Variable;
      variable.assign(tensors[at] as Tensor);
      this.#known[i] = variable.dataId;
    });
    tf.dispose(tensors);
    this.#stale.clear();
  }

  dispose(): void {
    if (this.#disposed) return;
    const changed = this.#told ? undefined : (this.#failure ?? this.#changeSinceCalls(false));
    this.#sync();
    this.#disposed = true;
    this.#loaded?.close();
    this.#tracer.dispose();
    if (changed) throw changed;
  }
}

/**
 * Compiles `functions` into one graph over `variables` and `data`.
 * @throws CompileError where a function reads a tensor inside, draws unseeded numbers, captures a large tensor, or
 *   builds another graph the second time; it names the op and the line of the step
 */
export const compile = <Name extends string>(source: ProgramSource<Name>): Program<Name> => new CompiledProgram(source);
