import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, CompileError, scalarInput, seedOf, dropout, tf, counterInput } from '../../lib/compute/index.ts';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { attribute, rawOp } from '../../lib/compute/ops/raw.ts';
import { assertSameBits, random, valuesOf, variable, withProgram, type Tensor } from './support.ts';

const HERE = /guards\.test\.ts:\d+:\d+/;

/** Compiles one function over no declared variables. */
const compiled = (run: (...inputs: Tensor[]) => Tensor[], inputs = [scalarInput]) =>
  compile({ variables: [], functions: { f: { inputs, run } } });

/** The compile error of a function, which must name what went wrong and the line of this file. */
const refused = (run: (...inputs: Tensor[]) => Tensor[], message: RegExp) =>
  assert.throws(
    () => compiled(run).dispose(),
    (error: Error) => {
      assert.ok(error instanceof CompileError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, HERE);
      return true;
    },
  );

test('dropout by counter draws another mask at each step, the same as eagerly', () => {
  const mask = (step: Tensor) => [dropout(tf.ones([64]), 0.5, seedOf(1, 0, step))];
  withProgram(compiled(mask, [counterInput]), (program) => {
    const [a, b] = [0, 1].map((step) => valuesOf(program.call('f', tf.scalar(step, 'int32'))));
    assertSameBits(a!, valuesOf(mask(tf.scalar(0, 'int32'))));
    assertSameBits(b!, valuesOf(mask(tf.scalar(1, 'int32'))));
    assert.notDeepEqual(a, b);
  });
});

test('a number computed in JavaScript that changes from call to call is refused', () => {
  let eta = 0.1;
  refused((x) => [tf.mul(x, (eta *= 0.9))], /tracing f twice gave different values to op \d+ \(Const\)/);
});

