/** The callbacks of `fit`: tfjs's own, with the model's current weights where one looks. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import type { Host } from './host.ts';

type Callback = InstanceType<typeof tf.CustomCallback>;

const BATCH_HOOKS = ['onBatchBegin', 'onBatchEnd'] as const;

/** What a `tf.CustomCallback` keeps of its arguments. */
interface Custom {
  batchBegin?: unknown;
  batchEnd?: unknown;
  yield?: unknown;
}

/** tfjs's class of all callbacks, which it does not export. */
const base = Object.getPrototypeOf(tf.CustomCallback.prototype) as Callback;

function looksAtBatches(callback: Callback): boolean {
  if (callback instanceof tf.CustomCallback) {
    const { batchBegin, batchEnd, yield: onYield } = callback as unknown as Custom;
    return Boolean(batchBegin ?? batchEnd ?? onYield);
  }
  return BATCH_HOOKS.some((hook) => callback[hook] !== base[hook]);
}

/** Every callback as an object, after one that brings the weights back before others may look, and ends the training when asked to. */
export function standardCallbacks(
  { callbacks, yieldEvery }: Pick<tfTypes.ModelFitArgs, 'callbacks' | 'yieldEvery'>,
  { sync, signal, host }: { sync: () => void; signal: AbortSignal | undefined; host: Host },
): Callback[] {
  const given = (Array.isArray(callbacks) ? callbacks : callbacks ? [callbacks] : []) as (
    Callback | tfTypes.CustomCallbackArgs
  )[];
  const isObject = (callback: object): callback is Callback => base.isPrototypeOf(callback);
  const own = given.map((callback) =>
    isObject(callback) ? callback : new tf.CustomCallback(callback, yieldEvery ?? 'auto'),
  );
  // tfjs yields to the event loop in its custom callbacks alone; a training that never does cannot be stopped.
  if (given.every(isObject)) own.push(new tf.CustomCallback({}, yieldEvery ?? 'auto'));
  const eachBatch = own.some(looksAtBatches);
  const bring = async () => sync();
  const first = new tf.CustomCallback(
    {
      onTrainBegin: bring,
      onEpochBegin: bring,
      onEpochEnd: bring,
      onTrainEnd: bring,
      ...(eachBatch && { onBatchBegin: bring, onBatchEnd: bring }),
    },
    'never',
  );
  const watch = async () => {
    if (signal?.aborted) host.stopTraining_ = true;
  };
  const last = new tf.CustomCallback({ onBatchEnd: watch, onEpochEnd: watch }, 'never');
  return signal ? [first, ...own, last] : [first, ...own];
}
