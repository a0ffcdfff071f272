import assert from 'node:assert/strict';
import test from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { compile, counterInput, tf } from '../../lib/compute/index.ts';
import type { ImageSets } from '../../lib/datasets/index.ts';
import { batchAt, drawsOf, mixup, partOf } from '../../lib/training/augment.ts';
import { batchPlan, shuffled } from '../../lib/training/batches.ts';
import { imagesAt, residentImages } from '../../lib/training/images.ts';
import { meanError, meanLoss } from '../../lib/training/index.ts';

const numbers = (tensor: Tensor): number[] => [...tensor.dataSync()];
const ints = (values: number[]) => tf.tensor1d(values, 'int32');

/** Chi-squared statistic of counts against equal expectation. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Draws of steps 0 ... steps - 1 through the COMPILED graph. */
function compiledDraws(n: number, steps: number, seed = 5) {
  const program = compile({
    variables: [],
    functions: {
      draw: {
        inputs: [counterInput],
        run(step) {
          const { flip, corner, weight } = drawsOf({ flip: true, crop: 4, mixup: true }, { seed, step: step, n });
          return [tf.cast(flip as Tensor, 'int32'), corner as Tensor, weight as Tensor];
        },
      },
    },
  });
  const all = { flip: [] as number[], corner: [] as number[], weight: [] as number[] };
  for (let step = 0; step < steps; step++) {
    const counter = tf.scalar(step, 'int32');
    const [flip, corner, weight] = program.call('draw', counter) as [Tensor, Tensor, Tensor];
    all.flip.push(...numbers(flip));
    all.corner.push(...numbers(corner));
    all.weight.push(...numbers(weight));
    tf.dispose([flip, corner, weight, counter]);
  }
  program.dispose();
  return all;
}
const N = 1024;
const STEPS = 40;
const drawn = compiledDraws(N, STEPS);

test('half of the images are flipped', () => {
  const share = drawn.flip.reduce((a, b) => a + b, 0) / drawn.flip.length;
  assert.ok(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / drawn.flip.length), `${share}`);
});

test('crop offsets are uniform in 0 ... 7, rows and columns independent', () => {
  const counts = Array.from({ length: 64 }, () => 0);
  for (let i = 0; i < drawn.corner.length; i += 2) {
    counts[8 * (drawn.corner[i] as number) + (drawn.corner[i + 1] as number)]!++;
  }
  assert.equal(
    counts.reduce((a, b) => a + b, 0),
    N * STEPS,
    'none outside',
  );
  const statistic = chiSquared(counts); // 63 degrees of freedom: mean 63, deviation 11.2
  assert.ok(statistic > 25 && statistic < 115, `chi-squared ${statistic}`);
});

test('mixup weights are uniform in [0, 1): Beta(1, 1)', () => {
  const counts = Array.from({ length: 50 }, () => 0);
  for (const weight of drawn.weight) counts[Math.floor(weight * 50)]!++;
  const statistic = chiSquared(counts); // 49 degrees of freedom
  assert.ok(statistic > 17 && statistic < 95, `chi-squared ${statistic}`);
  assert.ok(new Set(drawn.weight.slice(0, N)).size > N - 5, 'one weight a sample, not one a batch');
});

test('flips, corners and weights are independent of each other', () => {
  const correlation = (a: number[], b: number[]) => {
    const mean = (values: number[]) => values.reduce((x, y) => x + y, 0) / values.length;
    const [ma, mb] = [mean(a), mean(b)];
    const covariance = mean(a.map((x, i) => (x - ma) * ((b[i] as number) - mb)));
    return covariance / Math.sqrt(mean(a.map((x) => (x - ma) ** 2)) * mean(b.map((x) => (x - mb) ** 2)));
  };
  const row = drawn.corner.filter((_, i) => i % 2 === 0);
  for (const [a, b] of [
    [drawn.flip, row],
    [drawn.flip, drawn.weight],
    [row, drawn.weight],
  ] as const) {
    assert.ok(Math.abs(correlation(a, b)) < 4 / Math.sqrt(N * STEPS));
  }
});

test('draws follow from (seed, step): repeated exactly, others at another step or seed', () => {
  const again = compiledDraws(N, 2);
  assert.deepEqual(again.weight, drawn.weight.slice(0, 2 * N));
  assert.deepEqual(again.corner, drawn.corner.slice(0, 4 * N));
  assert.notDeepEqual(drawn.weight.slice(0, N), drawn.weight.slice(N, 2 * N));
  assert.notDeepEqual(compiledDraws(N, 1, 6).weight, drawn.weight.slice(0, N));
});

