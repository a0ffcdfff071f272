/** Tensors that a step captures, as nodes of the graph: their values, or the rule by which they are made where it is short. */
import { backend, tf } from './backend.ts';
import { DATA_TYPE, STRING_TYPE, type Attribute } from './graph.ts';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';

/** Largest tensor captured as a constant of the graph, in bytes; larger ones belong in `data`. */
export const MAX_CONSTANT_BYTES = 1 << 20;
/** The same for all constants of one function together. */
export const MAX_CONSTANTS_BYTES = 16 << 20;
/** From here on uniform values and identity matrices are made by an op: `tf.zeros`, `ones` and `eye` of any size. */
const MADE_BY_OP_BYTES = 1 << 14;

export interface Constant {
  dtype: number;
  shape: number[];
  bytes: Uint8Array;
  /** In place of `bytes` for strings, each as it is encoded. */
  strings?: Uint8Array[];
}

/** What a constant is made of: nodes by op, the last one its value. */
export type AddNode = (op: string, inputs: string[], attributes: Record<string, Attribute>) => string;

const bytesOf = (values: Float32Array | Int32Array | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/** The values of a tensor that no op of the step made. `readSync` is the backend's own. */
export function constantOf(dataId: object, readSync: typeof backend.readSync): Constant {
  const { dtype, shape } = backend.tensorMap.get(dataId);
  const values: unknown = readSync.call(backend, dataId);
  if (dtype !== STRING_TYPE) return { dtype, shape, bytes: bytesOf(values as Float32Array) };
  const strings = (values as (Uint8Array | string)[]).map((value) =>
    typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from(value),
  );
  return { dtype, shape, bytes: new Uint8Array(0), strings };
}

export const sizeOf = ({ bytes, strings }: Constant): number =>
  strings ? strings.reduce((sum, { length }) => sum + length, 0) : bytes.byteLength;

const ofInts = (values: number[], shape: number[]): Constant => ({
  dtype: DATA_TYPE.int32,
  shape,
  bytes: bytesOf(Int32Array.from(values)),
});

const add = (addNode: AddNode, constant: Constant): string =>
  addNode('Const', [], { dtype: { type: constant.dtype }, value: { tensor: constant } });

/** Whether the bytes are the first element again and again. */
const isUniform = (bytes: Uint8Array, size: number): boolean =>
  Buffer.compare(bytes.subarray(size), bytes.subarray(0, bytes.length - size)) === 0;

/** One element, and zeros elsewhere: the diagonal of a matrix. */
function isIdentity({ bytes, shape }: Constant, size: number): boolean {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || rows > columns) return false;
  const one = bytes.subarray(0, size);
  const rest = Buffer.alloc(columns * size);
  const matches = (row: number): boolean => {
    const now = bytes.subarray(row * columns * size, (row + 1) * columns * size);
    one.forEach((byte, i) => (rest[row * size + i] = byte));
    const equal = Buffer.compare(now, rest) === 0;
    rest.fill(0, row * size, (row + 1) * size);
    return equal;
  };
  for (let row = 0; row < rows; row++) if (!matches(row)) return false;
  return true;
}

/** The node of a constant, or undefined where it is too large to be one: nodes that were added make it. */
export function addConstant(addNode: AddNode, constant: Constant, limit: number): string | undefined {
  const { dtype, shape, bytes, strings } = constant;
  if (!strings && bytes.length > MADE_BY_OP_BYTES) {
    const size = bytes.length / shape.reduce((a, b) => a * b, 1);
    const element = (at: number): Constant => ({ dtype, shape: [], bytes: bytes.slice(at, at + size) });
    if (isUniform(bytes, size)) {
      const inputs = [add(addNode, ofInts(shape, [shape.length])), add(addNode, element(0))];
      return addNode('Fill', inputs, { T: { type: dtype }, index_type: { type: DATA_TYPE.int32 } });
    }
    if (isIdentity(constant, size)) {
      const [rows, columns] = shape as [number, number];
      const indices = Array.from({ length: rows }, (_, i) => i);
      const inputs = [ofInts(indices, [rows]), ofInts([columns], []), element(0), element(size)];
      return addNode(
        'OneHot',
        inputs.map((input) => add(addNode, input)),
        { T: { type: dtype }, TI: { type: DATA_TYPE.int32 }, axis: { int: -1 } },
      );
    }
  }
  return sizeOf(constant) > limit ? undefined : add(addNode, constant);
}

/** Registered variables by the data id they have now. */
export function variablesByDataId(): Map<object, tfTypes.Variable> {
  return new Map(Object.values(tf.engine().registeredVariables).map((variable) => [variable.dataId, variable]));
}
