/** What would make a compiled number silently another than the eager one: each is an error, or right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, CompileError, rawOp, scalarInput, tf } from '../../lib/compute/index.ts';
import { attribute } from '../../lib/compute/ops/raw.ts';
import { same } from '../../lib/compute/compare.ts';
import { assertSameBits, valuesOf, variable, withProgram, type Tensor } from './support.ts';

const one = tf.scalar(1);
const compiled = (run: (...inputs: Tensor[]) => Tensor[], inputs = [scalarInput]) =>
  compile({ variables: [], functions: { f: { inputs, run } } });
const refused = (run: (...inputs: Tensor[]) => Tensor[], message: RegExp) =>
  assert.throws(
    () => compiled(run).dispose(),
    (error: Error) => {
      assert.ok(error instanceof CompileError, error.stack);
      assert.match(error.message, message);
      assert.match(error.message, /silent\.test\.ts:\d+:\d+/);
      return true;
    },
  );

test('shapes that depend on values are refused, by their op and line', () => {
  const x = tf.tensor1d([1, 2, 2]);
  const boxes = tf.tensor2d([
    [0, 0, 1, 1],
    [2, 2, 3, 3],
  ]);
  const scores = tf.tensor1d([0.9, 0.8]);
  refused(() => [tf.scalar(tf.unique(x).values.shape[0] as number)], /UniqueV2 gives a shape that depends on values/);
  refused(() => [tf.image.nonMaxSuppression(boxes, scores, 2)], /NonMaxSuppression.* depends on values.*Padded/);
  refused(
    () => [tf.image.nonMaxSuppressionWithScore(boxes, scores, 2)['selectedIndices'] as Tensor],
    /depends on values/,
  );
  refused(() => [rawOp('Where', [attribute.type('T', 10)], [tf.greater(x, 1)])], /Where gives a shape/);
  refused(
    (a) => [
      rawOp(
        'Fill',
        [attribute.type('T', 1), attribute.type('index_type', 3)],
        [tf.cast(tf.reshape(tf.add(a, 2), [1]), 'int32'), tf.scalar(1)],
      ),
    ],
    /Fill takes a shape \(input 0\) that the step computes/,
  );
  refused(
    (a) => [
      rawOp(
        'Range',
        [attribute.type('Tidx', 3)],
        [tf.scalar(0, 'int32'), tf.cast(tf.add(a, 3), 'int32'), tf.scalar(1, 'int32')],
      ),
    ],
    /Range takes a shape/,
  );
});

test('string constants are carried, and compared when the function is traced again', () => {
  let letter = 'a';
  const equal = () => [tf.equal(tf.tensor1d(['a', 'b', 'ä'], 'string'), tf.scalar(letter, 'string'))];
  withProgram(compiled(equal, []), (program) => {
    assertSameBits(valuesOf(program.call('f')), valuesOf(equal()));
    letter = 'b';
    assert.throws(() => program.verify(), /gave different values/);
  });
});

test('clocks and random numbers of JavaScript are refused', () => {
  const members: [() => number, RegExp][] = [
    [() => Math.random(), /Math\.random/],
    [() => (Math.random() < 0.1 ? 1 : 2), /Math\.random/],
    [() => Date.now(), /calls Date/],
    [() => new Date().getTime(), /calls Date/],
    [() => Number(Date()), /calls Date/],
    [() => performance.now(), /performance\.now/],
    [() => process.hrtime()[0], /process\.hrtime/],
    [() => Number(process.hrtime.bigint()), /process\.hrtime\.bigint/],
    [() => process.uptime(), /process\.uptime/],
    [() => crypto.getRandomValues(new Uint8Array(1))[0] as number, /crypto\.getRandomValues/],
    [() => crypto.randomUUID().length, /crypto\.randomUUID/],
  ];
  for (const [number, message] of members) refused((x) => [tf.mul(x, number())], message);
  withProgram(
    compiled((x) => [tf.mul(x, new Date(2000, 1, 1).getMonth())]),
    (program) => assert.deepEqual([...valuesOf(program.call('f', one))[0]!], [1]),
  );
  assert.ok(Math.random() < 1 && Date.now() > 0 && new Date().getTime() > 0);
});

test('a number that changed outside is found within 8 calls, at any call and any period', () => {
  for (const at of [1, 2, 5, 9]) {
    let eta = 0.1;
    const program = compiled((x) => [tf.mul(x, eta)]);
    for (let i = 0; i < at; i++) tf.dispose(program.call('f', one));
    eta = 0.01;
    let calls = 0;
    assert.throws(() => {
      for (; calls < 8; calls++) tf.dispose(program.call('f', one));
    }, /gave different values/);
    program.dispose();
  }
  for (const period of [2, 3, 7, 8, 9, 64]) {
    let i = 0;
    const program = compiled((x) => [tf.mul(x, i % period === period - 1 ? 2 : 1)]);
    assert.throws(() => {
      for (; i < 2000; i++) tf.dispose(program.call('f', one));
    }, /gave different values/);
    program.dispose();
  }
});

test('repeat counts all its steps: between two calls of it 1 % of them may pass', () => {
  const v = variable(tf.scalar(0));
  let eta = 1;
  const run = () => (v.assign(tf.add(v, eta)), []);
  const program = compile({ variables: [v], functions: { step: { run } } });
  program.repeat('step', 1000);
  program.repeat('step', 1000);
  eta = 2;
  assert.throws(() => program.repeat('step', 1000), /gave different values/);
  program.dispose();
});

test('functions are compared with their data disposed, and without a value of the state', () => {
  const data = tf.tensor1d([1, 2, 3]);
  const v = variable(tf.scalar(0));
  let eta = 1;
  const program = compile({
    variables: [v],
    data: [data],
    functions: { step: { run: () => (v.assign(tf.add(v, tf.mul(eta, tf.sum(data)))), []) } },
  });
  data.dispose();
  for (let i = 0; i < 20; i++) program.call('step');
  program.verify();
  assert.deepEqual([...program.read()[0]!], [120]);
  assert.ok(data.isDisposed);
  eta = 2;
  assert.throws(() => program.verify(), /gave different values/);
  program.dispose();
});

test('what the last calls were made with is compared before values leave: read, sync, dispose', () => {
  for (const leave of ['read', 'sync', 'dispose'] as const) {
    const v = variable(tf.scalar(0));
    process.env['L2_TEST_ETA'] = '1'; // nothing that is watched
    const program = compile({
      variables: [v],
      functions: { step: { run: () => (v.assign(tf.add(v, Number(process.env['L2_TEST_ETA']))), []) } },
    });
    for (let i = 0; i < 9; i++) program.call('step');
    program.verify();
    process.env['L2_TEST_ETA'] = '2';
    assert.throws(() => {
      program.call('step');
      program[leave]();
    }, /gave different values/);
    program.dispose();
    delete process.env['L2_TEST_ETA'];
  }
});

test('a number that changes after the calls are over is no error until the next call', async () => {
  const v = variable(tf.scalar(0));
  let eta = 1;
  const program = compile({ variables: [v], functions: { step: { run: () => (v.assign(tf.add(v, eta)), []) } } });
  for (let i = 0; i < 9; i++) program.call('step');
  await turn();
  await turn();
  eta = 2;
  program.sync();
  assert.deepEqual([...v.dataSync()], [9]);
  program.dispose();
});

test('a second signature after a number has changed is an error, not a program of two minds', () => {
  let factor = 2;
  const input = (n: number) => [{ shape: [n], dtype: 'float32' as const }];
  const program = compile({
    variables: [],
    functions: { f: { inputs: input(2), run: (x: Tensor) => [tf.mul(x, factor)] } },
  });
  tf.dispose(program.call('f', tf.ones([2])));
  factor = 3;
  assert.throws(() => program.specialize('f', input(3)), /gave different values/);
  program.dispose();
});

test('a tf.Variable among the data is state: what is assigned to it counts', () => {
  const rate = variable(tf.scalar(2));
  const program = compile({ variables: [], data: [rate], functions: { f: { run: () => [tf.mul(rate, 1)] } } });
  assert.deepEqual([...valuesOf(program.call('f'))[0]!], [2]);
  rate.assign(tf.scalar(101));
  assert.deepEqual([...valuesOf(program.call('f'))[0]!], [101]);
  program.dispose();
  assert.deepEqual([...rate.dataSync()], [101]);
});

test('attributes and constants are compared to the bit: NaN, Infinity and -0 are themselves', () => {
  assert.ok(same({ float: NaN }, { float: NaN }));
  for (const [a, b] of [
    [NaN, Infinity],
    [0, -0],
    [Infinity, -Infinity],
    [NaN, null],
  ]) {
    assert.ok(!same({ float: a }, { float: b }), `${a} and ${b}`);
    assert.ok(!same([1, { floats: [a] }], [1, { floats: [b] }]));
  }
  for (const [a, b] of [
    [NaN, Infinity],
    [0, -0],
  ] as const) {
    let value: number = a;
    const elu = compiled((x) => [tf.leakyRelu(x, value)]);
    elu.verify();
    value = b;
    assert.throws(() => elu.verify(), /gave different values/);
    elu.dispose();
  }
});

/** A step over one weight with an optimizer. */
const training = (optimizer: () => tfTypes.Optimizer) => {
  const w = variable(tf.tensor1d([1, 2]));
  const run = () => [optimizer().minimize(() => tf.sum(tf.square(w)) as tfTypes.Scalar, true, [w]) as Tensor];
  return { w, program: compile({ variables: [w], functions: { step: { run } } }) };
};

test('an optimizer whose rate follows its iterations is refused', () => {
  class Decaying extends tf.AdamOptimizer {
    override applyGradients(gradients: Parameters<tfTypes.AdamOptimizer['applyGradients']>[0]): void {
      this.learningRate = 0.1 / (1 + this.iterations);
      super.applyGradients(gradients);
    }
  }
  const optimizer = new Decaying(0.1, 0.9, 0.999);
  assert.throws(() => training(() => optimizer), /reads an optimizer's iterations/);
});
