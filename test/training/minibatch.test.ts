import assert from 'node:assert/strict';
import test from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../lib/compute/index.ts';
import { loadSynthetic } from '../../lib/datasets/index.ts';
import { buildModel, initialValues } from '../../lib/models/index.ts';
import type { RunConfig } from '../../lib/runs/index.ts';
import { learningRate, meanLoss, train, type TrainingEvent } from '../../lib/training/index.ts';
import { batchPlan } from '../../lib/training/batches.ts';
import { checkpoints, endOf, eventsOf, measures, timeless, tinyConfig } from './support.ts';

/** Batches of 16 of 64 images. */
const small = (changes: Partial<RunConfig> = {}): RunConfig =>
  tinyConfig({ batchSize: 16, steps: 12, measure: { every: 1 }, lambda: 0.05, eta: 0.1, ...changes });

/** A WRN 10-1 on the made-up images at 28x28, in batches of 16. */
const wrn = (changes: Partial<RunConfig> = {}): RunConfig =>
  small({
    model: { kind: 'wrn', depth: 10, widen: 1, imageChannels: 1 },
    sigmaW: 1,
    steps: 8,
    measure: { every: 4 },
    momentum: 0.9,
    l2Convention: 'full',
    lambda: 0.001,
    ...changes,
  });

/** The same run by eager tfjs, whose gradients have the L2 term in them: the loss before each step. */
function eagerLosses(config: RunConfig): number[] {
  const model = buildModel(config.model);
  const { trainImages, trainLabels } = loadSynthetic({ ...config.data, normalization: 'per-set' });
  const all = tf.tensor(trainImages, [trainLabels.length, ...model.inputShape]);
  const labels = tf.tensor1d(trainLabels, 'int32');
  const parameters = initialValues(model, config).map((values, i) =>
    tf.variable(tf.tensor(values, model.parameters[i]?.shape)),
  );
  const velocities = parameters.map((p) => tf.variable(tf.zerosLike(p)));
  const { momentum, nesterov, eta, steps, batchSize, lambda, l2Convention } = config;
  const plan = batchPlan(config);
  const rate = learningRate(config.schedule, { eta, steps, batchesPerEpoch: plan.batchesPerEpoch });
  const factor = l2Convention === 'full' ? lambda : lambda / 2;
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push(meanLoss(config.loss, model.logits(parameters, all), labels).dataSync()[0] as number);
    const inEpoch = step % plan.batchesPerEpoch;
    const indices = plan
      .order(Math.floor(step / plan.batchesPerEpoch))
      .slice(inEpoch * batchSize, (inEpoch + 1) * batchSize);
    const [x, y] = [tf.gather(all, tf.tensor1d(indices, 'int32')), tf.gather(labels, tf.tensor1d(indices, 'int32'))];
    const { grads } = tf.variableGrads(() => {
      const norm = parameters.reduce((sum: Tensor, p) => sum.add(p.square().sum()), tf.scalar(0));
      return meanLoss(config.loss, model.logits(parameters, x), y).add(norm.mul(factor));
    }, parameters);
    parameters.forEach((p, i) => {
      const g = grads[p.name] as Tensor;
      const v = velocities[i] as Tensor & { assign(value: Tensor): void };
      v.assign(v.mul(momentum).add(g));
      const direction = nesterov ? g.add(v.mul(momentum)) : v;
      p.assign(p.sub(direction.mul(rate.at(step))));
    });
  }
  return losses;
}

const settings: Record<string, Partial<RunConfig>> = {
  SGD: {},
  'SGD with the full L2 convention': { l2Convention: 'full' },
  momentum: { momentum: 0.9, eta: 0.02 },
  'momentum with the full L2 convention': { momentum: 0.9, eta: 0.02, l2Convention: 'full' },
  Nesterov: { momentum: 0.9, nesterov: true, eta: 0.02 },
  'momentum with a schedule': {
    momentum: 0.9,
    eta: 0.05,
    schedule: { kind: 'epochs', fraction: 0.34, drops: 2, factor: 0.2 },
  },
  'SGD with warm-up': { schedule: { kind: 'warmup', warmupEpochs: 1, drops: [2], of: 3, factor: 0.1 } },
  'full batch with momentum': { momentum: 0.9, eta: 0.02, batchSize: 64 },
};

for (const [name, changes] of Object.entries(settings)) {
  test(`${name}: compiled training has the losses of plain tfjs on the same batches`, async () => {
    const config = small(changes);
    const logged = measures(await eventsOf(config)).map(({ trainLoss }) => trainLoss);
    // A full batch has its samples in the given order: the loss is the same.
    eagerLosses(config).forEach((loss, step) =>
      assert.ok(Math.abs((logged[step] as number) / loss - 1) < 5e-6, `step ${step}: ${logged[step]} for ${loss}`),
    );
  });
}

test('measurements log the eta in force, and epochs of samples', async () => {
  const config = small({ schedule: { kind: 'steps', fractions: [0.5], factor: 0.1 } });
  const logged = measures(await eventsOf(config));
  assert.deepEqual(
    logged.map(({ eta }) => eta),
    [...Array.from({ length: 6 }, () => 0.1), ...Array.from({ length: 7 }, () => 0.1 * 0.1)],
  );
  assert.equal(logged.at(-1)?.epoch, 3);
});

