import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, scalarInput, tf, uint8Tensor } from '../../lib/compute/index.ts';
import { counts, random, variable, type Tensor } from './support.ts';

const one = tf.scalar(1);

/** A step over `size` float32 values of state. */
const program = (size: number) => {
  const v = variable(random([size]));
  const run = (amount: Tensor) => {
    v.assign(tf.add(v, amount));
    return [tf.sum(v)];
  };
  return { v, compiled: compile({ variables: [v], functions: { step: { inputs: [scalarInput], run } } }) };
};

test('thousands of steps leave no tensor behind, in JavaScript or in TensorFlow', () => {
  const { compiled } = program(100);
  const wrong = tf.zeros([2]);
  tf.dispose(compiled.call('step', one));
  const before = counts();
  for (let i = 0; i < 3000; i++) tf.dispose(compiled.call('step', one));
  tf.dispose(compiled.repeat('step', 30_000, one));
  for (let i = 0; i < 20; i++) compiled.write(compiled.read());
  assert.deepEqual(counts(), before);
  for (let i = 0; i < 20; i++) assert.throws(() => compiled.call('step', wrong));
  assert.deepEqual(counts(), before);
  compiled.dispose();
});

test('dispose gives back everything but the variables', () => {
  const before = counts();
  const { v, compiled } = program(1000);
  tf.dispose(compiled.repeat('step', 3, one));
  compiled.dispose();
  assert.deepEqual(counts(), { ...before, tensors: before.tensors + 1, native: before.native + 1 });
  v.dispose();
  assert.deepEqual(counts(), before);
});

test('a hundred retraces leave counts flat, and memory too', () => {
  const { v, compiled } = program(1_000_000);
  compiled.dispose();
  const v2 = { variables: [v], functions: { step: { run: () => (v.assign(tf.add(v, 1)), []) } } };
  const retrace = () => {
    const again = compile(v2);
    tf.dispose(again.call('step'));
    again.dispose();
  };
  for (let i = 0; i < 5; i++) retrace();
  const before = counts();
  const resident = process.memoryUsage().rss;
  for (let i = 0; i < 95; i++) retrace();
  assert.deepEqual(counts(), before);
  // 95 leaks of the 4 MB of state would be 380 MB.
  assert.ok(process.memoryUsage().rss - resident < 150e6, `${(process.memoryUsage().rss - resident) / 1e6} MB more`);
  v.dispose();
});

test('a compile that fails leaves no tensor behind', () => {
  const v = variable(random([10]));
  tf.square(v).dispose(); // its values now lie in TensorFlow
  const before = counts();
  for (let i = 0; i < 10; i++) {
    assert.throws(() => compile({ variables: [v], functions: { f: { run: () => [tf.mul(v, v.dataSync()[0]!)] } } }));
    assert.throws(() => compile({ variables: [v], functions: { f: { run: () => [tf.mul(v, Math.random())] } } }));
  }
  assert.deepEqual(counts(), before);
  v.dispose();
});

test('images stay uint8 in the session: a byte a value, not four', () => {
  const size = 40_000_000;
  const images = uint8Tensor(new Uint8Array(size), [size / 4000, 4000]);
  const before = process.memoryUsage().rss;
  const compiled = compile({
    variables: [],
    data: [images],
    functions: { row: { run: () => [tf.cast(tf.slice(images, [1, 0], [1, 4000]), 'float32')] } },
  });
  images.dispose();
  tf.dispose(compiled.call('row'));
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 2.5 * size, `${grown / 1e6} MB for ${size / 1e6} MB of images`); // as float32 it would be 4 x
  compiled.dispose();
});
