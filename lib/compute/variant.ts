/** Functions traced for a signature, over state that tracing leaves as it was. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { readName, type GraphFunction, type Resident } from './build.ts';
import { requireSameNode, requireSameTrace } from './compare.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE } from './graph.ts';
import { uint8Tensor } from './ops/uint8.ts';
import type { CompiledFunction, InputSpec } from './source.ts';
import { OpError, trace, type Optimizer, type Trace, type TraceSource } from './trace.ts';

type Tensor = tfTypes.Tensor;

/** A function with one signature. */
export interface Variant extends GraphFunction {
  spec: InputSpec[];
  /** Settings of the tf.train optimizers that the function applies, as they were traced. */
  optimizers: Map<Optimizer, string>;
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

export class Tracer {
  readonly variables: tfTypes.Variable[];
  readonly #data: readonly { tensor: Tensor; dtype: number; shape: number[] }[];
  #variants = 0;

  constructor(variables: readonly tfTypes.Variable[], data: readonly Tensor[]) {
    this.variables = [...variables];
    this.variables.forEach(dataTypeOf);
    this.#data = data.map((tensor) => ({ tensor, dtype: dataTypeOf(tensor), shape: tensor.shape }));
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
    const prefix = `f${this.#variants++}`;
    const spec = fn.inputs ?? [];
    const { counter } = fn;
    if (counter !== undefined && !(spec[counter]?.dtype === 'int32' && spec[counter].shape.length === 0)) {
      throw new CompileError(`counter of ${name} must be the index of an int32 scalar input, got ${counter}`);
    }
    const traced = this.#orForget(() => {
      for (let round = 0; round < MAX_DISCOVERIES; round++) {
        const first = this.#first(prefix, fn, spec);
        if (!first) continue;
        const second = this.#again(name, first, prefix, fn, spec);
        if (!second) continue;
        requireSameTrace(name, first, second);
        return first;
      }
      throw new CompileError(`${name} uses new variables each time it is called: create them before`);
    });
    return {
      prefix,
      spec,
      counter,
      trace: traced,
      inputs: spec.map(({ shape, dtype }) => ({ shape, dtype: DATA_TYPE[dtype] })),
      optimizers: new Map(traced.optimizers.map((optimizer) => [optimizer, JSON.stringify(optimizer.getConfig())])),
    };
  }

  /** @throws CompileError where the function would now be another graph than the one in use */
  verify(variant: Variant, name: string, fn: CompiledFunction): void {
    this.#orForget(() => {
      const now = this.#again(name, variant.trace, variant.prefix, fn, variant.spec);
      if (!now) throw new CompileError(`${name} now uses variables that it did not use when it was compiled`);
      requireSameTrace(name, variant.trace, now);
    });
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
      throw new CompileError(
        `an optimizer's settings changed after it was compiled, from ${config} to ${now}: compile again, or write the ` +
          'update with the learning rate as an input of the function',
      );
    }
  }

  /** tf.train optimizers count their applications, which compiled steps do not pass through. */
  countIterations({ trace: { optimizers } }: Variant, steps: number): void {
    for (const optimizer of optimizers) for (let i = 0; i < steps; i++) optimizer.incrementIterations();
  }

  #first(prefix: string, fn: CompiledFunction, spec: readonly InputSpec[]): Trace | undefined {
    try {
      return this.#trace(prefix, fn, spec, {});
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      return this.#trace(prefix, fn, spec, { exact: true }); // an op may refuse zeros, such as the inverse of a matrix
    }
  }

  /** A trace without computing, for comparison with an earlier one. */
  #again(name: string, earlier: Trace, prefix: string, fn: CompiledFunction, spec: readonly InputSpec[]) {
    return this.#trace(prefix, fn, spec, {
      earlier,
      requireSame: (i, now) => requireSameNode(name, i, earlier.nodes[i], now),
    });
  }

  /** One trace; undefined where it only served to find variables. All variables have their values back afterwards. */
  #trace(
    prefix: string,
    fn: CompiledFunction,
    spec: readonly InputSpec[],
    how: Pick<TraceSource, 'earlier' | 'exact' | 'requireSame'>,
  ): Trace | undefined {
    const { variables } = this;
    // A data id of its own for each variable: two made from one tensor would be one to the tracer.
    const originals = variables.map(deepCopy);
    variables.forEach((variable, i) => variable.assign(originals[i] as Tensor));
    const found = new Map<tfTypes.Variable, Tensor>();
    const examples = spec.map(exampleOf);
    const sources = new Map<Tensor, string>();
    this.#data.forEach(({ tensor }, i) => sources.set(tensor, readName(prefix, `d${i}`)));
    variables.forEach((variable, i) => sources.set(variable, readName(prefix, `v${i}`)));
    examples.forEach((tensor, i) => sources.set(tensor, `${prefix}/in${i}`));
    try {
      const traced = trace({
        prefix,
        fn: () => fn.run(...examples),
        sources,
        variables,
        onVariable: (variable) => {
          if (!found.has(variable)) found.set(variable, tf.keep(variable.clone()));
        },
        ...how,
      });
      return found.size === 0 ? traced : undefined;
    } catch (error) {
      if (how.earlier && found.size > 0) return undefined;
      throw error;
    } finally {
      variables.forEach((variable, i) => {
        if (!variable.isDisposed) variable.assign(originals[i] as Tensor);
      });
      for (const [variable, original] of found) {
        variable.assign(original);
        original.dispose();
        variables.push(variable);
      }
      tf.dispose([...originals, ...examples]);
    }
  }
}
