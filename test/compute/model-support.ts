/** Models trained twice, by tfjs and compiled, and what they must agree in. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { GraphSession } from '../../lib/compute/session.ts';
import { compileModel, tf, type CompiledModel, type FitArgs } from '../../lib/compute/index.ts';
import { random, type Tensor } from './support.ts';

/** The layers' weights set to normal numbers, the same for two models of one architecture. */
export function withWeights<Model extends tfTypes.LayersModel>(model: Model, deviation = 0.3): Model {
  const values = model.getWeights().map(({ shape }, i) => random(shape, 30 + i, deviation));
  // Variances of batch norm must not be negative.
  const positive = values.map((value, i) => (model.weights[i]?.name.includes('variance') ? tf.abs(value) : value));
  model.setWeights(positive);
  tf.dispose([values, positive]);
  return model;
}

/** `verbose: 0`. tfjs's types want a member of an enum that it does not export. */
export const silent = JSON.parse('0') as Exclude<NonNullable<tfTypes.ModelFitArgs['verbose']>, 2>;

export type History = tfTypes.History['history'];

/** Numbers of two histories: the same keys, and 1e-6 apart at most (relative above 1). */
export function assertSameHistory(actual: History, expected: History): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [key, values] of Object.entries(expected)) {
    const own = actual[key] as number[];
    assert.equal(own.length, values.length, `${key} has ${own.length} epochs, expected ${values.length}`);
    (values as number[]).forEach((value, epoch) => {
      const difference = Math.abs((own[epoch] as number) - value) / Math.max(1, Math.abs(value));
      assert.ok(
        difference <= 1e-6 || Object.is(own[epoch], value),
        `${key} of epoch ${epoch}: ${own[epoch]} instead of ${value}`,
      );
    });
  }
}

/** Weights at most 1e-5 apart. */
export function assertSameWeights(actual: tfTypes.LayersModel, expected: tfTypes.LayersModel): void {
  const [own, other] = [actual.getWeights(), expected.getWeights()];
  assert.equal(own.length, other.length);
  own.forEach((weight, i) => {
    const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(weight, other[i] as Tensor))).dataSync()[0]) as number;
    assert.ok(difference <= 1e-5, `weight ${i} (${expected.weights[i]?.name}) is ${difference} off`);
  });
}

type Model = tfTypes.LayersModel;

/** Trains `make()` by tfjs and again compiled; histories, weights and `iterations` must agree. */
export async function compareFits(
  make: () => Model,
  train: (fit: CompiledModel['fit'], model: Model) => Promise<tfTypes.History>,
): Promise<{ eager: Model; own: Model; compiled: CompiledModel; history: History }> {
  const [eager, own] = [make(), make()];
  const expected = await train((x, y, args) => eager.fit(x, y, args as tfTypes.ModelFitArgs), eager);
  const compiled = compileModel(own);
  const runs = mock.method(GraphSession.prototype, 'run');
  const { history } = await train((x, y, args?: FitArgs) => compiled.fit(x, y, args), own);
  runs.mock.restore();
  assert.ok(runs.mock.callCount() >= eager.optimizer.iterations, 'a step did not run compiled');
  assertSameHistory(history, expected.history);
  assertSameWeights(own, eager);
  assert.equal(own.optimizer.iterations, eager.optimizer.iterations);
  return { eager, own, compiled, history };
}
