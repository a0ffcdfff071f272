import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hashConfig, presets, ROOT, type RunConfig } from '../../lib/runs/index.ts';
import { costOf, forwardFlops, planRuns, selectRuns } from '../../lib/runner/index.ts';
import { findSweep, sweeps, trainingSweeps, type Preset } from '../../lib/sweeps/index.ts';
import { product, stepsFor } from '../../lib/sweeps/grid.ts';
import { workLeft } from '../../lib/runner/progress.ts';
import { exampleRuns } from '../runner/support.ts';

const configs = (name: string, preset: Preset): RunConfig[] =>
  findSweep(name)
    .runs(preset)
    .map(({ config }) => config);
const etaLambda = ({ eta, lambda }: RunConfig): number => product(eta, lambda);

describe('every sweep', () => {
  test('training and theory sweeps have names of their own', () => {
    assert.equal(new Set(sweeps.map(({ name }) => name)).size, sweeps.length);
    assert.ok(sweeps.length > trainingSweeps.length);
  });

  for (const sweep of trainingSweeps) {
    for (const preset of presets) {
      test(`${sweep.name} ${preset}: runs are named, none twice, with whole lengths`, () => {
        const runs = planRuns(sweep, preset, 'root');
        assert.ok(runs.length > 0);
        assert.equal(new Set(runs.map(({ config }) => hashConfig(config))).size, runs.length);
        assert.equal(new Set(runs.map(({ file }) => file)).size, runs.length);
        for (const { config } of runs) {
          assert.ok(Number.isInteger(config.steps) && config.steps >= 1, `${config.steps} steps`);
          assert.ok(config.batchSize <= config.data.trainSamples);
          const cost = costOf(config);
          assert.ok(cost && cost.training > 0 && cost.measuring > 0);
        }
      });
    }
    test(`${sweep.name}: its header gives figure, command and presets, in a file of its name`, () => {
      const file = ['fc-autol2', 'cnn-autol2'].includes(sweep.name) ? 'autol2' : sweep.name;
      const header = readFileSync(join(ROOT, 'lib', 'sweeps', `${file}.ts`), 'utf8').split('*/')[0]!;
      assert.match(header, /Figures? S?\d/);
      assert.match(header, /Expected: /);
      assert.ok(header.includes(`npm run train -- ${sweep.name} --preset desk`));
      for (const preset of presets) assert.match(header, new RegExp(`\\* ${preset} `));
    });
  }
});

test('time left knows that measurements are dense at the start of a run', () => {
  const config = configs('fc-eta-lambda', 'desk').find(({ steps }) => steps === 4000)!;
  const [start, all] = [costOf(config, 40)!, costOf(config)!];
  assert.equal(start.training, all.training / 100);
  // Every step below 20, then 20, 22, 25, 28, 32, 35, 40: 27 of 68 measurements.
  assert.ok(Math.abs(start.measuring / all.measuring - 27 / 68) < 1e-12);
  assert.equal(workLeft(config, 40), all.training + all.measuring - start.training - start.measuring);
  assert.equal(workLeft(config, config.steps), 0);
});

