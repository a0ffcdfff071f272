import assert from 'node:assert/strict';
import { test } from 'node:test';
// Before lib/analysis, whose danfo.js brings a tfjs of its own.
import { wrn } from '../../lib/models/index.ts';
import {
  angleRatios,
  budgetExponent,
  equilibriumAngle,
  equilibriumLaw,
  equilibriumNorms,
  layerAngles,
  lengthExponent,
  wrnParameterNames,
} from '../../lib/analysis/index.ts';
import type { Run, RunConfig } from '../../lib/runs/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { plantedRun } from './planted.ts';
import type { Law } from './planted.ts';

const base = findSweep('wrn-momentum-lambda').runs('desk')[0]!.config;
const flat: Law = () => ({ peak: 50, max: 0.7, fit: 5 });

/** Runs whose norm falls from 2,000 to end(lambda) as the theory has it: |w|^4 relaxes as exp(-4 T). */
function settling(end: (lambda: number) => number, times = 8): Run[] {
  return [1e-4, 3e-4, 1e-3, 3e-3].flatMap((lambda) =>
    [0, 1, 2].map((seed) => {
      const rate = (2 * base.eta * lambda) / (1 - base.momentum);
      const steps = Math.ceil(times / rate);
      const run = plantedRun('wrn-momentum-lambda', 'desk', { ...base, lambda, seed, steps }, flat);
      const norm = end(lambda);
      const at = (step: number) => Math.sqrt(norm ** 2 + (2000 ** 2 - norm ** 2) * Math.exp(-4 * rate * step));
      return { ...run, measures: run.measures.map((look) => ({ ...look, l2Norm: at(look.step) })) };
    }),
  );
}

test('a planted norm ~ lambda^-1/2 is found with its exponent and the time that the theory gives; another law is told apart', () => {
  const norms = equilibriumNorms(settling((lambda) => 3 / Math.sqrt(lambda)));
  const { exponent, n } = equilibriumLaw(norms)!;
  assert.equal(n, 4);
  assert.ok(Math.abs(exponent.value + 0.5) < 0.01 && exponent.high < -0.48, JSON.stringify(exponent));
  for (const { reached, predicted, lambda } of norms)
    assert.ok(
      reached.value >= predicted - 1e-9 && reached.value <= 1.2 * predicted,
      `${lambda}: ${reached.value} for ${predicted}`,
    );
  const blind = equilibriumLaw(equilibriumNorms(settling(() => 100)))!;
  assert.ok(Math.abs(blind.exponent.value) < 0.01);
});

test('runs shorter than four decay times, or that do not fit, say nothing of the equilibrium', () => {
  assert.deepEqual(equilibriumNorms(settling(() => 100, 3)), []);
  const poor = settling(() => 100).map((run) => ({
    ...run,
    measures: run.measures.map((look) => ({ ...look, trainError: 0.5 })),
  }));
  assert.deepEqual(equilibriumNorms(poor), []);
  assert.equal(equilibriumLaw([]), undefined);
});

test("the names of a WRN's parameters are those of its model", () => {
  for (const depth of [10, 16, 28])
    assert.deepEqual(
      wrnParameterNames(depth),
      wrn({ depth, widen: 1 }).parameters.map(({ name }) => name),
    );
});

test('planted angles come out over the formula, kernels before batch norm apart from the rest', () => {
  const { config } = findSweep('wrn-layers').runs('desk')[0]!;
  const run = plantedRun('wrn-layers', 'desk', config, flat);
  const expected = Math.sqrt((2 * config.eta * 2 * config.lambda) / 1.9);
  assert.ok(Math.abs(equilibriumAngle(run) - expected) < 1e-12);
  const names = wrnParameterNames(16);
  const observations = run.measures.map(({ step, seconds }) => ({
    kind: 'observe' as const,
    step,
    seconds,
    values: {
      squaredNorms: names.map(() => 4),
      angles: names.map(
        (name) => (/block\d\/conv0/.test(name) ? 1.1 : 0.5) * expected * (step < config.steps / 3 ? 9 : 1),
      ),
    },
  }));
  const ratios = angleRatios(layerAngles([{ ...run, observations }]));
  const of = (invariant: boolean) => ratios.find((each) => each.invariant === invariant)!;
  assert.equal(of(true).layers, 6);
  assert.ok(Math.abs(of(true).ratio.value - 1.1) < 1e-6);
  assert.ok(Math.abs(of(false).ratio.value - 0.5) < 1e-6);
});

test('a planted best lambda ~ 1/budget has the exponent -1, one that stays has 0', () => {
  const law =
    (best: (steps: number) => number): Law =>
    ({ lambda }) => ({
      peak: 1,
      max: 0,
      fit: 5,
      extra: (step) => 0.7 + 0.03 * Math.log((1 + step) / 2) ** 2 - 0.05 * Math.log(lambda / best(step + 1)) ** 2,
    });
  const runs = (planted: Law) =>
    [0, 1, 2].flatMap((seed) =>
      [3e-5, 1e-4, 3e-4, 1e-3, 3e-3].map((lambda) =>
        plantedRun('wrn-momentum-lambda', 'desk', { ...base, lambda, seed, steps: 8000 } as RunConfig, planted),
      ),
    );
  const budgets = [250, 500, 1000, 2000, 4000];
  const constant = budgetExponent(runs(law(() => 3e-4)), budgets);
  assert.equal(constant.overBudgets!.value, 0);
  assert.equal(constant.seeds, 3);
  // Lengths of their own, over a grid of lambda as fine as that of lengths.
  const ofLength: Law = ({ lambda, steps }) => ({
    peak: 0.9 * steps,
    max: 0.7 - 0.02 * Math.log10(lambda / (4.8 / steps)) ** 2,
    fit: 1e9,
  });
  const lengths = [1500, 3000, 6000, 12_000].flatMap((steps) =>
    [1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3, 3.2e-3, 6.4e-3].map((lambda) =>
      plantedRun('resnet-eta-lambda', 'desk', { ...base, lambda, steps } as RunConfig, ofLength),
    ),
  );
  const falling = lengthExponent(lengths).overBudgets!;
  assert.ok(Math.abs(falling.value + 1) < 0.15, JSON.stringify(falling));
});
