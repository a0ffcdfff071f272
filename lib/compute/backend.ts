/**
 * The TensorFlow backend: which device and how many threads, and the few of its methods that `compile` builds on.
 * Importing this module loads libtensorflow; set the threads before (`OMP_NUM_THREADS`, `TF_NUM_*_THREADS`).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { bindingPackage, requireFromBinding } from './binding.ts';

const require = createRequire(import.meta.url);

/** Attribute of a TensorFlow op as the binding takes it: `type` is one of the binding's TF_ATTR_ numbers. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** What a tensor's data id stands for in the backend. `values` is set until the data first crosses to TensorFlow. */
interface TensorEntry {
  shape: number[];
  dtype: number;
  id: number;
  refCount: number;
  values: Float32Array | Int32Array | Uint8Array | null;
}

/** The parts of tfjs-node's backend that this room uses. Nearly every kernel ends in the two execute methods. */
export interface TensorflowBackend {
  binding: {
    [attribute: `TF_ATTR_${string}`]: number;
    /** Version of libtensorflow, e.g. 2.21.0. */
    TF_Version: string;
    loadSavedModel(folder: string, tags: string): number;
    deleteSavedModel(session: number): void;
    runSavedModel(session: number, inputIds: number[], inputNames: string, outputNames: string): object[];
    createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
    deleteTensor(id: number): void;
  };
  isUsingGpuDevice: boolean;
  tensorMap: { get(dataId: object): TensorEntry; has(dataId: object): boolean };
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: tfTypes.Tensor[]): tfTypes.Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: OpAttribute[],
    inputs: tfTypes.Tensor[],
    outputs: number,
  ): tfTypes.Tensor[];
  getInputTensorIds(tensors: tfTypes.Tensor[]): number[];
  createOutputTensor(metadata: object): tfTypes.Tensor;
  read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array>;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  write(values: unknown, shape: number[], dtype: string): object;
}

/** A kernel leaves out of a cell's output what stands between these two; see lib/kernel/session/quiet.ts. */
const QUIET = ['\u001B_quiet\u001B\\', '\u001B_/quiet\u001B\\'] as const;

/** A socket cannot be opened again, hence not be closed for a while. The kernel's sessions have one: it is told what not to show. */
function quietly<T>(load: () => T): T {
  if (!('cell' in globalThis)) return load();
  writeSync(2, QUIET[0]);
  try {
    return load();
  } finally {
    writeSync(2, QUIET[1]);
  }
}

/** libtensorflow logs two timestamped lines to stderr while loading, whatever its log level; they must not land in notebooks. */
function withoutNativeStderr<T>(load: () => T): T {
  if (process.platform !== 'linux' || process.env.L2_DYNAMICS_TF_LOG) return load();
  let saved: number;
  try {
    saved = openSync('/proc/self/fd/2', 'a'); // 'w' would empty the file that stderr goes to
  } catch {
    return quietly(load); // stderr is a socket or closed
  }
  closeSync(2);
  const silent = openSync('/dev/null', 'w');
  try {
    return load();
  } finally {
    closeSync(silent);
    openSync(`/proc/self/fd/${saved}`, 'a');
    closeSync(saved);
  }
}

process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
require('./node-util.cjs');

function load(): typeof tfTypes {
  try {
    return withoutNativeStderr(() => {
      const loaded = requireFromBinding() as typeof tfTypes;
      loaded.zeros([1]).square().dispose();
      return loaded;
    });
  } catch (cause) {
    throw new Error(
      `${bindingPackage} could not load TensorFlow; it needs Linux x64 and a finished set-up: npm run setup`,
      {
        cause,
      },
    );
  }
}

/** TensorFlow.js on libtensorflow. */
export const tf = load();

/** The one backend of this process. */
export const backend = tf.backend() as unknown as TensorflowBackend;

/** Where the computations of this process run. */
export const device: 'cpu' | 'gpu' = backend.isUsingGpuDevice ? 'gpu' : 'cpu';

/** Version of libtensorflow, e.g. 2.21.0. */
export const tensorflowVersion = backend.binding.TF_Version;
