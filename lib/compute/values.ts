/** Tensors that a trace keeps without their values: it asks for shapes and types alone, and a whole step's values are hundreds of megabytes. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { DATA_TYPE } from './graph.ts';
import { refuseUse } from './stale.ts';

type Tensor = tfTypes.Tensor;

/** In place of the number that TensorFlow knows a tensor by. tfjs uses it too, for values that have not crossed over yet. */
const NO_VALUES = -1;

/** Up to here values are kept, in bytes; of whole numbers always, since they may be indices or divisors. */
const KEPT_BYTES = 1 << 16;

const LEFT_OVER =
  'this tensor was computed while its function was compiled, which keeps shapes but no values: return it from the ' +
  'function, or keep it in a variable';

export function hasValues(dataId: object): boolean {
  const { id, values } = backend.tensorMap.get(dataId);
  return id !== NO_VALUES || values !== null;
}

/** Frees the values of a large tensor of reals. */
export function forgetLarge({ dataId, size }: Tensor): void {
  const entry = backend.tensorMap.get(dataId);
  if (entry.dtype !== DATA_TYPE.float32 || size * 4 <= KEPT_BYTES || entry.values || entry.id === NO_VALUES) return;
  backend.binding.deleteTensor(entry.id);
  entry.id = NO_VALUES;
  refuseUse(dataId, LEFT_OVER);
}

/** A tensor that never had values. Traces make it by the backend's own `createOutputTensor`. */
export function emptyTensor(
  { dtype, shape }: { dtype: number; shape: number[] },
  createOutputTensor: typeof backend.createOutputTensor,
): Tensor {
  const tensor = createOutputTensor.call(backend, { id: NO_VALUES, dtype, shape });
  refuseUse(tensor.dataId, LEFT_OVER);
  return tensor;
}

/** Calls `use` with zeros for each tensor without values. `executeSingleOutput` is the backend's own. */
export function withZeros<T>(
  inputs: Tensor[],
  executeSingleOutput: typeof backend.executeSingleOutput,
  use: (inputs: Tensor[]) => T,
): T {
  const type = (name: string, value: number) => ({ name, type: backend.binding.TF_ATTR_TYPE as number, value });
  const attributes = [type('T', DATA_TYPE.float32), type('index_type', DATA_TYPE.int32)];
  const made: Tensor[] = [];
  const given = inputs.map((input) => {
    // Int64Scalar, which some kernels pass as an input, is no tensor of the backend.
    if (input.dataId === undefined || hasValues(input.dataId)) return input;
    const [shape, zero] = [tf.tensor1d(input.shape, 'int32'), tf.scalar(0)];
    const zeros = executeSingleOutput.call(backend, 'Fill', attributes, [shape, zero]);
    made.push(shape, zero, zeros);
    return zeros;
  });
  try {
    return use(given);
  } finally {
    tf.dispose(made);
  }
}
