/** While a program holds the values of a tf.Variable, the variable's own tensor is an empty stand-in: any use of it throws. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { CompileError } from './errors.ts';

const standIns = new WeakMap<object, string>();
let installed = false;

function requireValue(dataId: object): void {
  const name = standIns.get(dataId);
  if (name === undefined) return;
  throw new CompileError(
    `variable ${name} is held by a compiled program and has changed since: ` +
      'call program.sync() before using it here, or program.read()',
  );
}

function install(): void {
  if (installed) return;
  installed = true;
  const proto = Object.getPrototypeOf(backend) as typeof backend;
  const { readSync, getInputTensorIds } = proto;
  proto.readSync = function guardedReadSync(dataId) {
    requireValue(dataId);
    return readSync.call(this, dataId);
  };
  proto.getInputTensorIds = function guardedInputs(tensors) {
    for (const tensor of tensors) if (tensor.dataId) requireValue(tensor.dataId);
    return getInputTensorIds.call(this, tensors);
  };
}

/** Frees the variable's own tensor; until it is assigned again, reading it or computing with it throws. */
export function replaceByStandIn(variable: tfTypes.Variable): void {
  install();
  const { shape, dtype, name } = variable;
  const dataId = backend.write(new Float32Array(0), shape, dtype);
  standIns.set(dataId, name);
  const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  variable.assign(tensor);
  tensor.dispose();
}