test('a number that changes later is found by verify, and by itself within 8 calls', () => {
  let eta = 0.1;
  const program = compiled((x) => [tf.mul(x, eta)]);
  withProgram(program, () => {
    program.verify();
    eta = 0.01;
    assert.throws(() => program.verify(), /gave different values to op 0 \(Const\) \(at .*guards\.test/);
    const one = tf.scalar(1);
    assert.throws(() => {
      for (let i = 1; i <= 8; i++) tf.dispose(program.call('f', one));
    }, /gave different values/);
  });
});

test('control flow that differs between calls is refused', () => {
  let calls = 0;
  refused((x) => [calls++ % 2 ? tf.square(x) : tf.sqrt(x)], /two different graphs: op 0 was Sqrt, then Square/);
  calls = 0;
  refused((x) => [calls++ % 2 ? tf.square(tf.neg(x)) : tf.neg(x)], /op 1 was absent, then Square/);
  calls = 0;
  assert.throws(() => compiled((x) => (calls++ % 2 ? [x, x] : [x])), /returned other tensors/);
});

test('a function that assigns another variable each time is refused', () => {
  const [a, b] = [variable(tf.zeros([])), variable(tf.zeros([]))];
  let calls = 0;
  const source = {
    variables: [a, b],
    functions: {
      f: {
        run: () => {
          (calls++ % 2 ? a : b).assign(tf.scalar(1));
          return [];
        },
      },
    },
  };
  assert.throws(() => compile(source), /assigned other variables/);
});

test('host reads are refused, synchronous and asynchronous, and even where the step catches the error', () => {
  refused((x) => [tf.mul(x, x.dataSync()[0]!)], /reads a tensor back to JavaScript/);
  refused((x) => [tf.mul(x, x.arraySync())], /reads a tensor/);
  refused((x) => {
    void x.data();
    return [x];
  }, /reads a tensor/);
  refused((x) => {
    x.print();
    return [x];
  }, /reads a tensor/);
  refused((x) => {
    try {
      return [tf.mul(x, x.dataSync()[0]!)];
    } catch {
      return [x];
    }
  }, /reads a tensor/);
});

test('an async step and one that returns no tensors are refused', () => {
  refused((async (x: Tensor) => Promise.resolve([x])) as never, /cannot be async/);
  refused((() => undefined) as never, /must return an array of tensors/);
  refused((() => [1]) as never, /must return an array of tensors/);
});

test('captured constants above a limit are refused, one alone and all together', () => {
  const large = random([1 << 19]);
  refused((x) => [tf.mul(x, large)], /captures a tensor of shape \[524288\] \(2097152 bytes; limit 1048576/);
  const many = Array.from({ length: 17 }, (_, i) => random([1 << 18], i));
  refused((x) => many.map((t) => tf.mul(x, t)), /together 16777216/);
  tf.dispose([large, many]);
});

test('a large tensor listed as data is no constant and may be disposed after', () => {
  const large = random([300_000]);
  const expected = valuesOf([tf.sum(large)]);
  const program = compile({
    variables: [],
    data: [large],
    functions: { f: { run: () => [tf.sum(large)] } },
  });
  large.dispose();
  withProgram(program, () => assertSameBits(valuesOf(program.call('f')), expected));
});

test('a compiled program inside a compiled function is refused, and so is compile', () => {
  withProgram(
    compiled((x) => [tf.square(x)]),
    (inner) => {
      assert.throws(() => compiled((x) => inner.call('f', x)), /used inside a function that is being compiled/);
      assert.throws(() => compiled((x) => (compiled((y) => [y]), [x])), /inside a function that is being compiled/);
    },
  );
});

test('an op that fails while it is traced names itself and its line', () => {
  refused(
    (x) => [tf.matMul(tf.mul(tf.ones([2, 3]), x), tf.ones([2, 3]))],
    /BatchMatMulV2 failed at .*size-incompatible/s,
  );
});

test('an op that refuses zeros is traced with the values of the step', () => {
  const x = tf.add(tf.mul(tf.eye(150), 4), random([150, 150], 1, 0.1));
  const inverse = () => [rawOp('MatrixInverse', [attribute.type('T', 1)], [tf.mul(x, 2)])];
  withProgram(compile({ variables: [], data: [x], functions: { f: { run: inverse } } }), (program) => {
    const now = tf.matMul(tf.mul(x, 2) as tfTypes.Tensor2D, program.call('f')[0] as tfTypes.Tensor2D);
    assert.ok((tf.max(tf.abs(tf.sub(now, tf.eye(150)))).dataSync()[0] as number) < 1e-5);
  });
});

test('a tensor kept from inside a function has no values, and every use of it says so', () => {
  const x = random([150, 150], 1);
  let kept: Tensor | undefined;
  const f = () => {
    kept = tf.keep(tf.square(x));
    return [tf.sum(kept)];
  };
  withProgram(compile({ variables: [], data: [x], functions: { f: { run: f } } }), () => {
    assert.throws(() => kept?.dataSync(), /which keeps shapes but no values/);
    assert.throws(() => tf.add(kept as Tensor, 1), /which keeps shapes but no values/);
  });
  let earlier: Tensor | undefined;
  const g = () => [tf.sum((earlier ??= tf.keep(tf.square(x))))];
  assert.throws(
    () => compile({ variables: [], data: [x], functions: { g: { run: g } } }),
    /keeps shapes but no values/,
  );
});

test('a large variable that the function makes from a computed value is refused', () => {
  const x = random([150, 150], 1);
  let mean: tfTypes.Variable | undefined;
  const f = () => {
    const now = tf.square(x);
    if (!mean) mean = tf.variable(now);
    else mean.assign(tf.add(mean, now));
    return [tf.sum(mean)];
  };
  assert.throws(
    () => compile({ variables: [], data: [x], functions: { f: { run: f } } }),
    /was made inside the function from a computed value: create it before/,
  );
});

test('variables that share one tensor, or share it with a captured one, are told apart', () => {
  const shared = tf.tensor1d([1, 2]);
  const [a, b] = [tf.variable(shared), tf.variable(shared)];
  const step = () => {
    a.assign(tf.mul(a, 3));
    return [tf.sub(a, shared), tf.sub(b, shared)];
  };
  const program = compile({ variables: [a, b], functions: { step: { run: step } } });
  withProgram(program, () => {
    tf.dispose(program.repeat('step', 2));
    const [moved, still] = valuesOf(program.call('step'));
    assert.deepEqual([...moved!], [26, 52]);
    assert.deepEqual([...still!], [0, 0]);
    assert.deepEqual(
      program.read().map((v) => [...v]),
      [
        [27, 54],
        [1, 2],
      ],
    );
  });
});

test('compiling leaves the variables as they were, also when it fails', () => {
  const v = variable(tf.tensor1d([1, 2, 3]));
  const increase = () => {
    v.assign(tf.add(v, 1));
    return [];
  };
  const program = compile({ variables: [v], functions: { f: { run: increase } } });
  assert.deepEqual([...v.dataSync()], [1, 2, 3]);
  program.dispose();
  const failing = () => {
    increase();
    throw new Error('mine');
  };
  assert.throws(() => compile({ variables: [v], functions: { f: { run: failing } } }), /mine/);
  assert.deepEqual([...v.dataSync()], [1, 2, 3]);
  tf.square(2).dispose(); // tracing is over: eager ops run
});
