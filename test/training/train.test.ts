import assert from 'node:assert/strict';
import test from 'node:test';
import type { Scalar, Tensor } from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../lib/compute/index.ts';
import { loadSynthetic } from '../../lib/datasets/index.ts';
import { buildModel, initialValues } from '../../lib/models/index.ts';
import type { RunConfig } from '../../lib/runs/index.ts';
import { meanLoss, train, type TrainingEvent } from '../../lib/training/index.ts';
import { checkpoints, endOf, eventsOf, measures, timeless, tinyConfig } from './support.ts';

/** The same run without any of lib's step: loss and L2 term differentiated together by tfjs. */
function eagerLosses(config: RunConfig, l2: (norm: Tensor) => Tensor): number[] {
  const model = buildModel(config.model);
  const { trainImages, trainLabels } = loadSynthetic({ ...config.data, normalization: 'per-set' });
  const x = tf.tensor(trainImages, [trainLabels.length, 784]);
  const y = tf.tensor1d(trainLabels, 'int32');
  const parameters = initialValues(model, config).map((values, i) =>
    tf.variable(tf.tensor(values, model.parameters[i]?.shape)),
  );
  const losses: number[] = [];
  for (let step = 0; step <= config.steps; step++) {
    losses.push(meanLoss(config.loss, model.logits(parameters, x), y).dataSync()[0] as number);
    const { grads } = tf.variableGrads(() => {
      const norm = parameters.reduce((sum: Tensor, p) => sum.add(p.square().sum()), tf.scalar(0));
      return meanLoss(config.loss, model.logits(parameters, x), y).add<Scalar>(l2(norm));
    }, parameters);
    for (const p of parameters) p.assign(p.sub(tf.mul(grads[p.name] as Tensor, config.eta)));
  }
  return losses;
}

const everyStep = { measure: { every: 1 }, steps: 12, lambda: 0.05 };

test('half convention: training descends loss + (lambda/2) |theta|^2, as tfjs differentiates it', async () => {
  const config = tinyConfig(everyStep);
  const logged = measures(await eventsOf(config)).map(({ trainLoss }) => trainLoss);
  eagerLosses(config, (norm) => norm.mul(0.05 / 2)).forEach((loss, step) =>
    assert.ok(Math.abs((logged[step] as number) / loss - 1) < 2e-6, `step ${step}: ${logged[step]} for ${loss}`),
  );
});

test('full convention: training descends loss + lambda |theta|^2', async () => {
  const config = tinyConfig({ ...everyStep, l2Convention: 'full' });
  const logged = measures(await eventsOf(config)).map(({ trainLoss }) => trainLoss);
  const eager = eagerLosses(config, (norm) => norm.mul(0.05));
  eager.forEach((loss, step) =>
    assert.ok(Math.abs((logged[step] as number) / loss - 1) < 2e-6, `step ${step}: ${logged[step]} for ${loss}`),
  );
  const half = measures(await eventsOf(tinyConfig(everyStep)));
  assert.ok(Math.abs((half[5]?.trainLoss as number) / (eager[5] as number) - 1) > 1e-4, 'the two conventions differ');
});

test('lambda in the full convention trains as twice that lambda in the half convention, to the bit', async () => {
  const full = measures(await eventsOf(tinyConfig({ l2Convention: 'full', lambda: 0.01 })));
  const half = measures(await eventsOf(tinyConfig({ l2Convention: 'half', lambda: 0.02 })));
  assert.deepEqual(
    full.map(({ trainLoss, l2Norm }) => [trainLoss, l2Norm]),
    half.map(({ trainLoss, l2Norm }) => [trainLoss, l2Norm]),
  );
});

test('with zero gradient the norm decays by (1 - eta lambda)^2 a step', async () => {
  // A huge lambda: the loss gradient is a part in 1000 of the decay.
  const [first, second] = measures(
    await eventsOf(tinyConfig({ eta: 0.001, lambda: 500, steps: 1, measure: { every: 1 } })),
  );
  assert.ok(Math.abs((second?.l2Norm as number) / (first?.l2Norm as number) / 0.25 - 1) < 1e-3);
});

