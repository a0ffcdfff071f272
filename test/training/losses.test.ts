import assert from 'node:assert/strict';
import test from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../lib/compute/index.ts';
import { meanError, meanLoss } from '../../lib/training/index.ts';

const logits = tf.tensor2d([0, Math.log(3), 2, -1, -1, 5, 1, 1, 1], [3, 3]);
const labels = tf.tensor1d([1, 0, 2], 'int32');
const value = (scalar: Tensor) => scalar.dataSync()[0] as number;
const close = (actual: number, expected: number, relative = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

/** -log softmax of each row at its label, by hand. */
const byHand = [
  -Math.log(3 / (1 + 3 + Math.exp(2))),
  -Math.log(Math.exp(-1) / (2 * Math.exp(-1) + Math.exp(5))),
  Math.log(3),
];
const sum = byHand.reduce((a, b) => a + b, 0);

test('cross-entropy is the mean of -log softmax at the label; cross-entropy/k is that over the number of classes', () => {
  close(value(meanLoss('cross-entropy', logits, labels)), sum / 3);
  close(value(meanLoss('cross-entropy/k', logits, labels)), sum / 9);
});

test('mse is half the mean of the squared distance to one-hot over batch AND classes', () => {
  const squares = [0, (Math.log(3) - 1) ** 2, 4, 4, 1, 25, 1, 1, 0];
  close(value(meanLoss('mse', logits, labels)), squares.reduce((a, b) => a + b, 0) / 18);
});

test('the gradient of each loss agrees with finite differences', () => {
  for (const name of ['cross-entropy', 'cross-entropy/k', 'mse'] as const) {
    const gradient = tf
      .grad((x: Tensor) => meanLoss(name, x, labels))(logits)
      .dataSync();
    const at = [...logits.dataSync()];
    const double = (x: number[]) => {
      let loss = 0;
      for (let row = 0; row < 3; row++) {
        const f = x.slice(3 * row, 3 * row + 3);
        const label = [1, 0, 2][row] as number;
        if (name === 'mse') loss += f.reduce((a, v, i) => a + (v - (i === label ? 1 : 0)) ** 2, 0) / 18;
        else
          loss +=
            (Math.log(f.reduce((a, v) => a + Math.exp(v), 0)) - (f[label] as number)) /
            (name === 'cross-entropy' ? 3 : 9);
      }
      return loss;
    };
    at.forEach((_, i) => {
      const moved = (by: number) => double(at.map((v, j) => (i === j ? v + by : v)));
      const expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      assert.ok(Math.abs((gradient[i] as number) - expected) < 2e-7, `${name} ${i}: ${gradient[i]} for ${expected}`);
    });
  }
});

test('the error is the fraction whose largest logit is not the label; a tie goes to the first class', () => {
  close(value(meanError(logits, labels)), 1); // largest are 2, 2 and, of a tie, 0
  close(value(meanError(logits, tf.tensor1d([2, 0, 0], 'int32'))), 1 / 3);
  assert.equal(value(meanError(logits, tf.tensor1d([2, 2, 0], 'int32'))), 0);
});

test('an unknown loss is an error that lists the known ones', () => {
  assert.throws(() => meanLoss('hinge' as never, logits, labels), /no loss hinge; known are cross-entropy\/k/);
});
