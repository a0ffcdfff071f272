/**
 * Records one run of a tfjs function as graph nodes. Works because nearly every tfjs-node kernel ends in
 * `executeSingleOutput` or `executeMultipleOutputs` with a TensorFlow op name, its attributes and its inputs.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attributeOf, nodeAttributes } from './attributes.ts';
import { backend, tf } from './backend.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE, type Attribute, type GraphNode } from './graph.ts';
import { callSite, deepStack } from './site.ts';
import { guardStandIns } from './stale.ts';
import { trueAttributes } from './uint8.ts';
import { emptyTensor, forgetLarge, hasValues, withZeros } from './values.ts';

type Tensor = tfTypes.Tensor;

/** Largest tensor captured as a constant of the graph, in bytes; larger ones belong in `data`. */
export const MAX_CONSTANT_BYTES = 1 << 20;
/** The same for all constants of one function together. */
export const MAX_CONSTANTS_BYTES = 16 << 20;

/** Ops whose numbers come from a hidden generator: the graph would neither repeat them nor vary them as the step did. */
const UNSEEDED = /^(Random|TruncatedNormal|Multinomial|ParameterizedTruncatedNormal)/;

/** tfjs functions that draw in JavaScript: traced, their draw would be the same at every step. */
const DRAWN_IN_JAVASCRIPT =
  /\b(randomNormal_|randomUniform_|randomUniformInt_|randomStandardNormal_|randomGamma_|truncatedNormal_|rand_|dropout_)\b/;

/** tf.gather reads its indices, but only to check their range, which the compiled op does itself on the CPU. */
const HARMLESS_READ = /kernels[\\/]GatherV2\b/;

/** What a variable made in the step starts from (the slots of tf.train): kept, since the program takes the value over. */
const INITIAL_VALUE = /^(ZerosLike|OnesLike|Fill)$/;

/** An op that TensorFlow refused. */
export class OpError extends CompileError {}

/** An optimizer of tf.train, as far as tracing cares. */
export interface Optimizer {
  incrementIterations(): void;
  getConfig(): object;
}
const optimizerClass = Object.getPrototypeOf(tf.SGDOptimizer.prototype) as Optimizer;
const variableClass = tf.Variable.prototype;

/** What one output of an op is. */
interface Result {
  dtype: number;
  shape: number[];
}

export interface Trace {
  nodes: GraphNode[];
  /** What each of `nodes` gives; nothing for constants. */
  results: Result[][];
  /** Graph output that holds each returned tensor. */
  outputs: { source: string; dtype: number; shape: number[] }[];
  /** For each variable the output with its new value, or undefined where the function leaves it alone. */
  writes: (string | undefined)[];
  /** tf.train optimizers that were applied, once an application. */
  optimizers: Optimizer[];
}

/** What a trace shows in place of a variable that is not declared; such a trace only serves to find it. */
const UNDECLARED = 'undeclared variable';

export interface TraceSource {
  /** Start of every node's name. */
  prefix: string;
  fn(): Tensor[];
  /** Graph outputs that stand for the variables, data and inputs, by tensor. */
  sources: ReadonlyMap<Tensor, string>;
  /** Variables that `fn` may assign; they keep the values `fn` gave them. */
  variables: readonly tfTypes.Variable[];
  /** Called for any other variable that `fn` reads or assigns, before it does. */
  onVariable(variable: tfTypes.Variable): void;
  /** An earlier trace of the same function: no op is computed again, each only gives what it gave then. */
  earlier?: Trace | undefined;
  /** Computes with the values of this step; otherwise large tensors of reals count as zeros. */
  exact?: boolean;
  /** With `earlier`: throws where a node is not the one it was then. */
  requireSame?: ((i: number, now: GraphNode) => void) | undefined;
}

let tracing = false;

/** Whether a function is being traced right now. */
export const isTracing = (): boolean => tracing;

