import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { L2Convention, LossName, RunConfig } from '../../lib/runs/index.ts';
import { fixtureArray } from './fixture-array.ts';
import { eventsOf, measures, tinyConfig } from './support.ts';

interface Fixture {
  sizes: number[];
  sigmaW: number;
  sigmaB: number;
  trainSamples: number;
  testSamples: number;
  steps: number;
  measureEvery: number;
  runs: {
    loss: LossName;
    l2Convention: L2Convention;
    eta: number;
    lambda: number;
    adamW?: NonNullable<RunConfig['adamW']>;
    measures: {
      step: number;
      trainLoss: number;
      trainError: number;
      testLoss: number;
      testError: number;
      l2Norm: number;
    }[];
  }[];
}

/** Made by environment/fixtures/fc.py: JAX in double precision, from the paper's formulas. */
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'fc.json'), 'utf8')) as Fixture;
/** The first steps of Adam are near the sign of the gradient: rounding of small gradients shows more. */
const toleranceOf = (adamW: unknown): number => (adamW ? 1e-4 : 1e-5);

const { sizes, sigmaW, sigmaB, trainSamples, testSamples, steps, measureEvery } = fixture;
const initial = sizes.slice(1).flatMap((outputs, layer) => {
  const inputs = sizes[layer]!;
  return [
    fixtureArray(2 * layer, inputs * outputs, sigmaW / Math.sqrt(inputs)),
    fixtureArray(2 * layer + 1, outputs, sigmaB),
  ];
});

for (const { loss, l2Convention, eta, lambda, adamW, measures: expected } of fixture.runs) {
  const tolerance = toleranceOf(adamW);
  const how = adamW ? `AdamW, beta2 ${adamW.beta2}, decay ${lambda}` : `the L2 term ${l2Convention}`;
  test(`${steps} steps of an FC net with ${loss} and ${how} agree with JAX to ${tolerance}`, async (t) => {
    const config = tinyConfig({
      model: { kind: 'fc', sizes, bias: true },
      data: { name: 'synthetic', trainSamples, testSamples, subset: 'first', normalization: 'per-set' },
      batchSize: trainSamples,
      loss,
      l2Convention,
      eta,
      lambda,
      ...(adamW && { adamW }),
      steps,
      measure: { every: measureEvery },
    });
    const from = { step: 0, seconds: 0, arrays: initial.map((array) => array.slice()) };
    const measured = measures(await eventsOf(config, { from }));
    assert.deepEqual(
      measured.map(({ step }) => step),
      expected.map(({ step }) => step),
    );
    let worst = 0;
    for (const [i, want] of expected.entries()) {
      const have = measured[i]!;
      assert.equal(have.trainError, Math.fround(want.trainError), `training error at step ${want.step}`);
      assert.equal(have.testError, Math.fround(want.testError), `test error at step ${want.step}`);
      for (const field of ['trainLoss', 'testLoss', 'l2Norm'] as const) {
        const difference = Math.abs(have[field] / want[field] - 1);
        assert.ok(difference < tolerance, `${field} at step ${want.step}: ${have[field]}, JAX has ${want[field]}`);
        worst = Math.max(worst, difference);
      }
    }
    assert.ok(expected.at(-1)!.trainLoss < 0.5 * expected[0]!.trainLoss, 'the run must have learnt something');
    t.diagnostic(`largest relative difference ${worst.toExponential(1)}`);
  });
}
