/** Functions traced for a signature, over state that tracing leaves as it was. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { readName, type GraphFunction, type Resident } from './build.ts';
import { requireSameNode, requireSameTrace } from './compare.ts';
import { drawing } from './draws.ts';
import { ChangedError, CompileError } from './errors.ts';
import { DATA_TYPE } from './graph.ts';
import { uint8Tensor } from './ops/uint8.ts';
import { callSite } from './site.ts';
import type { CompiledFunction, InputSpec } from './source.ts';
import { revived, tensorWithoutValues, VariableStandIns } from './standins.ts';
import { OpError, trace, type Optimizer, type Trace } from './trace.ts';
import { watching, type Root, type Watch } from './watch/index.ts';

type Tensor = tfTypes.Tensor;

/** A function with one signature. */
export interface Variant extends GraphFunction {
  name: string;
  fn: CompiledFunction;
  spec: InputSpec[];
  /** Settings of the tf.train optimizers that the function applies, as they were traced. */
  optimizers: Map<Optimizer, string>;
  /** The JavaScript state that the function can reach, as it was when its graph was compared last; undefined where it cannot be seen. */
  watch: Watch | undefined;
}

/** New variables a function may reveal one after the other before we call it endless. */
const MAX_DISCOVERIES = 5;

/** TensorFlow's data type of a tensor: tfjs's own dtype does not know uint8. */
export function dataTypeOf(tensor: Tensor): number {
  if (tensor.isDisposed) throw new CompileError(`a tensor of shape [${tensor.shape.join(', ')}] is disposed`);
  const { dtype } = backend.tensorMap.get(tensor.dataId);
  if (!(Object.values(DATA_TYPE) as number[]).includes(dtype)) {
    throw new CompileError(`compile knows float32, int32, bool and uint8, not ${tensor.dtype}`);
  }
  return dtype;
}

/** A copy with memory and a data id of its own. */
const deepCopy = (tensor: Tensor): Tensor =>
  backend.executeSingleOutput(
    'DeepCopy',
    [{ name: 'T', type: backend.binding.TF_ATTR_TYPE ?? 0, value: dataTypeOf(tensor) }],
    [tensor],
  );

const exampleOf = ({ shape, dtype }: InputSpec): Tensor =>
  dtype === 'uint8' ? uint8Tensor(new Uint8Array(shape.reduce((a, b) => a * b, 1)), shape) : tf.zeros(shape, dtype);

type Signature = Pick<Variant, 'name' | 'fn' | 'spec' | 'prefix'>;

/** Where the walk over a function's JavaScript state begins: layers and optimizers keep numbers that it does not name. */
const rootsOf = ({ fn }: Signature, { optimizers, layers }: Trace): Root[] => [
  { value: fn, path: '' },
  ...(fn.watched ?? []).map((value) => ({ value, path: 'model' })),
  ...[...new Set(optimizers)].map((value) => ({ value, path: 'optimizer' })),
  ...[...layers].map((value) => ({ value, path: (value as { name?: string }).name ?? 'layer' })),
];

const mutates = (name: string, mutation: string): string =>
  `${name} changes JavaScript state: ${mutation}. Compiled steps run no JavaScript, so that it would stay as it is: keep it in a tf.Variable, ` +
  'make it an input, or change it outside of the function';

export class Tracer {
  readonly variables: tfTypes.Variable[];
  readonly #data: readonly { tensor: Tensor; dtype: number; shape: number[] }[];
  readonly #seed: number;
  readonly #standIns = new VariableStandIns();
  /** How often a function that draws has run: int32 scalars of the state, by function. */
  readonly #draws = new Map<string, tfTypes.Variable>();
  #variants = 0;

  constructor(variables: readonly tfTypes.Variable[], data: readonly Tensor[], seed: number) {
    this.variables = [...variables];
    this.variables.forEach(dataTypeOf);
    this.#data = data.map((tensor) => ({ tensor, dtype: dataTypeOf(tensor), shape: tensor.shape }));
    this.#seed = seed;
  }

  get residents(): Omit<Resident, 'sharedName'>[] {
    return [
      ...this.variables.map((variable, i) => ({ key: `v${i}`, dtype: dataTypeOf(variable), shape: variable.shape })),
      ...this.#data.map(({ dtype, shape }, i) => ({ key: `d${i}`, dtype, shape })),
    ];
  }

