import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpoints, eventsOf, measures, timeless, tinyConfig } from './support.ts';

const ADAMW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const config = tinyConfig({ adamW: ADAMW, eta: 0.003, lambda: 0.5, measure: { every: 5 } });

test('a run with AdamW resumed from a checkpoint goes on to the bit: the moments and their corrections are state', async () => {
  const whole = measures(await eventsOf(config));
  const events = await eventsOf(config, { checkpointEvery: 0 });
  const { state } = checkpoints(events).find((each) => each.state.step > 10)!;
  // Three weights and biases: each with two moments, and two corrections.
  assert.equal(state.arrays.length, 6 + 12 + 2);
  const rest = measures(await eventsOf(config, { from: state }));
  assert.deepEqual(timeless(rest), timeless(whole.filter(({ step }) => step >= state.step)));
});

test('the decay is decoupled: it does not pass through the moments, and shrinks weights by eta lambda a step', async () => {
  const norms = async (lambda: number) =>
    measures(await eventsOf({ ...config, eta: 1e-9, lambda, steps: 20 })).map(({ l2Norm }) => l2Norm);
  const [still, shrunk] = [await norms(0), await norms(1e7)];
  assert.ok(Math.abs(still.at(-1)! / still[0]! - 1) < 1e-5);
  const expected = (1 - 1e-9 * 1e7) ** (2 * 20);
  assert.ok(Math.abs(shrunk.at(-1)! / shrunk[0]! / expected - 1) < 1e-4, `${shrunk.at(-1)! / shrunk[0]!} ${expected}`);
});

test('settings that AdamW does not have are refused by name', async () => {
  const refused = (changes: Parameters<typeof tinyConfig>[0], name: RegExp) =>
    assert.rejects(
      eventsOf({ ...config, ...changes }),
      (error: Error) => error instanceof RangeError && name.test(error.message),
    );
  await refused({ momentum: 0.9 }, /momentum must be 0/);
  await refused({ l2Convention: 'full' }, /l2Convention must be 'half'/);
  await refused({ adamW: { ...ADAMW, beta1: 1 } }, /adamW\.beta1/);
  await refused({ adamW: { ...ADAMW, epsilon: 0 } }, /adamW\.epsilon/);
});
