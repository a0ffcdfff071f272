/**
 * Tensors without values, any use of which throws: stand-ins for variables while a program holds their values, and what a traced
 * function computed.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { CompileError } from './errors.ts';

/** What to say at a use of each. */
const standIns = new WeakMap<object, string>();
let installed = false;

function requireValue(dataId: object): void {
  const message = standIns.get(dataId);
  if (message !== undefined) throw new CompileError(message);
}

/** From now on any use of the tensor throws. */
export function refuseUse(dataId: object, message: string): void {
  standIns.set(dataId, message);
}

/** Must be called once before `refuseUse` has an effect. */
export function guardStandIns(): void {
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
  guardStandIns();
  const { shape, dtype, name } = variable;
  const dataId = backend.write(new Float32Array(0), shape, dtype);
  refuseUse(
    dataId,
    `variable ${name} is held by a compiled program and has changed since: ` +
      'call program.sync() before using it here, or program.read()',
  );
  const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  variable.assign(tensor);
  tensor.dispose();
}
