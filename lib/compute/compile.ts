/**
 * `compile`: functions of one training program (step, evaluation, ...) as one TensorFlow graph over resident state.
 * Each function is an ordinary tfjs function; JavaScript runs it while it is traced, later only TensorFlow does, as a graph.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { buildGraph, functionNames, repeatsInFrame, residentNames } from './build.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE } from './graph.ts';
import { GraphSession } from './session.ts';
import type { InputSpec, Program, ProgramSource, StepsOptions, StepsProgress, Values } from './source.ts';
import { replaceByStandIn } from './stale.ts';
import { isTracing } from './trace.ts';
import { dataTypeOf, Tracer, type Variant } from './variant.ts';

type Tensor = tfTypes.Tensor;

const STEPS_MS = 100;
/** `verify` runs by itself at calls 8, 64, 512, ... */
const isVerifiedCall = (call: number): boolean => call >= 8 && Number.isInteger(Math.log2(call) / 3);

const TYPE_NAMES = Object.fromEntries(Object.entries(DATA_TYPE).map(([name, type]) => [type, name]));
const describe = (shape: readonly number[], type: number) =>
  `${TYPE_NAMES[type] ?? `type ${type}`} [${shape.join(', ')}]`;
const fits = (inputs: readonly Tensor[], spec: readonly InputSpec[]): boolean =>
  inputs.length === spec.length &&
  spec.every(({ shape, dtype }, i) => {
    const input = inputs[i] as Tensor;
    return !input.isDisposed && dataTypeOf(input) === DATA_TYPE[dtype] && String(input.shape) === String(shape);
  });

let sessions = 0;

class CompiledProgram<Name extends string> implements Program<Name> {
  readonly #source: ProgramSource<Name>;
  readonly #tracer: Tracer;
  readonly #data: readonly Tensor[];
  readonly #variants = new Map<Name, Variant[]>();
  /** Undefined until it is needed: a deferred function that was specialized is loaded with those that follow. */
  #loaded: GraphSession | undefined;
  #nodes = 0;
  #calls = 0;
  #disposed = false;
  /** Data ids that the variables had when the session last got or gave their values. */
  #known: object[] = [];
  /** Variables whose values in the session are newer than their own. */
  readonly #stale = new Set<number>();

  constructor(source: ProgramSource<Name>) {
    this.#source = source;
    this.#data = source.data ?? [];
    this.#tracer = new Tracer(source.variables, this.#data);
    for (const name of Object.keys(source.functions) as Name[]) {
      const fn = source.functions[name];
      this.#variants.set(name, fn.deferred ? [] : [this.#tracer.compile(name, fn)]);
    }
    if ([...this.#variants.values()].some((variants) => variants.length > 0)) this.#loaded = this.#load();
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
    const graph = buildGraph(residents, [...this.#variants.values()].flat());
    const session = new GraphSession(graph);
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
    this.#tracer.requireSameOptimizers(variant);
    this.#calls++;
    if (this.#source.verify !== false && isVerifiedCall(this.#calls) && !this.#data.some((t) => t.isDisposed)) {
      this.verify();
    }
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
    this.sync();
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
    this.#requireData('verify');
    this.sync();
    for (const [name, variants] of this.#variants) {
      for (const variant of variants) this.#tracer.verify(variant, name, this.#source.functions[name]);
    }
    this.#known = this.variables.map((variable) => variable.dataId);
  }

  #requireData(what: string): void {
    if (!this.#data.some((tensor) => tensor.isDisposed)) return;
    throw new CompileError(`${what} traces the functions again, which needs the data tensors: dispose them later`);
  }

  read(): Values[] {
    this.#requireUsable();
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
    this.sync();
    this.#disposed = true;
    this.#loaded?.close();
  }
}

/**
 * Compiles `functions` into one graph over `variables` and `data`.
 * @throws CompileError where a function reads a tensor inside, draws unseeded numbers, captures a large tensor, or
 *   builds another graph the second time; it names the op and the line of the step
 */
export const compile = <Name extends string>(source: ProgramSource<Name>): Program<Name> => new CompiledProgram(source);