const copyBytes = (values: Float32Array | Int32Array | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/**
 * Runs `fn()` once and returns what it computed.
 * @throws CompileError where the recording would not compute what `fn` does
 */
export function trace(source: TraceSource): Trace {
  const { prefix, fn, sources, variables, onVariable, earlier, exact = false, requireSame } = source;
  if (tracing) throw new CompileError('compile was called inside a function that is being compiled');
  guardStandIns();
  const nodes: GraphNode[] = [];
  const results: Result[][] = [];
  const optimizers: Optimizer[] = [];
  const names = new WeakMap<object, string>();
  for (const [tensor, source] of sources) names.set(tensor.dataId, source);
  const declared = new Set<Tensor>(variables);
  const before = variables.map((variable) => variable.dataId);
  const { executeSingleOutput, executeMultipleOutputs, createOutputTensor, readSync, write } = backend;
  const { incrementIterations } = optimizerClass;
  const { assign } = variableClass;
  const own = backend as Partial<typeof backend>;
  let violation: CompileError | undefined;
  let recording = false;
  let constantBytes = 0;

  /** The step may catch what we throw; `trace` throws it again at the end. */
  const violate = (error: CompileError): never => {
    violation ??= error;
    throw error;
  };
  const refuse = (message: string): never => {
    const site = callSite();
    return violate(new CompileError(site ? `${message} (at ${site})` : message));
  };
  const reveal = (variable: tfTypes.Variable): void => {
    if (!hasValues(variable.dataId)) {
      refuse(`variable ${variable.name} was made inside the function from a computed value: create it before`);
    }
    onVariable(variable);
  };
  const add = (op: string, inputs: string[], attributes: Record<string, Attribute>): string => {
    const name = `${prefix}/${op}_${nodes.length}`;
    nodes.push({ name, op, inputs, attributes, site: callSite() });
    results.push([]);
    return name;
  };
  const nameOf = (tensor: Tensor): string => {
    const known = names.get(tensor.dataId);
    if (known) return known;
    for (const variable of Object.values(tf.engine().registeredVariables)) {
      if (variable.dataId !== tensor.dataId || declared.has(variable)) continue;
      reveal(variable);
      names.set(tensor.dataId, UNDECLARED);
      return UNDECLARED;
    }
    const { dtype, shape } = backend.tensorMap.get(tensor.dataId);
    const bytes = copyBytes(readSync.call(backend, tensor.dataId));
    constantBytes += bytes.byteLength;
    if (bytes.byteLength > MAX_CONSTANT_BYTES || constantBytes > MAX_CONSTANTS_BYTES) {
      refuse(
        `the step captures a tensor of shape [${shape.join(', ')}] (${bytes.byteLength} bytes; limit ${MAX_CONSTANT_BYTES}, ` +
          `together ${MAX_CONSTANTS_BYTES}): pass it as an input, or as \`data\` to keep it on the device`,
      );
    }
    const name = add('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, bytes } } });
    names.set(tensor.dataId, name);
    return name;
  };
  const record = (
    op: string,
    attributes: Parameters<typeof executeSingleOutput>[1],
    inputs: Tensor[],
    execute: (inputs: Tensor[]) => Tensor[],
  ): Tensor[] => {
    if (UNSEEDED.test(op)) {
      refuse(`the step calls ${op}, which draws from a hidden generator: use counter-based randomness`);
    }
    const given = trueAttributes(op, attributes, inputs).map((a) => [a.name, attributeOf(op, a)] as const);
    const name = add(op, inputs.map(nameOf), nodeAttributes(op, Object.fromEntries(given), inputs));
    const i = nodes.length - 1;
    let outputs: Tensor[];
    recording = true;
    try {
      if (earlier) {
        requireSame?.(i, nodes[i] as GraphNode);
        outputs = (earlier.results[i] as Result[]).map((result) => emptyTensor(result, createOutputTensor));
      } else {
        outputs = withZeros(inputs, executeSingleOutput, execute);
        if (!exact && !INITIAL_VALUE.test(op)) outputs.forEach(forgetLarge);
      }
    } catch (error) {
      if (error instanceof CompileError) return violate(error);
      throw new OpError(`${op} failed at ${callSite() ?? 'an unknown line'}: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      recording = false;
    }
    results[i] = outputs.map(({ dataId }) => {
      const { dtype, shape } = backend.tensorMap.get(dataId);
      return { dtype, shape };
    });
    outputs.forEach((output, index) => names.set(output.dataId, index ? `${name}:${index}` : name));
    return outputs;
  };

  own.executeSingleOutput = (op, attributes, inputs) =>
    record(op, attributes, inputs, (given) => [executeSingleOutput.call(backend, op, attributes, given)])[0] as Tensor;
  own.executeMultipleOutputs = (op, attributes, inputs, count) =>
    record(op, attributes, inputs, (given) => executeMultipleOutputs.call(backend, op, attributes, given, count));
  own.createOutputTensor = (metadata) => {
    if (!recording && !('dtype' in metadata && metadata.dtype === DATA_TYPE.uint8)) {
      refuse('the step computes something that is no traceable TensorFlow op (a compiled program, a SavedModel)');
    }
    return createOutputTensor.call(backend, metadata);
  };
  const refuseRead = (): never =>
    refuse(
      'the step reads a tensor back to JavaScript (data, dataSync, array, print): the number would be frozen into the ' +
        'graph. Return the tensor instead and read it outside',
    );
  /** Indices that a stand-in leaves open were in range when they were computed. */
  const indices = (dataId: object): ReturnType<typeof readSync> =>
    hasValues(dataId) ? readSync.call(backend, dataId) : new Int32Array(0);
  own.readSync = (dataId) => (HARMLESS_READ.test(deepStack()) ? indices(dataId) : refuseRead());
  own.read = () => {
    try {
      refuseRead();
    } catch {
      // `data()` would turn this into a rejection that nobody handles; `trace` throws it at the end
    }
    return new Promise<never>(() => undefined);
  };
  own.write = (values, shape, dtype) => {
    const drawn = DRAWN_IN_JAVASCRIPT.exec(deepStack())?.[1];
    if (drawn) {
      refuse(
        `the step draws random numbers in JavaScript (tf.${drawn.replace(/_$/, '')}): every compiled step would reuse ` +
          'the same draw. Use counter-based randomness or pass them as an input',
      );
    }
    return write.call(backend, values, shape, dtype);
  };
  optimizerClass.incrementIterations = function found() {
    optimizers.push(this);
  };
  variableClass.assign = function assigned(value) {
    if (!declared.has(this)) reveal(this);
    assign.call(this, value);
  };
  tracing = true;

  let returned: Tensor[] = [];
  try {
    returned = tf.tidy(() => {
      const result: unknown = fn();
      if (Array.isArray(result) && result.every((tensor) => tensor instanceof tf.Tensor)) return result;
      if (result instanceof Promise) result.catch(() => undefined);
      return refuse('a compiled function must return an array of tensors, and cannot be async');
    });
    const writes = variables.map((variable, i) => (variable.dataId === before[i] ? undefined : nameOf(variable)));
    const outputs = returned.map((tensor) => {
      const { dtype, shape } = backend.tensorMap.get(tensor.dataId);
      return { source: nameOf(tensor), dtype, shape };
    });
    if (violation) throw violation;
    return { nodes, results, outputs, writes, optimizers };
  } catch (error) {
    throw violation ?? error;
  } finally {
    tracing = false;
    delete own.executeSingleOutput;
    delete own.executeMultipleOutputs;
    delete own.createOutputTensor;
    delete own.readSync;
    delete own.read;
    delete own.write;
    optimizerClass.incrementIterations = incrementIterations;
    variableClass.assign = assign;
    tf.dispose(returned.filter((tensor) => !(tensor instanceof tf.Variable) && !sources.has(tensor)));
  }
}