describe('fc-eta-lambda', () => {
  test('desk has the 118 pairs with 1e-3 <= eta lambda < 2, then the 19 down to 2e-4, then lambda = 0 for four eta, then two seeds at eta = 1', () => {
    const desk = configs('fc-eta-lambda', 'desk');
    assert.equal(desk.length, 118 + 19 + 4 + 2 * 8);
    assert.ok(desk.slice(0, 118).every((c) => etaLambda(c) >= 1e-3 && etaLambda(c) < 2));
    assert.ok(desk.slice(118, 137).every((c) => etaLambda(c) >= 2e-4 && etaLambda(c) < 1e-3));
    assert.deepEqual(
      desk.slice(137, 141).map(({ eta, lambda, steps }) => [eta, lambda, steps]),
      [0.15, 0.5, 1, 2].map((eta) => [eta, 0, 5000]),
    );
    const atOne = desk.slice(0, 137).filter(({ eta }) => eta === 1);
    assert.equal(atOne.length, 8);
    assert.deepEqual(
      desk.slice(141),
      [1, 2].flatMap((seed) => atOne.map((config) => ({ ...config, seed }))),
    );
    assert.ok(desk.some(({ eta, lambda }) => eta === 0.02 && lambda === 0.05)); // 0.001 and not a rounding error less
  });

  test('runs last 2/(eta lambda) steps, cheapest first', () => {
    const desk = configs('fc-eta-lambda', 'desk').slice(0, 137);
    for (const { eta, lambda, steps } of desk) {
      const exact = 2 / (eta * lambda);
      assert.ok(steps >= exact - 1e-6 && steps < exact + 1, `${eta} ${lambda}: ${steps}`);
    }
    const lengths = desk.map(({ steps }) => steps);
    assert.deepEqual(
      lengths,
      lengths.toSorted((a, b) => a - b),
    );
  });

  test('desk is the paper network on the first 512 digits, full batch', () => {
    // Those after them are some of these with another seed.
    for (const config of configs('fc-eta-lambda', 'desk').slice(0, 141)) {
      const { eta: _eta, lambda: _lambda, steps: _steps, ...rest } = config;
      assert.deepEqual(rest, {
        model: { kind: 'fc', sizes: [784, 2048, 2048, 2048, 10], bias: true },
        sigmaW: Math.SQRT2,
        sigmaB: 0,
        data: { name: 'mnist', trainSamples: 512, testSamples: 10_000, subset: 'first', normalization: 'per-set' },
        batchSize: 512,
        loss: 'cross-entropy/k',
        l2Convention: 'half',
        momentum: 0,
        schedule: { kind: 'constant' },
        seed: 0,
        measure: { pointsPerDecade: 20, everyBelow: 20 },
      });
    }
  });

  test('paper has all 17 x 16 points, of which 64 have eta lambda > 2', () => {
    const paper = configs('fc-eta-lambda', 'paper');
    assert.equal(paper.length, 17 * 16);
    assert.equal(paper.filter((c) => etaLambda(c) > 2).length, 64);
  });
});

describe('WRN and CNN grids of the paper', () => {
  test('wrn-eta-lambda: 58 of 80 pairs have at most 4000 epochs, one more has 8000, and lambda = 0 has 10000', () => {
    const paper = configs('wrn-eta-lambda', 'paper');
    const epochs = ({ steps }: RunConfig): number => steps / 48;
    assert.equal(paper.filter((c) => c.lambda > 0 && epochs(c) <= 4001).length, 58);
    assert.deepEqual(
      paper.filter((c) => c.lambda > 0 && epochs(c) > 4001).map((c) => [c.eta, c.lambda, epochs(c)]),
      [[0.2, 6.25e-5, 8001]],
    );
    assert.ok(paper.filter((c) => c.lambda === 0).every((c) => epochs(c) === 10_000));
    assert.ok(paper.every((c) => c.l2Convention === 'full' && c.batchNormGroup === 128));
  });

  test('wrn-momentum-lambda predicts the lambdas of figure 1b', () => {
    const lambdas = configs('wrn-momentum-lambda', 'paper').map(({ lambda }) => lambda);
    for (const lambda of [1.31e-4, 6.56e-5, 2.62e-5, 1.31e-5, 6.56e-6, 4.37e-6, 3.28e-6]) {
      assert.ok(
        lambdas.some((candidate) => Math.abs(candidate / lambda - 1) < 0.005),
        `${lambda} is missing`,
      );
    }
  });

  test('wrn-budget has the run that both kinds of budget share once', () => {
    const shared = configs('wrn-budget', 'paper').filter((c) => c.lambda === 5e-4 && c.sigmaW === 1);
    assert.deepEqual(
      shared.map(({ steps }) => steps),
      [200 * 48],
    );
  });

  test('the CNN trains 1/lambda epochs of 390 steps', () => {
    const steps = new Map(configs('cnn-lambda', 'paper').map((c) => [c.lambda, c.steps]));
    assert.equal(steps.get(1), 390);
    assert.equal(steps.get(2), 195);
    assert.equal(steps.get(0.01), 39_000);
    assert.equal(steps.get(0), 21_000 * 390);
    assert.equal(configs('cnn-bn-lambda', 'paper').find((c) => c.lambda === 0)?.steps, 9500 * 390);
  });
});

