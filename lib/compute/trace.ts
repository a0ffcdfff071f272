/**
 * Records one run of a tfjs function as graph nodes. Works because nearly every tfjs-node kernel ends in
 * `executeSingleOutput` or `executeMultipleOutputs` with a TensorFlow op name, its attributes and its inputs.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf, type OpAttribute } from './backend.ts';
import { CompileError } from './errors.ts';
import type { Attribute, GraphNode } from './graph.ts';
import { trueAttributes } from './uint8.ts';

type Tensor = tfTypes.Tensor;

/** Largest tensor captured as a constant of the graph, in bytes; larger ones belong in `data`. */
export const MAX_CONSTANT_BYTES = 1 << 20;

/** Ops whose numbers come from a hidden generator: the graph would neither repeat them nor vary them as the step did. */
const UNSEEDED = /^(Random|TruncatedNormal|Multinomial|ParameterizedTruncatedNormal)/;

/** tfjs functions that draw in JavaScript: traced, their draw would be the same at every step. */
const DRAWN_IN_JAVASCRIPT =
  /\b(randomNormal_|randomUniform_|randomUniformInt_|randomStandardNormal_|randomGamma_|truncatedNormal_|rand_|dropout_)\b/;

/** Type attributes that tfjs-node leaves for eager execution to infer from the inputs; a graph needs them written. */
const LEFT_TO_EAGER: Record<string, string[]> = { ExpandDims: ['T', 'Tdim'] };

const dtypeOf = (tensor: Tensor): number => backend.tensorMap.get(tensor.dataId).dtype;

export interface Trace {
  nodes: GraphNode[];
  /** Graph output that holds each returned tensor. */
  outputs: { source: string; dtype: number; shape: number[] }[];
  /** For each variable the output with its new value, or undefined where the function leaves it alone. */
  writes: (string | undefined)[];
}

const attributeOf = (attribute: OpAttribute): Attribute => {
  const { binding } = backend;
  const { name, type, value } = attribute;
  const many = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return many ? { types: value as number[] } : { type: value as number };
    case binding.TF_ATTR_INT:
      return many ? { ints: value as number[] } : { int: value as number };
    case binding.TF_ATTR_FLOAT:
      return { float: value as number };
    case binding.TF_ATTR_BOOL:
      return { bool: value as boolean };
    case binding.TF_ATTR_STRING:
      return { string: value as string };
    case binding.TF_ATTR_SHAPE:
      return { shape: value as number[] };
    default:
      throw new CompileError(`attribute ${name} has a kind (${type}) that compile does not know`);
  }
};

