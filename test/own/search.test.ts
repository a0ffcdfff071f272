import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decide } from '../../lib/own/halving.ts';
import { defineSweep, halveSweep, type OwnData } from '../../lib/own/index.ts';
import { planRuns } from '../../lib/runner/index.ts';
import { readRun, verifyRuns } from '../../lib/runs/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'l2-search-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const samples = (count: number, from: number) => {
  const y = Int32Array.from({ length: count }, (_, i) => i % 2);
  return { x: Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(from + i) + 0.7 * y[Math.floor(i / 2)]!), y };
};
const data: OwnData = { name: 'points', shape: [2], classes: 2, train: samples(40, 0), test: samples(200, 500) };

test('random points follow from the seed, lie in their ranges, and more of them keep the first', async () => {
  const runs = async (count: number, seed: number) => {
    const sweep = await defineSweep({
      ...{ name: 'random', data, steps: 5 },
      model: ({ tf, classes }) => tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [2] })] }),
      grid: { eta: { from: 0.01, to: 1 }, lambda: [0, 0.1], width: { from: 2, to: 64, whole: true } },
      random: { runs: count, seed },
    });
    return sweep
      .runs('desk')
      .map(({ config }) => ({ eta: config.eta, lambda: config.lambda, width: Number(config.model['width']) }));
  };
  const [few, many, others] = [await runs(5, 0), await runs(200, 0), await runs(5, 1)];
  assert.deepEqual(few, many.slice(0, 5));
  assert.notDeepEqual(few, others);
  assert.ok(
    many.every(({ eta, width }) => eta >= 0.01 && eta <= 1 && Number.isInteger(width) && width >= 2 && width <= 64),
  );
  const below = many.filter(({ eta }) => eta < 0.1).length;
  assert.ok(below > 70 && below < 130, `${below} of 200 below the middle of a logarithmic range`);
  const without = many.filter(({ lambda }) => lambda === 0).length;
  assert.ok(without > 70 && without < 130, `${without} of 200 without L2`);
  await assert.rejects(
    defineSweep({ name: 'x', data, steps: 5, model: () => 0 as never, grid: { eta: { from: 0.1, to: 1 }, lambda: 0 } }),
    /grid.eta is a range: expected values, or random/,
  );
});

test('halving stops the worst of those that can be compared, keeps ties, and waits for those whose time has not come', () => {
  const run = (name: string, scale: number, score: number) => ({ name, scale, score });
  const runs = [
    run('best', 0, 0.1),
    run('good', 50, 0.2),
    run('tied', 50, 0.2),
    run('bad', 100, 0.4),
    run('slow', 1000, 0.9),
    run('gone', 10, Infinity),
  ];
  assert.deepEqual(decide(runs, { step: 100, factor: 3 }), {
    ...{ step: 100, kept: ['best', 'good', 'tied'] },
    ...{ waiting: ['slow'], stopped: ['bad', 'gone'] },
  });
  // At a later rung it is compared as well.
  assert.deepEqual(decide(runs, { step: 1000, factor: 6 }).stopped, ['good', 'tied', 'bad', 'slow', 'gone']);
});

test('a halved sweep ends with the same numbers as the whole one, says its rule in the logs it stopped, and is not made twice', async () => {
  const define = (name: string) =>
    defineSweep({
      ...{ name, data, steps: 60, measure: { every: 10 }, seeds: [0] },
      model: ({ tf, classes }) =>
        tf.sequential({
          layers: [
            tf.layers.dense({ units: 8, inputShape: [2], activation: 'relu' }),
            tf.layers.dropout({ rate: 0.1 }),
            tf.layers.dense({ units: classes }),
          ],
        }),
      grid: { eta: [0.3, 0.03, 0.003, 0.0003], lambda: [0, 0.1] },
    });
  // Without their file they are trained in this process.
  const { definition: _a, ...halved } = await define('halved');
  const root = join(scratch, 'logs');
  const options = { root, rungs: [20, 40], factor: 3 };
  const { rungs, runs } = await halveSweep(halved, { ...options, by: 'trainLoss' });
  assert.deepEqual(
    rungs.map(({ step }) => step),
    [20, 40],
  );
  // eta lambda = 0.03: its time, 33 steps, has come at the second rung; the smaller ones wait to the end.
  assert.ok(rungs[0]!.waiting.includes('eta=0.3,lambda=0.1,seed=0'), rungs[0]!.waiting.join());
  assert.ok(!rungs[1]!.waiting.includes('eta=0.3,lambda=0.1,seed=0'));
  assert.ok(rungs[0]!.stopped.includes('eta=0.0003,lambda=0,seed=0'));
  assert.ok(runs.length >= 4 && runs.every(({ state, step }) => state === 'finished' && step === 60));
  const planned = planRuns(halved, 'desk', root);
  const stopped = readRun(planned.find(({ name }) => name === rungs[0]!.stopped[0])!.file);
  assert.equal(stopped.end?.reason, 'stopped');
  assert.equal(stopped.measures.at(-1)?.step, 20);
  assert.match(
    stopped.end?.message ?? '',
    /successive halving, step 20: at steps 20, 40 the best 1 in 3 by trainLoss goes on/,
  );
  assert.deepEqual(verifyRuns([root]).problems, []);

  const texts = () => planned.map(({ file }) => readFileSync(file, 'utf8'));
  const before = texts();
  assert.deepEqual((await halveSweep(halved, { ...options, by: 'trainLoss' })).rungs, rungs);
  assert.deepEqual(texts(), before);

  const { trainSweep } = await import('../../lib/own/index.ts');
  const whole = join(scratch, 'whole');
  const name = runs[0]!.run;
  await trainSweep(halved, { root: whole, chosen: (run) => run.name === name });
  const numbers = (folder: string) =>
    readRun(planRuns(halved, 'desk', folder).find((run) => run.name === name)!.file).measures.map(
      ({ seconds: _s, ...rest }) => rest,
    );
  assert.deepEqual(numbers(root), numbers(whole));
  await assert.rejects(
    halveSweep(halved, { root, rungs: [40, 20] }),
    /rungs is \[40, 20\]: expected growing whole numbers below 60/,
  );
});
