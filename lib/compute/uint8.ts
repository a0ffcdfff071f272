/** tfjs writes dtype int32 into the ops of a uint8 tensor; here the ops that only move or cast values get the true one. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, type OpAttribute } from './backend.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE } from './graph.ts';

type Tensor = tfTypes.Tensor;

/** Ops that take uint8 values, and the attribute that says so. */
const TAKES_UINT8: Record<string, string> = {
  Cast: 'SrcT',
  ConcatV2: 'T',
  ExpandDims: 'T',
  GatherV2: 'Tparams',
  Pack: 'T',
  Reshape: 'T',
  ReverseV2: 'T',
  Slice: 'T',
  Squeeze: 'T',
  StridedSlice: 'T',
  Tile: 'T',
  Transpose: 'T',
};

const isUint8 = (tensor: Tensor): boolean =>
  tensor.dtype === 'int32' && // Int64Scalar, which some kernels pass as an input, is no tensor of the backend
  tensor.dataId !== undefined &&
  backend.tensorMap.has(tensor.dataId) &&
  backend.tensorMap.get(tensor.dataId).dtype === DATA_TYPE.uint8;

/** The attributes of an op with the data type that its inputs have. */
export function trueAttributes(op: string, attributes: OpAttribute[], inputs: readonly Tensor[]): OpAttribute[] {
  if (!inputs.some(isUint8)) return attributes;
  const typed = TAKES_UINT8[op];
  if (typed === undefined) {
    throw new CompileError(`${op} cannot take a uint8 tensor: make it float32 with toFloat first`);
  }
  return attributes.map((a) => (a.name === typed ? { ...a, value: DATA_TYPE.uint8 } : a));
}

let installed = false;

/** From now on arithmetic on uint8 tensors is an error, eagerly too. */
export function guardUint8(): void {
  if (installed) return;
  installed = true;
  const proto = Object.getPrototypeOf(backend) as typeof backend;
  const { executeSingleOutput, executeMultipleOutputs } = proto;
  proto.executeSingleOutput = function guarded(op, attributes, inputs) {
    return executeSingleOutput.call(this, op, trueAttributes(op, attributes, inputs), inputs);
  };
  proto.executeMultipleOutputs = function guarded(op, attributes, inputs, outputs) {
    return executeMultipleOutputs.call(this, op, trueAttributes(op, attributes, inputs), inputs, outputs);
  };
}