  /**
   * Traces a function twice, the second time without computing anything, more often where it reveals variables that are not listed; they join `variables`.
   * @throws CompileError where the two traces differ
   */
  compile(name: string, fn: CompiledFunction): Variant {
    const spec = fn.inputs ?? [];
    const signature: Signature = { name, fn, spec, prefix: `f${this.#variants++}` };
    const { counter } = fn;
    if (counter !== undefined && !(spec[counter]?.dtype === 'int32' && spec[counter].shape.length === 0)) {
      throw new CompileError(`counter of ${name} must be the index of an int32 scalar input, got ${counter}`);
    }
    const { traced, watch } = this.#orForget(() => {
      for (let round = 0; round < MAX_DISCOVERIES; round++) {
        const first = this.#first(signature);
        if (!first) continue;
        const {
          result: second,
          watch,
          mutation,
        } = watching(rootsOf(signature, first), () => this.#replay(signature, first));
        if (!second) continue;
        requireSameTrace(name, first, second);
        if (mutation !== undefined) throw new CompileError(mutates(name, mutation));
        return { traced: first, watch };
      }
      throw new CompileError(`${name} uses new variables each time it is called: create them before`);
    });
    return {
      ...signature,
      counter,
      trace: traced,
      inputs: spec.map(({ shape, dtype }) => ({ shape, dtype: DATA_TYPE[dtype] })),
      optimizers: new Map(traced.optimizers.map((optimizer) => [optimizer, JSON.stringify(optimizer.getConfig())])),
      watch,
    };
  }

  /**
   * Compares a function whose JavaScript state has changed, and takes the state for the one to watch.
   * @param inDepth looks for functions that it did not call before, which takes 10 ms and more
   * @throws ChangedError where the function would now be another graph, or changes state itself
   */
  accept(variant: Variant, change: string, inDepth: boolean): void {
    const verify = () => {
      try {
        this.#verify(variant);
      } catch (error) {
        const { message } = error as Error;
        const what =
          error instanceof ChangedError ? message : `${variant.name} fails when it is traced again: ${message}`;
        throw new ChangedError(`${what}. Changed in JavaScript: ${change}`, { cause: error });
      }
    };
    this.#orForget(() => {
      const { watch, mutation } =
        variant.watch && !inDepth ? variant.watch.renewed(verify) : watching(rootsOf(variant, variant.trace), verify);
      if (mutation !== undefined) throw new ChangedError(mutates(variant.name, mutation));
      variant.watch = watch;
    });
  }

  /** @throws CompileError where the function would now be another graph than the one in use */
  verify(variant: Variant): void {
    this.#orForget(() => this.#verify(variant));
  }

  #verify(variant: Variant): void {
    const now = this.#replay(variant, variant.trace);
    if (!now) throw new ChangedError(`${variant.name} now uses variables that it did not use when it was compiled`);
    requireSameTrace(variant.name, variant.trace, now);
  }

  /** Line of the step that made a node, found by running the function again; undefined where that leads elsewhere. */
  siteOf(variant: Variant, node: string): string | undefined {
    const at = variant.trace.nodes.findIndex((n) => n.name === node);
    let site: string | undefined;
    try {
      this.#orForget(() =>
        this.#replay(variant, variant.trace, (i) => {
          if (i === at) site = callSite();
        }),
      );
    } catch {
      // the line of an error is not worth another one
    }
    return site;
  }

  /** Variables found on the way to an error do not join. */
  #orForget<T>(act: () => T): T {
    const size = this.variables.length;
    try {
      return act();
    } catch (error) {
      this.variables.length = size;
      throw error;
    }
  }

  /** @throws CompileError where a setting of an optimizer has changed since it was traced */
  requireSameOptimizers({ optimizers }: Variant): void {
    for (const [optimizer, config] of optimizers) {
      const now = JSON.stringify(optimizer.getConfig());
      if (now === config) continue;
      throw new ChangedError(
        `an optimizer's settings changed after it was compiled, from ${config} to ${now}: compile again, or write the ` +
          'update with the learning rate as an input of the function',
      );
    }
  }

  /** tf.train optimizers count their applications, which compiled steps do not pass through. */
  countIterations({ trace: { optimizers } }: Variant, steps: number): void {
    for (const optimizer of optimizers) for (let i = 0; i < steps; i++) optimizer.incrementIterations();
  }

  /** The variables keep their values; those that count draws are the tracer's own. */
  dispose(): void {
    this.#standIns.dispose();
    tf.dispose([...this.#draws.values()]);
  }

  /** One run of the function, its draws those of the program. */
  #run({ name, fn }: Signature, inputs: Tensor[]): Tensor[] {
    const { result, count } = drawing({ seed: this.#seed, name, step: () => this.#drawsOf(name) }, () =>
      fn.run(...inputs),
    );
    if (count > 0) this.#drawsOf(name).assign(tf.add(this.#drawsOf(name), tf.scalar(1, 'int32')));
    return result;
  }

  #drawsOf(name: string): tfTypes.Variable {
    const known = this.#draws.get(name);
    if (known) return known;
    const made = tf.variable(tf.scalar(0, 'int32'), false);
    this.#draws.set(name, made);
    return made;
  }

  #sources(prefix: string, inputs: readonly Tensor[]): Map<Tensor, string> {
    const sources = new Map<Tensor, string>();
    this.#data.forEach(({ tensor }, i) => sources.set(tensor, readName(prefix, `d${i}`)));
    this.variables.forEach((variable, i) => sources.set(variable, readName(prefix, `v${i}`)));
    inputs.forEach((tensor, i) => sources.set(tensor, `${prefix}/in${i}`));
    return sources;
  }

  #first(signature: Signature): Trace | undefined {
    try {
      return this.#compute(signature, false);
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      return this.#compute(signature, true); // an op may refuse zeros, such as the inverse of a matrix
    }
  }

  /** A trace that computes; undefined where it only served to find variables. All variables have their values back afterwards. */
  #compute(signature: Signature, exact: boolean): Trace | undefined {
    const { prefix, spec, name } = signature;
    const { variables } = this;
    const wasAlive = new Set(this.#data.flatMap(({ tensor }) => (tensor.isDisposed ? [] : [tensor])));
    // A data id of its own for each variable: two made from one tensor would be one to the tracer.
    const originals = variables.map(deepCopy);
    variables.forEach((variable, i) => variable.assign(originals[i] as Tensor));
    const examples = spec.map(exampleOf);
    const finder = new Finder();
    try {
      const traced = trace({
        prefix,
        fn: () => this.#run(signature, examples),
        sources: this.#sources(prefix, examples),
        variables,
        onVariable: finder.find,
        exact,
      });
      const gone = this.#data.findIndex(({ tensor }) => tensor.isDisposed && wasAlive.has(tensor));
      if (gone >= 0) throw new CompileError(`${name} disposes data tensor ${gone}, which every step needs`);
      const lost = variables.find((variable) => variable.isDisposed);
      if (lost) throw new CompileError(`${name} disposes variable ${lost.name}, which every step needs`);
      return finder.size === 0 ? traced : undefined;
    } finally {
      variables.forEach((variable, i) => {
        if (!variable.isDisposed) variable.assign(originals[i] as Tensor);
      });
      variables.push(...finder.restore());
      tf.dispose([...originals, ...examples]);
    }
  }

  /**
   * A trace without computing, compared with an earlier one as it goes; needs no values, not even of data that was disposed.
   * Undefined where it found variables.
   */
  #replay(signature: Signature, earlier: Trace, onNode?: (i: number) => void): Trace | undefined {
    const { prefix, spec, name } = signature;
    const { variables } = this;
    const examples = spec.map(({ shape, dtype }) => tensorWithoutValues(DATA_TYPE[dtype], shape));
    const finder = new Finder();
    try {
      return revived(this.#data, () =>
        this.#standIns.during(variables, () => {
          const traced = trace({
            prefix,
            fn: () => this.#run(signature, examples),
            sources: this.#sources(prefix, examples),
            variables,
            onVariable: finder.find,
            earlier,
            requireSame: (i, now) => {
              onNode?.(i);
              requireSameNode(name, i, earlier.nodes[i], now);
            },
          });
          return finder.size === 0 ? traced : undefined;
        }),
      );
    } catch (error) {
      if (finder.size > 0) return undefined;
      throw error;
    } finally {
      variables.push(...finder.restore());
      tf.dispose(examples);
    }
  }
}

/** Variables that a function uses without their being listed, with the values that they had. */
class Finder {
  readonly #found = new Map<tfTypes.Variable, Tensor>();

  get size(): number {
    return this.#found.size;
  }

  find = (variable: tfTypes.Variable): void => {
    if (!this.#found.has(variable)) this.#found.set(variable, tf.keep(variable.clone()));
  };

  /** Gives the variables their values back. */
  restore(): tfTypes.Variable[] {
    for (const [variable, original] of this.#found) {
      variable.assign(original);
      original.dispose();
    }
    return [...this.#found.keys()];
  }
}
