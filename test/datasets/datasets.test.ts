import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  DatasetError,
  datasetsFolder,
  fetchDataset,
  loadCifar10,
  loadImages,
  loadMnist,
  loadSynthetic,
  mnist,
  normalize,
  pixelStatistics,
  shrinkImages,
} from '../../lib/datasets/index.ts';
import { parseIdx } from '../../lib/datasets/mnist.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

let scratch: string;
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'l2-datasets-'));
});
after(() => rm(scratch, { recursive: true, force: true }));

describe('MNIST', () => {
  test('the four files have the published MD5 sums', async () => {
    await fetchDataset(mnist);
    const sums: Record<string, string> = {};
    for (const { name } of mnist.files) sums[name] = md5(await readFile(join(datasetsFolder(), 'mnist', name)));
    assert.deepEqual(sums, {
      'train-images-idx3-ubyte': '6bbc9ace898e44ae57da46a324031adb',
      'train-labels-idx1-ubyte': 'a25bea736e30d166cdddb491f175f624',
      't10k-images-idx3-ubyte': '2646ac647ad5339dbf082846283269ea',
      't10k-labels-idx1-ubyte': '27ae3e4e09519cfbb04c329615203637',
    });
  });

  test('the first training labels are 5 0 4 1 9 and the first test labels 7 2 1 0 4', async () => {
    const { trainLabels, testLabels, trainImages, checksums } = await loadMnist({ trainSamples: 5, testSamples: 5 });
    assert.deepEqual([...trainLabels], [5, 0, 4, 1, 9]);
    assert.deepEqual([...testLabels], [7, 2, 1, 0, 4]);
    assert.equal(trainImages.length, 5 * 784);
    assert.deepEqual(Object.keys(checksums).sort(), mnist.files.map((file) => file.name).sort());
  });

  test('the whole training set has the known mean 0.1307 and deviation 0.3081', async () => {
    const { trainStatistics } = await loadMnist({ normalization: 'none' });
    near(trainStatistics.mean / 255, 0.1307, 5e-5);
    near(trainStatistics.deviation / 255, 0.3081, 5e-5);
  });

  test('each set is normalised by the statistics of its own selected samples', async () => {
    const { trainImages, testImages, trainStatistics, testStatistics } = await loadMnist({
      trainSamples: 512,
      testSamples: 10_000,
    });
    for (const images of [trainImages, testImages]) {
      let sum = 0;
      let squares = 0;
      for (const value of images) sum += value;
      for (const value of images) squares += value * value;
      near(sum / images.length, 0, 1e-6);
      near(squares / images.length, 1, 1e-6);
    }
    assert.notEqual(trainStatistics.mean, testStatistics.mean);
    const raw = await loadMnist({ trainSamples: 512, testSamples: 10_000, normalization: 'none' });
    assert.ok(raw.trainImages instanceof Uint8Array);
    const { mean, deviation } = trainStatistics;
    for (let i = 0; i < raw.trainImages.length; i += 997) {
      assert.equal(trainImages[i], Math.fround((raw.trainImages[i]! - mean) / deviation));
    }
  });

  test('sample counts that do not exist are refused by name', async () => {
    await assert.rejects(loadMnist({ trainSamples: 60_001 }), /trainSamples: expected a whole number from 1 to 60000/);
    await assert.rejects(loadMnist({ testSamples: 0 }), /testSamples: .* got 0/);
    await assert.rejects(loadMnist({ trainSamples: 1.5 }), /trainSamples: .* got 1.5/);
  });

  test('a damaged file is an error naming the file, both sums and the command, and is not replaced', async () => {
    const folder = join(scratch, 'damaged');
    await cp(join(datasetsFolder(), 'mnist'), join(folder, 'mnist'), { recursive: true });
    const path = join(folder, 'mnist', 't10k-labels-idx1-ubyte');
    const bytes = await readFile(path);
    bytes[100]! ^= 1;
    await writeFile(path, bytes);
    await assert.rejects(loadMnist({ folder }), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.equal(error.file, path);
      assert.match(error.message, /t10k-labels-idx1-ubyte: damaged/);
      assert.match(error.message, /ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2/);
      assert.match(error.message, /npm run data -- mnist/);
      return true;
    });
    assert.deepEqual(await readFile(path), bytes);
  });

  test('a missing file is an error naming the file, the expected sum and the command', async () => {
    const folder = join(scratch, 'missing');
    await assert.rejects(loadMnist({ folder, fetch: false }), (error: Error) => {
      assert.ok(error instanceof DatasetError);
      assert.match(error.message, /train-images-idx3-ubyte: missing/);
      assert.match(error.message, /ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db/);
      assert.match(error.message, /npm run data -- mnist/);
      return true;
    });
  });

  test('a fetch that fails says what npm said and leaves no half file', async () => {
    const folder = join(scratch, 'offline');
    const broken = { ...mnist, source: { ...mnist.source, integrity: 'sha512-AAAA' } };
    await assert.rejects(
      fetchDataset(broken, { folder }),
      /could not be fetched: .*integrity is .* expected sha512-AAAA/,
    );
    assert.deepEqual(await readdir(join(folder, 'mnist')), []);
    assert.deepEqual(await readdir(folder), ['mnist']);
  });

  test('an unwritable folder is an error naming the file', async (t) => {
    if (process.getuid?.() === 0) {
      // Root may write anywhere, so the folder's place is taken by a file instead.
      const folder = join(scratch, 'taken');
      await writeFile(folder, '');
      await assert.rejects(
        fetchDataset(mnist, { folder }),
        /train-images-idx3-ubyte: missing and could not be fetched/,
      );
      return;
    }
    const folder = join(scratch, 'read-only');
    await mkdir(folder);
    await chmod(folder, 0o500);
    t.after(() => chmod(folder, 0o700));
    await assert.rejects(fetchDataset(mnist, { folder }), /could not be fetched: EACCES/);
  });

  test('four processes that fetch at once all find the verified set', async () => {
    const folder = join(scratch, 'together');
    const main = join(import.meta.dirname, '..', '..', 'lib', 'datasets', 'main.ts');
    const fetches = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, [main, 'mnist', '--folder', folder]),
    );
    for (const { stdout } of await Promise.all(fetches)) assert.match(stdout, /mnist: 4 files verified/);
    assert.deepEqual(await readdir(folder), ['mnist']);
    assert.equal((await readdir(join(folder, 'mnist'))).length, 4);
  });

  test('an IDX file cut short is refused', () => {
    const header = Buffer.from([0, 0, 8, 1, 0, 0, 0, 5, 1, 2, 3]);
    assert.throws(() => parseIdx(header), /header promises 13/);
    assert.throws(() => parseIdx(Buffer.from('PK\x03\x04')), /not an IDX file/);
  });
});