describe('decimal arithmetic', () => {
  test('lengths are those of decimal numbers, not of their binary neighbours', () => {
    assert.equal(product(0.1, 0.3), 0.03);
    assert.equal(stepsFor(2, 0.1, 0.1), 200);
    assert.equal(stepsFor(2, 0.3, 0.01), 667);
  });
});

describe('cost', () => {
  test('a forward pass of FC is twice its weights', () => {
    const [config] = configs('fc-eta-lambda', 'desk') as [RunConfig];
    assert.equal(forwardFlops(config), 2 * (784 * 2048 + 2048 * 2048 + 2048 * 2048 + 2048 * 10));
  });

  test('WRN 28-10 and the CNN cost what their layers say, counted by hand', () => {
    const [wrn] = configs('wrn-eta-lambda', 'paper') as [RunConfig];
    const conv = (side: number, from: number, to: number): number => side ** 2 * 9 * from * to;
    const group = (side: number, from: number, to: number): number => 2 * conv(side, from, to) + 7 * conv(side, to, to);
    const wrnSum = conv(32, 3, 16) + group(32, 16, 160) + group(16, 160, 320) + group(8, 320, 640) + 640 * 10;
    assert.equal(forwardFlops(wrn), 2 * wrnSum);
    const [cnn] = configs('cnn-lambda', 'paper') as [RunConfig];
    const cnnSum =
      conv(32, 3, 300) + conv(30, 300, 300) + conv(25, 300, 300) + conv(23, 300, 300) + 97_200 * 500 + 5000;
    assert.equal(forwardFlops(cnn), 2 * cnnSum);
  });
});

describe('--only', () => {
  const runs = exampleRuns('root', [{ eta: 0.1 }, { eta: 0.1, lambda: 0.001 }, { eta: 1 }]);
  const names = (...selectors: string[]): string[] => selectRuns(runs, selectors).map(({ name }) => name);

  test('settings of one selector must all hold, several selectors add up, order stays', () => {
    assert.deepEqual(names('eta=0.1'), ['seed=0', 'seed=1']);
    assert.deepEqual(names('eta=0.1,lambda=1e-3'), ['seed=1']);
    assert.deepEqual(names('eta=1', 'lambda=0.001'), ['seed=1', 'seed=2']);
    assert.deepEqual(names('data.name=synthetic,eta=1'), ['seed=2']);
    assert.deepEqual(names(), ['seed=0', 'seed=1', 'seed=2']);
  });

  test('what fits no run or is no setting is an error that lists what there is', () => {
    assert.throws(() => names('eta=0.2'), /no run has eta=0.2; there is: 0.1 1$/);
    assert.throws(() => names('etta=1'), /no run has etta=1; there is: no run has that setting/);
    assert.throws(() => names('eta=1,lambda=0.001'), /no run has all of these/);
    assert.throws(() => names('eta'), /expected settings such as eta=0.1,lambda=0.01/);
  });
});

test('--only takes a nested setting by the name that the file shows', () => {
  const runs = planRuns(findSweep('kernel-decay'), 'desk', 'data/runs');
  const chosen = selectRuns(runs, ['width=64']);
  assert.ok(chosen.length > 0 && chosen.length < runs.length);
  assert.ok(chosen.every(({ name }) => name.split(',').includes('width=64')));
});
