/**
 * Records one run of a tfjs function as graph nodes. Works because nearly every tfjs-node kernel ends in
 * `executeSingleOutput` or `executeMultipleOutputs` with a TensorFlow op name, its attributes and its inputs.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attributeOf, nodeAttributes } from './attributes.ts';
import { backend, tf } from './backend.ts';
import {
  addConstant,
  constantOf,
  MAX_CONSTANT_BYTES,
  MAX_CONSTANTS_BYTES,
  sizeOf,
  variablesByDataId,
} from './constants.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE, TYPE_NAMES, type Attribute, type GraphNode } from './graph.ts';
import { Patches } from './patches.ts';
import { activeOp, openShape, refuseClocks, UNSEEDED } from './refusals.ts';
import { atSite, callSite, deepStack } from './site.ts';
import { guardStandIns } from './stale.ts';
import { guardTraining } from './training.ts';
import { trueAttributes } from './uint8.ts';
import { emptyTensor, forgetLarge, hasValues, withZeros } from './values.ts';

type Tensor = tfTypes.Tensor;

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
const engine = tf.engine() as unknown as {
  makeVariable(value: Tensor, trainable?: boolean, name?: string, dtype?: string): tfTypes.Variable;
};

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
  /** Layers and models that were applied. */
  layers: Set<object>;
  /** Data ids that were captured as constants, by node: what has not changed need not be compared. */
  captured: (object | undefined)[];
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
  const captured: (object | undefined)[] = [];
  const optimizers: Optimizer[] = [];
  const layers = new Set<object>();
  const names = new WeakMap<object, string>();
  const constants = new Set<string>();
  for (const [tensor, source] of sources) names.set(tensor.dataId, source);
  const declared = new Set<Tensor>(variables);
  const registered = variablesByDataId();
  const before = variables.map((variable) => variable.dataId);
  const { executeSingleOutput, executeMultipleOutputs, createOutputTensor, readSync } = backend;
  const { assign } = variableClass;
  const { makeVariable } = engine;
  let violation: CompileError | undefined;
  let recording = false;
  let constantBytes = 0;

  /** The step may catch what we throw; `trace` throws it again at the end. */
  const violate = (error: CompileError): never => {
    violation ??= error;
    throw error;
  };
  const refuse = (message: string): never => violate(new CompileError(atSite(message)));
  const reveal = (variable: tfTypes.Variable): void => {
    if (!hasValues(variable.dataId)) {
      refuse(`variable ${variable.name} was made inside the function from a computed value: create it before`);
    }
    onVariable(variable);
  };
  const add = (op: string, inputs: string[], attributes: Record<string, Attribute>): string => {
    const name = `${prefix}/${op}_${nodes.length}`;
    nodes.push({ name, op, inputs, attributes });
    results.push([]);
    return name;
  };
  const checkLast = (): void => {
    if (!requireSame) return;
    try {
      requireSame(nodes.length - 1, nodes.at(-1) as GraphNode);
    } catch (error) {
      violate(error as CompileError);
    }
  };
  const nameOf = (tensor: Tensor): string => {
    const { dataId } = tensor;
    const known = names.get(dataId);
    if (known) return known;
    const variable = registered.get(dataId);
    if (variable && variable.dataId === dataId && !declared.has(variable)) {
      reveal(variable);
      names.set(dataId, UNDECLARED);
      return UNDECLARED;
    }
    if (earlier?.captured[nodes.length] === dataId) {
      // The same tensor as then, and tensors do not change: it has the nodes that it had.
      while (earlier.captured[nodes.length] === dataId) {
        captured[nodes.length] = dataId;
        nodes.push(earlier.nodes[nodes.length] as GraphNode);
        results.push([]);
      }
      const name = (nodes.at(-1) as GraphNode).name;
      constants.add(name);
      names.set(dataId, name);
      return name;
    }
    const constant = constantOf(dataId, readSync);
    const name = addConstant(
      (op, inputs, attributes) => {
        const added = add(op, inputs, attributes);
        captured[nodes.length - 1] = dataId;
        checkLast();
        return added;
      },
      constant,
      Math.min(MAX_CONSTANT_BYTES, MAX_CONSTANTS_BYTES - constantBytes),
    );
    if (name === undefined) {
      return refuse(
        `the step captures a tensor of shape [${constant.shape.join(', ')}] (${sizeOf(constant)} bytes; limit ${MAX_CONSTANT_BYTES}, ` +
          `together ${MAX_CONSTANTS_BYTES}): pass it as an input, or as \`data\` to keep it on the device`,
      );
    }
    if (nodes.at(-1)?.op === 'Const') constantBytes += sizeOf(constant);
    constants.add(name);
    names.set(dataId, name);
    return name;
  };
  const record = (
    op: string,
    attributes: Parameters<typeof executeSingleOutput>[1],
    inputs: Tensor[],
    execute: (inputs: Tensor[]) => Tensor[],
  ): Tensor[] => {
    if (UNSEEDED.test(op)) {
      refuse(
        `the step calls ${op}, which draws from a hidden generator: use tf.multinomial or counter-based randomness`,
      );
    }
    const given: Record<string, Attribute> = {};
    for (const a of trueAttributes(op, attributes, inputs)) given[a.name] = attributeOf(op, a);
    const inputNames = inputs.map(nameOf);
    const open = openShape(op, attributes, inputs.length, (i) => constants.has(inputNames[i] as string));
    if (open) refuse(open);
    const name = add(op, inputNames, nodeAttributes(op, given, inputs));
    const i = nodes.length - 1;
    captured[i] = undefined;
    checkLast();
    let outputs: Tensor[];
    recording = true;
    try {
      if (earlier) {
        outputs = (earlier.results[i] as Result[]).map((result) => emptyTensor(result, createOutputTensor));
      } else {
        outputs = withZeros(inputs, executeSingleOutput, execute);
        if (!exact && !INITIAL_VALUE.test(op)) outputs.forEach(forgetLarge);
      }
    } catch (error) {
      if (error instanceof CompileError) return violate(error);
      const { message } = error as Error;
      throw new OpError(`${op} failed at ${callSite() ?? 'an unknown line'}: ${message}`, { cause: error });
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
  const refuseRead = (): never =>
    refuse(
      'the step reads a tensor back to JavaScript (data, dataSync, array, print): the number would be frozen into the ' +
        'graph. Return the tensor instead and read it outside',
    );
  /** Indices that a stand-in leaves open were in range when they were computed. */
  const indices = (dataId: object): ReturnType<typeof readSync> =>
    hasValues(dataId) ? readSync.call(backend, dataId) : new Int32Array(0);

  const patches = new Patches();
  patches.replace(
    backend,
    'executeSingleOutput',
    (op, attributes, inputs) =>
      record(op, attributes, inputs, (given) => [
        executeSingleOutput.call(backend, op, attributes, given),
      ])[0] as Tensor,
  );
  patches.replace(backend, 'executeMultipleOutputs', (op, attributes, inputs, count) =>
    record(op, attributes, inputs, (given) => executeMultipleOutputs.call(backend, op, attributes, given, count)),
  );
  patches.replace(backend, 'createOutputTensor', (metadata) => {
    if (!recording && !('dtype' in metadata && metadata.dtype === DATA_TYPE.uint8)) {
      refuse('the step computes something that is no traceable TensorFlow op (a compiled program, a SavedModel)');
    }
    return createOutputTensor.call(backend, metadata);
  });
  patches.replace(backend, 'readSync', (dataId) =>
    activeOp() === 'gather' || HARMLESS_READ.test(deepStack()) ? indices(dataId) : refuseRead(),
  );
  patches.replace(backend, 'read', () => {
    try {
      refuseRead();
    } catch {
      // `data()` would turn this into a rejection that nobody handles; `trace` throws it at the end
    }
    return new Promise<never>(() => undefined);
  });
  patches.replace(optimizerClass, 'incrementIterations', function found(this: Optimizer) {
    optimizers.push(this);
  });
  patches.replaceGetter(optimizerClass, 'iterations', () =>
    refuse(
      "the step reads an optimizer's iterations, a JavaScript number that compiled steps do not see counting: keep the count in a " +
        'tf.Variable, or take it as an input',
    ),
  );
  patches.replace(variableClass, 'assign', function assigned(this: tfTypes.Variable, value: Tensor) {
    if (!declared.has(this)) reveal(this);
    assign.call(this, value);
  });
  patches.replace(engine, 'makeVariable', (...args) => {
    const made = makeVariable.apply(engine, args);
    registered.set(made.dataId, made);
    return made;
  });
  refuseClocks(patches, refuse);
  guardTraining(patches, { refuse, onLayer: (layer) => layers.add(layer) });
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
    const outputs = returned.map((tensor, i) => {
      const { dtype, shape } = returnedEntry(tensor, i);
      return { source: nameOf(tensor), dtype, shape };
    });
    if (violation) throw violation;
    return { nodes, results, outputs, writes, optimizers, layers, captured };
  } catch (error) {
    throw violation ?? error;
  } finally {
    tracing = false;
    patches.restore();
    tf.dispose(returned.filter((tensor) => !(tensor instanceof tf.Variable) && !sources.has(tensor)));
  }
}

/** @throws CompileError for a returned tensor that a compiled function cannot give */
function returnedEntry(tensor: Tensor, i: number): { dtype: number; shape: number[] } {
  if (tensor.isDisposed) throw new CompileError(`result ${i} of the function is a tensor that it has disposed`);
  const entry = tensor.dtype === 'complex64' ? undefined : backend.tensorMap.get(tensor.dataId);
  if (!entry || TYPE_NAMES[entry.dtype] === undefined) {
    throw new CompileError(
      `result ${i} of the function is ${tensor.dtype}; a compiled function returns float32, int32, bool and uint8` +
        (tensor.dtype === 'complex64' ? ': return tf.real(x) and tf.imag(x)' : ''),
    );
  }
  return entry;
}
