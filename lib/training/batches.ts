/** Which samples make up each minibatch: a function of (seed, epoch) alone, the same on every machine and after a resume. */
import { philox } from '../random/index.ts';
import type { RunConfig, Shuffle } from '../runs/index.ts';

/** Keeps the order of batches apart from initial weights, which have key [seed, 0]. */
const BATCH_KEY = 1;

/** A permutation of 0 ... n - 1 (Fisher and Yates' shuffle) from the generator's draws for (seed, stream, epoch). */
export function shuffled(
  n: number,
  { seed, stream, epoch }: { seed: number; stream: number; epoch: number },
): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  let words: Uint32Array = new Uint32Array(4);
  for (let i = n - 1, draw = 0; i > 0; i--, draw++) {
    if (draw % 4 === 0) words = philox([draw / 4, epoch, stream, 0], [seed, BATCH_KEY]);
    const j = Math.floor(((words[draw % 4] as number) / 0x1_0000_0000) * (i + 1));
    const swap = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swap;
  }
  return order;
}

/** How a run goes through its samples. */
export interface BatchPlan {
  batchesPerEpoch: number;
  /** Indices of the samples of every batch of an epoch, [batchesPerEpoch * batchSize], batch after batch. */
  order(epoch: number): Int32Array;
}

/**
 * Plain: a new permutation of all samples each epoch. Sharded, as the authors' code has it on 8 devices: each shard holds a
 * fixed, contiguous part of the samples, shuffles it by itself and gives `batchSize / shards` samples to each batch, shard
 * after shard. Samples left over at the end of a pass are dropped (of 6,250 a shard and batches of 128: 106).
 * @throws RangeError where samples or batch cannot be cut into equal shards, or no batch fits
 */
export function batchPlan(config: Pick<RunConfig, 'batchSize' | 'seed' | 'data' | 'shuffle'>): BatchPlan {
  const { batchSize, seed, data } = config;
  const shuffle: Shuffle = config.shuffle ?? { kind: 'plain' };
  const shards = shuffle.kind === 'sharded' ? shuffle.shards : 1;
  const [perShard, share] = [data.trainSamples / shards, batchSize / shards];
  if (![perShard, share].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new RangeError(
      `${data.trainSamples} samples and batches of ${batchSize} cannot be cut into ${shards} equal shards`,
    );
  }
  const batchesPerEpoch = Math.floor(perShard / share);
  if (batchesPerEpoch < 1) throw new RangeError(`a batch of ${batchSize} does not fit ${data.trainSamples} samples`);
  return {
    batchesPerEpoch,
    order(epoch) {
      const indices = new Int32Array(batchesPerEpoch * batchSize);
      for (let shard = 0; shard < shards; shard++) {
        const order = shuffled(perShard, { seed, stream: shard, epoch });
        for (let batch = 0; batch < batchesPerEpoch; batch++) {
          for (let i = 0; i < share; i++) {
            indices[batch * batchSize + shard * share + i] = shard * perShard + (order[batch * share + i] as number);
          }
        }
      }
      return indices;
    },
  };
}