test('events: measurements at the scheduled steps before the update, progress in between, one end', async () => {
  const events = await eventsOf(tinyConfig());
  assert.deepEqual(
    measures(events).map(({ step, epoch, eta, lambda }) => [step, epoch, eta, lambda]),
    [0, 10, 20, 30].map((step) => [step, step, 0.5, 0.01]),
  );
  assert.equal(events.filter(({ kind }) => kind === 'end').length, 1);
  const end = endOf(events);
  assert.deepEqual([end.kind, end.reason, end.step], ['end', 'finished', 30]);
  const progress = events.filter((event) => event.kind === 'progress');
  assert.equal(progress.at(-1)?.step, 30);
  assert.equal(checkpoints(events).length, 0, 'no checkpoint unless asked for');
  const [first, last] = [measures(events)[0], measures(events).at(-1)];
  assert.ok((last?.trainLoss as number) < (first?.trainLoss as number) / 2, 'it learns');
});

test('two runs of one configuration are equal to the bit; another seed is another run', async () => {
  const first = timeless(measures(await eventsOf(tinyConfig())));
  assert.deepEqual(timeless(measures(await eventsOf(tinyConfig()))), first);
  assert.notDeepEqual(timeless(measures(await eventsOf(tinyConfig({ seed: 1 })))), first);
});

/** Runs, stops at the first progress at or after `step`, returns what it yielded. */
async function stoppedAt(config: RunConfig, step: number): Promise<TrainingEvent[]> {
  const stop = new AbortController();
  const events: TrainingEvent[] = [];
  for await (const event of train(config, { signal: stop.signal })) {
    events.push(event);
    if (event.kind === 'progress' && event.step >= step) stop.abort();
  }
  return events;
}

test('a stopped run yields a checkpoint and, resumed from it, goes on equal to the bit', async () => {
  const config = tinyConfig({ steps: 40, measure: { every: 5 } });
  const whole = timeless(measures(await eventsOf(config)));
  const before = await stoppedAt(config, 15);
  assert.equal(endOf(before).reason, 'stopped');
  const [saved] = checkpoints(before);
  assert.ok(saved, 'a checkpoint comes before the end');
  assert.ok(saved.state.step > 0 && saved.state.step < 40);
  const after = await eventsOf(config, { from: saved.state });
  const joined = new Map([...measures(before), ...measures(after)].map((measure) => [measure.step, measure]));
  assert.deepEqual(timeless([...joined.values()]), whole);
  assert.equal(endOf(after).reason, 'finished');
});

test('checkpoints are offered while it runs, and each one resumes to the bit', async () => {
  const config = tinyConfig({ steps: 20, measure: { every: 5 } });
  const events = await eventsOf(config, { checkpointEvery: 0 });
  const offered = checkpoints(events);
  assert.ok(offered.length >= 3, `${offered.length} checkpoints`);
  const whole = timeless(measures(events));
  for (const { state } of offered) {
    const rest = timeless(measures(await eventsOf(config, { from: state })));
    assert.deepEqual(
      rest,
      whole.filter(({ step }) => step >= state.step),
    );
  }
});

test('a run whose loss leaves the finite numbers ends as diverged at the measurement that shows it', async () => {
  const events = await eventsOf(tinyConfig({ eta: 10, lambda: 100, steps: 100, measure: { every: 1 } }));
  const end = endOf(events);
  assert.equal(end.reason, 'diverged');
  assert.ok(end.step > 1 && end.step < 100);
  assert.equal(measures(events).at(-1)?.step, end.step - 1);
  for (const { trainLoss, testLoss, l2Norm } of measures(events)) {
    assert.ok([trainLoss, testLoss, l2Norm].every(Number.isFinite));
  }
});

test('training leaves no tensor behind, finished, stopped or abandoned', async () => {
  await eventsOf(tinyConfig());
  const before = tf.memory().numTensors;
  await eventsOf(tinyConfig());
  await stoppedAt(tinyConfig({ steps: 5000, measure: { every: 5000 } }), 1);
  for await (const _ of train(tinyConfig())) break;
  assert.equal(tf.memory().numTensors, before);
});
