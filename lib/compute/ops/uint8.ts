/**
 * Images as uint8 in TensorFlow's memory: a quarter of float32. tfjs has no such dtype and calls these tensors int32. Ops
 * that move values (gather, slice, reshape, concat, ...) and casts take them; arithmetic, which would wrap around at 256,
 * and reading them back are errors.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from '../backend.ts';
import { guardUint8 } from '../uint8.ts';
import { CompileError } from '../errors.ts';
import { DATA_TYPE } from '../graph.ts';
import { attribute, dataTypeOf, rawOp } from './raw.ts';

type Tensor = tfTypes.Tensor;

/** A uint8 tensor of `values` (shared, not copied: do not change them afterwards). Pass it to `compile` as data. */
export function uint8Tensor(values: Uint8Array, shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  if (size !== values.length) {
    throw new CompileError(`a uint8 tensor of shape [${shape.join(', ')}] needs ${size} values, got ${values.length}`);
  }
  guardUint8();
  const id = backend.binding.createTensor([...shape], DATA_TYPE.uint8, values);
  return backend.createOutputTensor({ id, shape: [...shape], dtype: DATA_TYPE.uint8 });
}

/** Rows of `table` [m, ...] of any dtype, uint8 too, at `indices` [n] int32; result [n, ...], same dtype. No gradient. */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  if (indices.dtype !== 'int32') throw new CompileError(`indices of gatherRows must be int32, got ${indices.dtype}`);
  return rawOp(
    'GatherV2',
    [
      attribute.int('batch_dims', 0),
      attribute.type('Tparams', dataTypeOf(table)),
      attribute.type('Tindices', DATA_TYPE.int32),
      attribute.type('Taxis', DATA_TYPE.int32),
    ],
    [table, indices, tf.scalar(0, 'int32')],
  );
}

/** `x` of any dtype, uint8 too, as float32; no gradient. */
export const toFloat = (x: Tensor): Tensor =>
  rawOp(
    'Cast',
    [
      attribute.type('SrcT', dataTypeOf(x)),
      attribute.type('DstT', DATA_TYPE.float32),
      attribute.bool('Truncate', false),
    ],
    [x],
  );