/** 6 made-up images of 8x8 pixels, 3 channels; every value tells its image, row, column and channel. */
function images(normalize: boolean) {
  const pixels = Uint8Array.from({ length: 6 * 8 * 8 * 3 }, (_, i) => (i * 7) % 251);
  const labels = Int32Array.from([0, 1, 2, 0, 1, 2]);
  const statistics = { mean: 100, deviation: 50 };
  const sets: ImageSets<Uint8Array> = {
    name: 'made-up',
    shape: [8, 8, 3],
    classes: 3,
    trainImages: pixels,
    trainLabels: labels,
    testImages: pixels,
    testLabels: labels,
    trainStatistics: statistics,
    testStatistics: { mean: 50, deviation: 25 },
    checksums: {},
  };
  const value = (image: number, row: number, column: number, channel: number) =>
    pixels[((image * 8 + row) * 8 + column) * 3 + channel] as number;
  return { ...residentImages(sets, normalize), value };
}

test('a batch is the images at its indices, minus the mean and over the deviation of its own set', () => {
  const { train, test, value } = images(true);
  const [ofTrain, ofTest] = [train, test].map((set) => imagesAt(set, ints([4, 1])));
  assert.deepEqual(ofTrain?.shape, [2, 8, 8, 3]);
  numbers(ofTrain).forEach((have, i) => {
    const at = [i < 192 ? 4 : 1, Math.floor((i % 192) / 24), Math.floor((i % 24) / 3), i % 3] as const;
    assert.ok(Math.abs(have - (value(...at) - 100) / 50) < 1e-6);
    assert.ok(Math.abs((numbers(ofTest as Tensor)[i] as number) - (value(...at) - 50) / 25) < 1e-5);
  });
});

test('flip first, then crop from padding that is zero AFTER normalisation', () => {
  const { train, value } = images(true);
  const corners = [
    [0, 0],
    [7, 7],
    [4, 4],
    [2, 5],
  ];
  const flips = [true, false, true, false];
  const batch = imagesAt(train, ints([0, 3, 5, 2]), {
    flip: tf.tensor1d(flips, 'bool'),
    corner: tf.tensor2d(corners, [4, 2], 'int32'),
    padding: 4,
  });
  const have = numbers(batch);
  let zeros = 0;
  for (let i = 0; i < 4; i++) {
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 8; column++) {
        for (let channel = 0; channel < 3; channel++) {
          const [y, x] = [row + (corners[i]?.[0] as number) - 4, column + (corners[i]?.[1] as number) - 4];
          const inside = y >= 0 && y < 8 && x >= 0 && x < 8;
          if (!inside) zeros++;
          const image = [0, 3, 5, 2][i] as number;
          const want = inside ? (value(image, y, flips[i] ? 7 - x : x, channel) - 100) / 50 : 0;
          assert.ok(Math.abs((have[((i * 8 + row) * 8 + column) * 3 + channel] as number) - want) < 1e-6);
        }
      }
    }
  }
  assert.ok(zeros > 100, 'some of it is padding');
});

test('mixup pairs sample i with sample m - 1 - i of its own group, a weight each, labels likewise', () => {
  const x = tf.tensor2d([1, 10, 100, 1000, 2, 20, 200, 2000], [8, 1]);
  const targets = tf.oneHot(ints([0, 1, 2, 0, 1, 2, 0, 1]), 3, 1, 0, 'float32');
  const weight = tf.tensor1d([1, 0, 0.5, 0.25, 0.75, 0.5, 1, 0]);
  const mixed = mixup(x, targets, weight, 4);
  assert.deepEqual(numbers(mixed.x), [
    1,
    100,
    0.5 * 100 + 0.5 * 10,
    0.25 * 1000 + 0.75 * 1,
    0.75 * 2 + 0.25 * 2000,
    0.5 * 20 + 0.5 * 200,
    200,
    2,
  ]);
  const labels = numbers(mixed.targets);
  assert.deepEqual(labels.slice(0, 3), [1, 0, 0]);
  assert.deepEqual(labels.slice(6, 9), [0, 0.5, 0.5]);
  assert.deepEqual(labels.slice(9, 12), [1, 0, 0], 'both of label 0');
});

