/** What a function is traced with when it is not to compute: variables, data and inputs that have shapes and no values. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { emptyTensor } from './values.ts';

type Tensor = tfTypes.Tensor;

const engine = tf.engine() as unknown as {
  disposeTensor(tensor: Tensor): void;
  incRef(tensor: Tensor, backend: unknown): void;
};
const entryOf = (dataId: object) => backend.tensorMap.get(dataId);
/** Its maker disposes it. */
export const tensorWithoutValues = (dtype: number, shape: number[]): Tensor =>
  tf.tidy(() => tf.keep(emptyTensor({ dtype, shape }, backend.createOutputTensor)));

/** A variable's own data id is out of the way; assigning it does not touch its value. */
export class VariableStandIns {
  readonly #standIns = new Map<tfTypes.Variable, Tensor>();

  /** `use` may read and assign the variables as it likes: afterwards they are what they were. */
  during<T>(variables: readonly tfTypes.Variable[], use: () => T): T {
    const live = variables.filter((variable) => !variable.isDisposed);
    const own = live.map((variable) => variable.dataId);
    for (const variable of live) {
      const { dataId } = this.#standInOf(variable);
      entryOf(dataId).refCount++;
      variable.dataId = dataId;
    }
    try {
      return use();
    } finally {
      live.forEach((variable, i) => {
        const saved = own[i] as object;
        const { dataId } = this.#standInOf(variable);
        if (variable.dataId === dataId) {
          entryOf(dataId).refCount--;
          variable.dataId = saved;
          return;
        }
        engine.disposeTensor(variable);
        variable.dataId = saved;
        engine.incRef(variable, backend); // counts it as one tensor again, and once too often as a user of its data
        entryOf(saved).refCount--;
      });
    }
  }

  #standInOf(variable: tfTypes.Variable): Tensor {
    const known = this.#standIns.get(variable);
    if (known) return known;
    const made = tensorWithoutValues(backend.tensorMap.get(variable.dataId).dtype, variable.shape);
    this.#standIns.set(variable, made);
    return made;
  }

  dispose(): void {
    tf.dispose([...this.#standIns.values()]);
    this.#standIns.clear();
  }
}

/** Tensors that their owner disposed are there again, without values, while `use` runs. */
export function revived<T>(tensors: readonly { tensor: Tensor; dtype: number; shape: number[] }[], use: () => T): T {
  const dead = tensors
    .filter(({ tensor }) => tensor.isDisposed)
    .map(({ tensor, dtype, shape }) => ({
      tensor: tensor as unknown as { dataId: object; isDisposedInternal: boolean },
      empty: tensorWithoutValues(dtype, shape),
    }));
  for (const { tensor, empty } of dead) {
    tensor.dataId = empty.dataId;
    tensor.isDisposedInternal = false;
  }
  try {
    return use();
  } finally {
    for (const { tensor, empty } of dead) {
      tensor.isDisposedInternal = true;
      empty.dispose();
    }
  }
}
