/** A sample of the published programs, the quick ones of each kind; `npm run test:programs` compares all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../one-thread.ts';
import { factOf, requireSameTraining } from './compare.ts';
import { programs } from './index.ts';

const SAMPLE = [
  'abalone-node',
  'website-phishing',
  'jena-weather, MLP with L2',
  'polynomial-regression-core',
  'siamese network',
  'mnist-core',
  'U-Net',
  'neural style',
  'frames to come, ConvLSTM',
  'sentiment, simpleRNN',
  'GPT, 2 layers',
  'cart-pole, policy gradient',
  'deep Q-learning',
  'proximal policy optimization',
  'WGAN with gradient penalty',
];

test('there are 30 programs at least, all of different names, the sample among them', () => {
  const names = new Set(programs.map(({ name }) => name));
  assert.ok(programs.length >= 30);
  assert.equal(names.size, programs.length);
  assert.deepEqual(
    SAMPLE.filter((name) => !names.has(name)),
    [],
  );
});

for (const program of programs.filter(({ name }) => SAMPLE.includes(name))) {
  test(factOf(program), () => requireSameTraining(program));
}