test('loss and error of mixed samples: cross-entropy with the mixed label, right where both argmax agree', () => {
  const logits = tf.tensor2d([0, 1, 0, 2, 0, 0], [2, 3]);
  const targets = tf.tensor2d([0.3, 0.7, 0, 0.4, 0, 0.6], [2, 3]);
  const z = [Math.log(2 + Math.E), Math.log(2 + Math.E ** 2)] as const;
  const byHand = -(0.3 * -z[0] + 0.7 * (1 - z[0]) + 0.4 * (2 - z[1]) + 0.6 * -z[1]);
  const [loss, scaled, error] = [
    meanLoss('cross-entropy', logits, targets),
    meanLoss('cross-entropy/k', logits, targets),
    meanError(logits, targets),
  ].map((scalar) => numbers(scalar)[0] as number);
  assert.ok(Math.abs((loss as number) - byHand / 2) < 1e-6);
  assert.ok(Math.abs((scaled as number) - byHand / 6) < 1e-6);
  assert.equal(error, 0.5);
  const mse = numbers(meanLoss('mse', logits, targets))[0] as number;
  assert.ok(Math.abs(mse - (0.09 + 0.09 + 2.56 + 0.36) / 12) < 1e-6);
});

test('the parts of a batch have the draws that the whole batch has', () => {
  const draws = drawsOf({ flip: true, crop: 2, mixup: true }, { seed: 1, step: tf.scalar(3, 'int32'), n: 12 });
  const parts = [0, 1, 2].map((micro) => partOf(draws, tf.scalar(micro, 'int32'), 3));
  for (const name of ['flip', 'corner', 'weight'] as const) {
    assert.deepEqual(
      parts.flatMap((part) => numbers(part[name] as Tensor)),
      numbers(draws[name] as Tensor),
    );
  }
});

test('without augmentation a batch has plain labels', () => {
  const { train } = images(false);
  const { x, y } = batchAt(train, ints([5, 0]), {}, { augmentation: {}, group: 2, classes: 3 });
  assert.deepEqual([x.dtype, y.dtype, numbers(y)], ['float32', 'int32', [2, 0]]);
});

const data = { name: 'cifar10', testSamples: 10, subset: 'first', normalization: 'per-set' } as const;

test('plain shuffling: every image once a pass, another order each pass, the same for the same seed', () => {
  const config = { batchSize: 10, seed: 4, data: { ...data, trainSamples: 100 } };
  const plan = batchPlan(config);
  assert.equal(plan.batchesPerEpoch, 10);
  for (const epoch of [0, 1, 7]) {
    assert.deepEqual(
      [...plan.order(epoch)].sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i),
    );
  }
  assert.notDeepEqual(plan.order(0), plan.order(1));
  assert.deepEqual(batchPlan(config).order(1), plan.order(1));
  assert.notDeepEqual(batchPlan({ ...config, seed: 5 }).order(1), plan.order(1));
});

test('sharded shuffling: 8 shards of 6,250, 48 batches of 8 x 128 a pass, 106 of each shard dropped', () => {
  const plan = batchPlan({
    batchSize: 1024,
    seed: 1,
    data: { ...data, trainSamples: 50_000 },
    shuffle: { kind: 'sharded', shards: 8 },
  });
  assert.equal(plan.batchesPerEpoch, 48);
  const order = plan.order(3);
  assert.equal(order.length, 48 * 1024);
  assert.equal(new Set(order).size, 48 * 1024, 'no image twice');
  order.forEach((sample, i) => {
    const shard = Math.floor((i % 1024) / 128);
    assert.equal(Math.floor(sample / 6250), shard, 'each shard gives its own 128, in its place');
  });
  const dropped = (epoch: number) => {
    const seen = new Set(plan.order(epoch));
    return Array.from({ length: 50_000 }, (_, i) => i).filter((i) => !seen.has(i));
  };
  const [first, second] = [dropped(0), dropped(1)];
  assert.equal(first.filter((i) => i < 6250).length, 106);
  assert.notDeepEqual(first, second, 'others each pass');
});

test('a shuffle puts every sample at every place equally often', () => {
  const n = 8;
  const counts = Array.from({ length: n * n }, () => 0);
  const draws = 4000;
  for (let epoch = 0; epoch < draws; epoch++) {
    shuffled(n, { seed: 9, stream: 0, epoch }).forEach((sample, place) => counts[n * place + sample]!++);
  }
  const statistic = chiSquared(counts); // 49 degrees of freedom
  assert.ok(statistic > 17 && statistic < 95, `chi-squared ${statistic}`);
});

test('batches and shards that do not fit the samples are named errors', () => {
  const plan = (batchSize: number, trainSamples: number, shards = 1) =>
    batchPlan({ batchSize, seed: 0, data: { ...data, trainSamples }, shuffle: { kind: 'sharded', shards } });
  assert.throws(() => plan(200, 100), /a batch of 200 does not fit 100 samples/);
  assert.throws(() => plan(100, 1000, 3), /1000 samples and batches of 100 cannot be cut into 3 equal shards/);
});
