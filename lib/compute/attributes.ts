/** Attributes of ops: from the binding's form into a graph's, completed where eager execution fills them in itself. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, type OpAttribute } from './backend.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE, type Attribute } from './graph.ts';

type Tensor = tfTypes.Tensor;

/** Type attributes that tfjs-node leaves for eager execution to infer from the inputs, in the inputs' order. */
const LEFT_TO_EAGER: Record<string, (string | undefined)[]> = {
  ExpandDims: ['T', 'Tdim'],
};

/** Attributes that tfjs-node gives wrong, since it converts the input first; eager execution goes by the input. */
const TRUE: Record<string, Record<string, Attribute>> = {
  Mean: { T: { type: DATA_TYPE.float32 } },
};

/** One attribute in the graph's form. */
export function attributeOf(op: string, attribute: OpAttribute): Attribute {
  const { binding } = backend;
  const { name, type, value } = attribute;
  const many = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return many ? { types: value as number[] } : { type: value as number };
    case binding.TF_ATTR_INT:
      return many ? { ints: value as number[] } : { int: value as number };
    case binding.TF_ATTR_FLOAT:
      return many ? { floats: value as number[] } : { float: value as number };
    case binding.TF_ATTR_BOOL:
      if (!many) return { bool: value as boolean };
      break;
    case binding.TF_ATTR_STRING:
      return { string: value as string };
    case binding.TF_ATTR_SHAPE:
      return { shape: value as number[] };
  }
  throw new CompileError(`attribute ${name} of ${op} has a kind (${type}) that compile does not know`);
}

/** All attributes of a node: those given, and those that eager execution would infer. */
export function nodeAttributes(
  op: string,
  given: Record<string, Attribute>,
  inputs: readonly Tensor[],
): Record<string, Attribute> {
  const left = (LEFT_TO_EAGER[op] ?? []).flatMap((name, i) =>
    name === undefined ? [] : [[name, { type: backend.tensorMap.get((inputs[i] as Tensor).dataId).dtype }] as const],
  );
  return { ...Object.fromEntries(left), ...given, ...TRUE[op] };
}