test('L2 without batch-norm variables: they are neither decayed nor counted in the norm', async () => {
  const settings = {
    momentum: 0,
    steps: 1,
    measure: { every: 1 },
    eta: 1e-3,
    lambda: 50,
    l2Convention: 'half',
  } as const;
  const [all] = measures(await eventsOf(wrn(settings)));
  const [without, after] = measures(await eventsOf(wrn({ ...settings, l2BatchNorm: false })));
  const model = buildModel(wrn().model);
  const scales = model.parameters.filter((p) => p.kind === 'scale').reduce((sum, p) => sum + (p.shape[0] as number), 0);
  assert.ok(Math.abs((all?.l2Norm as number) - (without?.l2Norm as number) - scales) < 1e-2, 'scales start at 1');
  assert.ok(Math.abs((after?.l2Norm as number) / (without?.l2Norm as number) / 0.95 ** 2 - 1) < 1e-2);
});

test('accumulated in parts, a batch gives the update of the whole: batch norm groups, augmentation and mixup kept', async () => {
  const settings = {
    batchNormGroup: 4,
    augmentation: { flip: true, crop: 2, mixup: true },
    measureTraining: 'next-batch',
    steps: 6,
    measure: { every: 1 },
    eta: 0.02,
  } as const;
  const whole = measures(await eventsOf(wrn(settings)));
  for (const accumulate of [2, 4]) {
    const parts = measures(await eventsOf(wrn({ ...settings, accumulate })));
    parts.forEach(({ trainLoss, trainError, l2Norm }, i) => {
      const wanted = whole[i];
      assert.ok(Math.abs(trainLoss / (wanted?.trainLoss as number) - 1) < 1e-4, `${accumulate} parts, step ${i}`);
      assert.ok(Math.abs(trainError - (wanted?.trainError as number)) < 1e-6 || i > 3);
      assert.ok(Math.abs(l2Norm / (wanted?.l2Norm as number) - 1) < 1e-5);
    });
  }
  assert.notEqual(whole[1]?.trainLoss, whole[0]?.trainLoss);
});

test('evaluation in groups: batch norm takes the statistics of each group, networks without it do not care', async () => {
  const once = { steps: 1, measure: { every: 1 } } as const;
  const [together] = measures(await eventsOf(small(once)));
  const [grouped] = measures(await eventsOf(small({ ...once, evaluationGroup: 8 })));
  assert.ok(Math.abs((together?.testLoss as number) / (grouped?.testLoss as number) - 1) < 1e-6);
  const [whole] = measures(await eventsOf(wrn(once)));
  const [eights] = measures(await eventsOf(wrn({ ...once, evaluationGroup: 8 })));
  assert.ok(Math.abs((whole?.testLoss as number) / (eights?.testLoss as number) - 1) > 1e-4);
});

test('the training loss of the next batch is that of the batch about to be taken, with its augmentation', async () => {
  // At eta = 0 every measurement is of the initial network: only the batch moves.
  const settings = { eta: 0, momentum: 0, steps: 8, measure: { every: 1 }, measureTraining: 'next-batch' } as const;
  const plain = measures(await eventsOf(small(settings)));
  assert.equal(new Set(plain.map(({ trainLoss }) => trainLoss)).size, 9, 'another batch at every step');
  const sum = (from: number) => plain.slice(from, from + 4).reduce((total, { trainLoss }) => total + trainLoss, 0);
  assert.ok(Math.abs(sum(0) / sum(4) - 1) < 1e-5, 'four batches are the set, in each of two passes');
  const moved = measures(await eventsOf(small({ ...settings, augmentation: { mixup: true } })));
  assert.notEqual(moved[0]?.trainLoss, plain[0]?.trainLoss);
  assert.equal(moved[0]?.testLoss, plain[0]?.testLoss, 'the test set is never augmented');
});

test('with AutoL2 lambda decays inside the run, is logged as an event, and the next updates use it', async () => {
  // eta = 0.001 and lambda = 1: the loss hardly moves and its noise is enough to decay.
  const config = small({
    autoL2: { reading: 'code', every: 5, factor: 10, refractory: 0.1 },
    lambda: 0.1,
    eta: 0.01,
    steps: 60,
    measure: { every: 60 },
    measureTraining: 'next-batch',
  });
  const events = await eventsOf(config);
  const decays = events.filter((event) => event.kind === 'l2-decay');
  assert.ok(decays.length >= 1, 'it decays');
  const logged = measures(events);
  const steps = (kind: TrainingEvent['kind']) =>
    events.flatMap((event) => (event.kind === kind && 'step' in event ? [event.step] : []));
  assert.deepEqual(steps('measure'), [0, 60], 'the test set is measured on schedule alone');
  assert.deepEqual(
    steps('observe'),
    Array.from({ length: 11 }, (_, i) => 5 * (i + 1)),
  );
  for (const { step } of decays) assert.equal(step % 5, 0);
  assert.equal(logged.at(-1)?.lambda, decays.at(-1)?.lambda);
});