describe('CIFAR-10', () => {
  test('the whole set is kept as uint8 and has the known channel means and class counts', async () => {
    const { trainImages, trainLabels, testLabels, shape } = await loadCifar10();
    assert.ok(trainImages instanceof Uint8Array);
    assert.deepEqual(shape, [32, 32, 3]);
    assert.equal(trainImages.length, 50_000 * 3072);
    const sums = [0, 0, 0];
    for (let i = 0; i < trainImages.length; i++) sums[i % 3]! += trainImages[i]!;
    for (const [channel, mean] of [0.4914, 0.48216, 0.44653].entries()) {
      near(sums[channel]! / (50_000 * 1024) / 255, mean, 5e-6);
    }
    for (const [labels, each] of [
      [trainLabels, 5000],
      [testLabels, 1000],
    ] as const) {
      const counts = Array.from({ length: 10 }, () => 0);
      for (const label of labels) counts[label]!++;
      assert.deepEqual(
        counts,
        Array.from({ length: 10 }, () => each),
      );
    }
    // frog, truck, truck, deer, automobile
    assert.deepEqual([...trainLabels.subarray(0, 5)], [6, 9, 9, 4, 1]);
  });

  test('a selection across files is the beginning of the whole set', async () => {
    const some = await loadCifar10({ trainSamples: 10_003, testSamples: 2 });
    const all = await loadCifar10();
    assert.deepEqual(some.trainImages, all.trainImages.slice(0, 10_003 * 3072));
    assert.deepEqual(some.trainLabels, all.trainLabels.slice(0, 10_003));
    assert.deepEqual(some.testLabels, all.testLabels.slice(0, 2));
    await assert.rejects(
      loadCifar10({ trainSamples: 50_001 }),
      /trainSamples: expected a whole number from 1 to 50000/,
    );
  });

  test('normalisation uses one mean and deviation over pixels and channels', async () => {
    const options = { trainSamples: 256, testSamples: 64 };
    const raw = await loadCifar10(options);
    const floats = await loadCifar10({ ...options, normalization: 'per-set' });
    assert.deepEqual(floats.trainStatistics, pixelStatistics(raw.trainImages));
    assert.deepEqual(floats.testImages, normalize(raw.testImages, raw.testStatistics));
  });
});

describe('by configuration', () => {
  test('shrink averages blocks of each channel of each image, halves up', () => {
    // Two images of 2 x 4 pixels with 2 channels; channel 1 is channel 0 plus 100.
    const values = [0, 1, 10, 10, 0, 1, 10, 12, 4, 4, 0, 0, 4, 6, 0, 1];
    const pixels = Uint8Array.from(values.flatMap((value) => [value, value + 100]));
    assert.deepEqual([...shrinkImages(pixels, [2, 4, 2], 2)], [1, 101, 11, 111, 5, 105, 0, 100]);
    assert.throws(() => shrinkImages(pixels, [2, 4, 2], 3), /shrink: expected a whole number that divides 2 x 4/);
  });

  test('shrunk images are normalised by their own statistics', async () => {
    const data = { name: 'cifar10', trainSamples: 64, testSamples: 64, subset: 'first', shrink: 2 } as const;
    const raw = await loadImages({ ...data, normalization: 'none' });
    assert.deepEqual(raw.shape, [16, 16, 3]);
    assert.equal(raw.trainImages.length, 64 * 16 * 16 * 3);
    const floats = await loadImages({ ...data, normalization: 'per-set' });
    assert.deepEqual(floats.trainImages, normalize(raw.trainImages as Uint8Array, raw.trainStatistics));
  });

  test('loadImages gives what the data setting of a run names', async () => {
    const common = { trainSamples: 20, testSamples: 10, subset: 'first', normalization: 'per-set' } as const;
    assert.equal((await loadImages({ name: 'mnist', ...common })).trainImages.length, 20 * 784);
    assert.equal((await loadImages({ name: 'synthetic', ...common })).trainLabels.length, 20);
    await assert.rejects(loadImages({ name: 'imagenet', ...common }), /data set "imagenet": expected/);
  });

  test('synthetic images are the same every time, and differ between training and test set', () => {
    const options = { trainSamples: 30, testSamples: 30, normalization: 'none' } as const;
    const first = loadSynthetic(options);
    assert.deepEqual(loadSynthetic(options), first);
    assert.notDeepEqual(first.trainImages, first.testImages);
    assert.equal(
      createHash('sha256')
        .update(first.trainImages as Uint8Array)
        .digest('hex').length,
      64,
    );
  });
});