const copyBytes = (values: Float32Array | Int32Array | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/**
 * Runs `fn(...inputs)` once and returns what it computed as nodes whose names start with `prefix`.
 * @param sources graph outputs that stand for the variables, data and inputs, by tensor
 * @param variables variables that `fn` may assign; they keep the values `fn` gave them
 */
export function trace(
  prefix: string,
  fn: () => Tensor[],
  sources: ReadonlyMap<Tensor, string>,
  variables: readonly tfTypes.Variable[],
): Trace {
  const nodes: GraphNode[] = [];
  const names = new WeakMap<object, string>();
  for (const [tensor, source] of sources) names.set(tensor.dataId, source);
  const before = variables.map((variable) => variable.dataId);
  const original = { one: backend.executeSingleOutput, many: backend.executeMultipleOutputs, read: backend.readSync };
  const own = backend as Partial<typeof backend>;

  const add = (op: string, inputs: string[], attributes: Record<string, Attribute>): string => {
    const name = `${prefix}/${op}_${nodes.length}`;
    nodes.push({ name, op, inputs, attributes });
    return name;
  };
  const nameOf = (tensor: Tensor): string => {
    const known = names.get(tensor.dataId);
    if (known) return known;
    const { dtype, shape } = backend.tensorMap.get(tensor.dataId);
    const bytes = copyBytes(original.read.call(backend, tensor.dataId));
    if (bytes.byteLength > MAX_CONSTANT_BYTES) {
      throw new CompileError(
        `the step captures a tensor of shape [${shape.join(', ')}] (${bytes.byteLength} bytes, limit ${MAX_CONSTANT_BYTES}): ` +
          `pass it as an input, or as \`data\` to keep it on the device`,
      );
    }
    const name = add('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, bytes } } });
    names.set(tensor.dataId, name);
    return name;
  };
  const record = (op: string, attributes: OpAttribute[], inputs: Tensor[]): string => {
    if (UNSEEDED.test(op)) {
      throw new CompileError(`the step calls ${op}, which draws from a hidden generator: use counter-based randomness`);
    }
    const given = Object.fromEntries(trueAttributes(op, attributes, inputs).map((a) => [a.name, attributeOf(a)]));
    const left = (LEFT_TO_EAGER[op] ?? []).map((name, i) => [name, { type: dtypeOf(inputs[i] as Tensor) }]);
    return add(op, inputs.map(nameOf), { ...Object.fromEntries(left), ...given });
  };

  own.executeSingleOutput = (op, attributes, inputs) => {
    const name = record(op, attributes, inputs);
    const output = original.one.call(backend, op, attributes, inputs);
    names.set(output.dataId, name);
    return output;
  };
  own.executeMultipleOutputs = (op, attributes, inputs, count) => {
    const name = record(op, attributes, inputs);
    const outputs = original.many.call(backend, op, attributes, inputs, count);
    outputs.forEach((output, index) => names.set(output.dataId, index ? `${name}:${index}` : name));
    return outputs;
  };
  own.readSync = (dataId) => {
    // tf.gather reads its indices only to check their range, which the compiled op does itself on the CPU.
    if (/kernels[\\/]GatherV2\b/.test(new Error().stack ?? '')) return original.read.call(backend, dataId);
    throw new CompileError(
      'the step reads a tensor back to JavaScript (data, dataSync, array, print): the number would be frozen into the ' +
        'graph. Return the tensor instead and read it outside',
    );
  };
  const write = backend.write;
  own.write = (values, shape, dtype) => {
    const drawn = DRAWN_IN_JAVASCRIPT.exec(new Error().stack ?? '')?.[1];
    if (drawn) {
      throw new CompileError(
        `the step draws random numbers in JavaScript (tf.${drawn.replace(/_$/, '')}): every compiled step would reuse ` +
          'the same draw. Use counter-based randomness or pass them as an input',
      );
    }
    return write.call(backend, values, shape, dtype);
  };

  let returned: Tensor[];
  let writes: (string | undefined)[];
  try {
    returned = tf.tidy(fn);
    writes = variables.map((variable, i) => (variable.dataId === before[i] ? undefined : nameOf(variable)));
  } finally {
    delete own.executeSingleOutput;
    delete own.executeMultipleOutputs;
    delete own.readSync;
    delete own.write;
  }
  const outputs = returned.map((tensor) => {
    const { dtype, shape } = backend.tensorMap.get(tensor.dataId);
    return { source: nameOf(tensor), dtype, shape };
  });
  tf.dispose(returned);
  return { nodes, outputs, writes };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Throws unless two traces of one function are the same graph: what differs was decided in JavaScript. */
export function requireSameTrace(name: string, first: Trace, second: Trace): void {
  const advice = 'A value or branch computed in JavaScript changes from call to call: make it an input of the function';
  for (let i = 0; i < Math.max(first.nodes.length, second.nodes.length); i++) {
    const [a, b] = [first.nodes[i], second.nodes[i]];
    if (!a || !b || a.op !== b.op || !same(a.inputs, b.inputs)) {
      throw new CompileError(
        `tracing ${name} twice gave two different graphs: op ${i} was ${a?.op ?? 'absent'}, then ${b?.op ?? 'absent'}. ${advice}`,
      );
    }
    if (!same(a.attributes, b.attributes)) {
      throw new CompileError(`tracing ${name} twice gave different values to op ${i} (${a.op}). ${advice}`);
    }
  }
  if (!same(first.writes, second.writes) || !same(first.outputs, second.outputs)) {
    throw new CompileError(`tracing ${name} twice assigned other variables or returned other tensors. ${advice}`);
  }
}