test('what AutoL2 looks at between measurements is what a measurement there would show', async () => {
  const settings = {
    autoL2: { reading: 'code', every: 5, factor: 10, refractory: 0.1 },
    lambda: 0.1,
    eta: 0.01,
    steps: 20,
  } as const;
  for (const measureTraining of ['set', 'next-batch'] as const) {
    const looks = (await eventsOf(small({ ...settings, measureTraining, measure: { every: 20 } }))).flatMap((event) =>
      event.kind === 'observe' ? [{ step: event.step, ...event.values }] : [],
    );
    const whole = measures(await eventsOf(small({ ...settings, measureTraining, measure: { every: 5 } })))
      .slice(1, -1)
      .map(({ step, trainLoss, trainError }) => ({ step, trainLoss, trainError }));
    assert.deepEqual(looks, whole);
  }
});

async function stoppedAt(config: RunConfig, step: number): Promise<TrainingEvent[]> {
  const stop = new AbortController();
  const events: TrainingEvent[] = [];
  for await (const event of train(config, { signal: stop.signal })) {
    events.push(event);
    if ((event.kind === 'progress' || event.kind === 'measure') && event.step >= step) stop.abort();
  }
  return events;
}

test('stopped anywhere and resumed, with momentum, augmentation and AutoL2, the run goes on to the bit', async () => {
  const config = wrn({
    autoL2: { reading: 'code', every: 2, factor: 10, refractory: 0.1 },
    lambda: 0.1,
    steps: 16,
    measure: { every: 4 },
    batchNormGroup: 8,
    augmentation: { flip: true, crop: 2, mixup: true },
    measureTraining: 'next-batch',
    shuffle: { kind: 'sharded', shards: 2 },
  });
  const events = await eventsOf(config);
  const whole = timeless(measures(events));
  const decays = events.filter((event) => event.kind === 'l2-decay');
  assert.ok(decays.length >= 1, 'the run decays');
  for (const step of [1, 6, 8, 11]) {
    const before = await stoppedAt(config, step);
    assert.equal(endOf(before).reason, 'stopped');
    const [saved] = checkpoints(before);
    // Through JSON, as a checkpoint file keeps it.
    const autoL2 = JSON.parse(JSON.stringify(saved?.state.autoL2)) as NonNullable<typeof saved>['state']['autoL2'];
    const after = await eventsOf(config, { from: { ...saved!.state, ...(autoL2 && { autoL2 }) } });
    const joined = new Map([...measures(before), ...measures(after)].map((measure) => [measure.step, measure]));
    assert.deepEqual(timeless([...joined.values()]), whole, `stopped at step ${saved?.state.step}`);
    const again = [...before, ...after].filter((event) => event.kind === 'l2-decay');
    assert.deepEqual(new Set(again.map(({ step }) => step)), new Set(decays.map(({ step }) => step)));
  }
});

test('weightSeed keeps the initial weights where the seed moves batches', async () => {
  const once = { steps: 4, measure: { every: 4 } } as const;
  const runs = await Promise.all(
    [{ seed: 0 }, { seed: 1, weightSeed: 0 }, { seed: 1 }].map(async (seeds) =>
      measures(await eventsOf(small({ ...once, ...seeds }))),
    ),
  );
  const [first, second, third] = runs as [(typeof runs)[0], (typeof runs)[0], (typeof runs)[0]];
  assert.equal(first[0]?.testLoss, second[0]?.testLoss);
  assert.notEqual(first[1]?.testLoss, second[1]?.testLoss);
  assert.notEqual(first[0]?.testLoss, third[0]?.testLoss);
});

test('sizes that do not divide, and networks that do not fit the images, are errors that name both', async () => {
  const fails = (changes: Partial<RunConfig>, message: RegExp) => assert.rejects(eventsOf(wrn(changes)), message);
  await fails({ batchNormGroup: 5 }, /batchNormGroup 5 must divide the 16 samples of a batch/);
  await fails({ accumulate: 3, batchNormGroup: 4 }, /accumulate 3 must divide the 16 samples of a batch/);
  await fails({ accumulate: 2 }, /accumulate needs batchNormGroup here/);
  await fails({ evaluationGroup: 7 }, /evaluationGroup 7 must divide the 32 test samples/);
  await fails({ momentum: 1 }, /momentum must be in \[0, 1\), got 1/);
  await fails({ momentum: 0, nesterov: true }, /nesterov needs a momentum above 0/);
  await fails(
    { model: { kind: 'wrn', depth: 10, widen: 1 } },
    /wrn network takes 2352 values a sample, synthetic has 784/,
  );
});

test('minibatch training leaves no tensor behind', async () => {
  const config = wrn({
    steps: 2,
    accumulate: 2,
    batchNormGroup: 4,
    augmentation: { flip: true, crop: 2, mixup: true },
  });
  await eventsOf(config);
  const before = tf.memory().numTensors;
  await eventsOf(config);
  assert.equal(tf.memory().numTensors, before);
});
