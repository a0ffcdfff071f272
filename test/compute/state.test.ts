import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compile,
  CompileError,
  counterInput,
  gatherRows,
  scalarInput,
  tf,
  toFloat,
  uint8Tensor,
} from '../../lib/compute/index.ts';
import { valuesOf, variable, withProgram, type Tensor, type Values } from './support.ts';

const numbers = (values: readonly Values[]) => values.map((array) => [...array]);

/** v <- v + amount, and what v was. */
const accumulator = (verify = true) => {
  const v = variable(tf.tensor1d([0, 10]));
  const program = compile({
    variables: [v],
    verify,
    functions: {
      add: {
        inputs: [scalarInput],
        run(amount) {
          const before = tf.mul(v, 1);
          v.assign(tf.add(v, amount));
          return [before];
        },
      },
      double: { run: () => [tf.mul(v, 2)] },
    },
  });
  return { v, program };
};
const one = tf.scalar(1);

test('a variable read, computed with or cloned outside after compiled steps throws until it is synchronised', () => {
  const { v, program } = accumulator();
  withProgram(program, () => {
    const early = v.clone();
    tf.dispose(program.call('add', one));
    for (const use of [() => v.dataSync(), () => tf.add(v, 1), () => v.clone().arraySync(), () => v.print()]) {
      assert.throws(use, /held by a compiled program and has changed since: call program\.sync\(\)/);
    }
    assert.throws(() => program.call('add', v.slice([0], [1]).reshape([])), /held by a compiled program/);
    assert.deepEqual([...early.dataSync()], [0, 10]); // what was taken before keeps its value
    program.sync();
    assert.deepEqual([...v.dataSync()], [1, 11]);
  });
});

test('asynchronous reads of a stale variable throw too', async () => {
  const { v, program } = accumulator();
  tf.dispose(program.call('add', one));
  await assert.rejects(v.data(), /held by a compiled program/);
  program.dispose();
  assert.deepEqual([...(await v.data())], [1, 11]);
});

test('a function that assigns nothing leaves the variables readable', () => {
  const { v, program } = accumulator();
  withProgram(program, () => {
    tf.dispose(program.call('double'));
    assert.deepEqual([...v.dataSync()], [0, 10]);
    assert.throws(() => program.repeat('double', 2), /double assigns no variable/);
  });
});

test('a variable assigned outside after compiled steps carries its new value into the program', () => {
  const { v, program } = accumulator();
  withProgram(program, () => {
    tf.dispose(program.call('add', one));
    v.assign(tf.tensor1d([100, 200]));
    assert.deepEqual(numbers(valuesOf(program.call('add', one))), [[100, 200]]);
    v.assign(tf.tensor1d([5, 6]));
    assert.deepEqual(numbers(program.read()), [[5, 6]]);
    assert.deepEqual([...v.dataSync()], [5, 6]);
  });
});

test('a variable held by one program cannot be taken by another until the first gives it back', () => {
  const { v, program } = accumulator();
  const source = { variables: [v], functions: { f: { run: () => [tf.square(v)] } } };
  withProgram(program, () => {
    withProgram(compile(source), (other) => {
      tf.dispose(program.call('add', one));
      assert.throws(() => other.call('f'), /held by a compiled program/);
      program.sync();
      assert.deepEqual(numbers(valuesOf(other.call('f'))), [[1, 121]]);
    });
    tf.dispose(program.call('add', one));
    assert.throws(() => compile(source), /held by a compiled program/);
  });
});

test('checkpoints: read gives copies, write takes copies, and both go through a later step', () => {
  const { program } = accumulator();
  withProgram(program, () => {
    tf.dispose(program.repeat('add', 3, one));
    const saved = program.read();
    assert.deepEqual(numbers(saved), [[3, 13]]);
    tf.dispose(program.call('add', one));
    assert.deepEqual(numbers(saved), [[3, 13]]);
    program.write(saved);
    saved[0]!.fill(-1);
    assert.deepEqual(numbers(program.read()), [[3, 13]]);
    assert.deepEqual(numbers(valuesOf(program.call('add', one))), [[3, 13]]);
  });
});

test('write refuses another number of arrays, another length and another type, and changes nothing', () => {
  const { program } = accumulator();
  withProgram(program, () => {
    assert.throws(() => program.write([]), /has 1 variables, got 0 arrays/);
    assert.throws(() => program.write([new Float32Array(3)]), /needs 2 values as Float32Array, got 3/);
    assert.throws(() => program.write([new Int32Array(2)]), /got 2 as Int32Array/);
    assert.deepEqual(numbers(program.read()), [[0, 10]]);
  });
});

test('a JavaScript array changed after it was handed over does not change the program', () => {
  const initial = Float32Array.of(1, 2);
  // TensorFlow shares memory that begins at a multiple of 64 bytes, and copies other: one of these begins there.
  const bytes = new Uint8Array(128).fill(1);
  const data = Array.from({ length: 64 }, (_, offset) => uint8Tensor(bytes.subarray(offset, offset + 64), [64]));
  const v = tf.variable(tf.tensor1d(initial));
  const run = () => {
    v.assign(tf.add(v, tf.addN(data.map((tensor) => tf.sum(toFloat(tensor))))));
    return [];
  };
  withProgram(compile({ variables: [v], data, functions: { step: { run } } }), (program) => {
    initial.fill(1000);
    bytes.fill(100);
    tf.dispose(program.call('step'));
    assert.deepEqual(numbers(program.read()), [[4097, 4098]]);
  });
});

test('inputs of wrong number, shape or dtype and disposed inputs are errors that name the input', () => {
  const { program } = accumulator();
  withProgram(program, () => {
    const gone = tf.scalar(1);
    gone.dispose();
    assert.throws(() => program.call('add'), /add takes 1 inputs, got 0/);
    assert.throws(
      () => program.call('add', tf.tensor1d([1])),
      /input 0 of add is float32 \[1\], compiled for float32 \[\]; program\.specialize/,
    );
    assert.throws(() => program.call('add', tf.scalar(1, 'int32')), /is int32 \[\], compiled for float32 \[\]/);
    assert.throws(() => program.call('add', gone), /input 0 of add is disposed/);
    assert.throws(() => program.call('sub' as 'add', one), /no function sub; compiled are add, double/);
    for (const count of [0, -1, 1.5, NaN]) assert.throws(() => program.repeat('add', count, one), /at least 1/);
    assert.deepEqual(numbers(program.read()), [[0, 10]]);
  });
});

test('disposed variables and data are refused, a disposed program too', () => {
  const v = variable(tf.zeros([2]));
  const x = tf.zeros([3]);
  x.dispose();
  const functions = { f: { run: () => [tf.square(v)] } };
  assert.throws(() => compile({ variables: [v], data: [x], functions }), /a tensor of shape \[3\] is disposed/);
  const program = compile({ variables: [v], functions });
  program.dispose();
  program.dispose();
  assert.throws(() => program.call('f'), /this program was disposed/);
  assert.throws(() => program.read(), /this program was disposed/);
  v.dispose();
  assert.throws(() => compile({ variables: [v], functions }), /is disposed/);
});

test('a program whose variables were disposed outside can still be disposed', () => {
  const { v, program } = accumulator();
  tf.dispose(program.call('add', one));
  v.dispose();
  program.dispose();
});

test('an op that fails inside a step names itself and the line, and leaves the state whole', () => {
  const [a, b] = [variable(tf.scalar(0)), variable(tf.scalar(0))];
  const table = tf.tensor1d([1, 2, 3, 4]);
  const run = (index: Tensor) => {
    a.assign(tf.add(a, 1));
    const row = gatherRows(table, tf.reshape(index, [1]));
    b.assign(tf.add(b, tf.sum(row)));
    return [];
  };
  const step = { inputs: [counterInput], counter: 0, run };
  withProgram(compile({ variables: [a, b], data: [table], functions: { step } }), (program) => {
    const at = (index: number) => tf.scalar(index, 'int32');
    const failure = (error: Error) => {
      assert.ok(error instanceof CompileError);
      assert.match(error.message, /failed at GatherV2, .*state\.test\.ts:\d+:\d+/);
      assert.match(error.message, /indices\[0\] = 4 is not in \[0, 4\)/);
      return true;
    };
    for (let i = 0; i < 20; i++) assert.throws(() => program.call('step', at(4)), failure);
    assert.deepEqual(numbers(program.read()), [[0], [0]]);
    // In a loop the steps before the one that fails are done, wholly, and the variables know it.
    assert.throws(() => program.repeat('step', 5, at(1)), failure);
    assert.throws(() => a.dataSync(), /held by a compiled program/);
    assert.deepEqual(numbers(program.read()), [[3], [9]]);
    tf.dispose(program.call('step', at(0)));
    assert.deepEqual(numbers(program.read()), [[4], [10]]);
  });
});

test('a second signature in the middle of training goes on from the same state', () => {
  const total = variable(tf.scalar(0));
  const offset = tf.tensor1d([100]);
  const run = (x: Tensor) => {
    total.assign(tf.add(total, tf.sum(x)));
    return [tf.add(total, offset)];
  };
  const program = compile({
    variables: [total],
    data: [offset],
    functions: { step: { inputs: [{ shape: [2], dtype: 'float32' }], run }, get: { run: () => [tf.mul(total, 1)] } },
  });
  withProgram(program, () => {
    const [two, three] = [tf.tensor1d([1, 2]), tf.tensor1d([10, 20, 30])];
    tf.dispose(program.repeat('step', 2, two));
    assert.throws(() => program.call('step', three), /is float32 \[3\], compiled for float32 \[2\]/);
    program.specialize('step', [{ shape: [3], dtype: 'float32' }]);
    program.specialize('step', [{ shape: [3], dtype: 'float32' }]); // again: nothing to do
    assert.deepEqual(numbers(program.read()), [[6]]);
    assert.deepEqual(numbers(valuesOf(program.call('step', three))), [[166]]);
    assert.deepEqual(numbers(valuesOf(program.repeat('step', 2, two))), [[172]]);
    assert.deepEqual(numbers(valuesOf(program.call('get'))), [[72]]);
    offset.dispose();
    assert.throws(() => program.specialize('step', [{ shape: [4], dtype: 'float32' }]), /dispose them later/);
    program.verify(); // needs no values
    assert.deepEqual(numbers(program.read()), [[72]]);
  });
});

test('a second signature that cannot be compiled leaves the program as it was', () => {
  const total = variable(tf.scalar(0));
  const run = (x: Tensor) => {
    total.assign(tf.add(total, tf.sum(tf.mul(x, tf.ones([2])))));
    return [];
  };
  const program = compile({
    variables: [total],
    functions: { step: { inputs: [{ shape: [2], dtype: 'float32' }], run } },
  });
  withProgram(program, () => {
    tf.dispose(program.call('step', tf.tensor1d([1, 2])));
    assert.throws(() => program.specialize('step', [{ shape: [3], dtype: 'float32' }]), /state\.test\.ts|broadcast/);
    tf.dispose(program.call('step', tf.tensor1d([1, 2])));
    assert.deepEqual(numbers(program.read()), [[6]]);
  });
});

test('verify runs by itself and changes no number', () => {
  const [checked, unchecked] = [accumulator(), accumulator(false)];
  withProgram(checked.program, () =>
    withProgram(unchecked.program, () => {
      for (let i = 0; i < 70; i++) for (const { program } of [checked, unchecked]) tf.dispose(program.call('add', one));
      assert.deepEqual(checked.program.read(), unchecked.program.read());
      assert.throws(() => checked.v.dataSync(), /held by a compiled program/);
    }),
  );
});

test('uint8, int32 and bool state and inputs keep their values', () => {
  const count = variable(tf.scalar(0, 'int32'));
  const flag = variable(tf.tensor1d([true, false], 'bool'));
  const run = (bytes: Tensor, on: Tensor) => {
    count.assign(tf.add(count, tf.cast(tf.sum(toFloat(bytes)), 'int32')));
    flag.assign(tf.logicalAnd(flag, on));
    return [tf.cast(flag, 'int32')];
  };
  const step = {
    inputs: [
      { shape: [3], dtype: 'uint8' as const },
      { shape: [2], dtype: 'bool' as const },
    ],
    run: run as (...inputs: Tensor[]) => Tensor[],
  };
  withProgram(compile({ variables: [count, flag], functions: { step } }), (program) => {
    const bytes = uint8Tensor(Uint8Array.of(250, 251, 252), [3]);
    assert.throws(
      () => program.call('step', tf.tensor1d([1, 2, 3], 'int32'), flag),
      /is int32 \[3\], compiled for uint8/,
    );
    const on = tf.tensor1d([true, true], 'bool');
    assert.deepEqual(numbers(valuesOf(program.repeat('step', 2, bytes, on))), [[1, 0]]);
    assert.deepEqual(numbers(program.read()), [[1506], [1, 0]]);
    program.write([Int32Array.of(7), Uint8Array.of(0, 1)]);
    program.sync();
    assert.deepEqual([...count.dataSync(), ...flag.dataSync()], [7, 0, 1]);
  });
});

test('steps runs in short stretches, counts on, yields to the event loop and stops at a signal', async () => {
  const seen = variable(tf.zeros([1000]));
  const run = (step: Tensor) => {
    seen.assign(tf.add(seen, tf.oneHot(tf.reshape(step, [1]), 1000).reshape([1000])));
    return [tf.mul(step, 1)];
  };
  const program = compile({
    variables: [seen],
    functions: { step: { inputs: [counterInput], counter: 0, run } },
  });
  const start = tf.scalar(5, 'int32');
  let stretches = 0;
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  for await (const { done, outputs } of program.steps('step', 900, [start], { sliceMs: 2 })) {
    stretches++;
    assert.deepEqual(numbers(valuesOf(outputs)), [[5 + done - 1]]);
  }
  clearInterval(timer);
  assert.ok(stretches > 3 && turns > 0);
  const expected = Float32Array.from({ length: 1000 }, (_, i) => (i >= 5 && i < 905 ? 1 : 0));
  assert.deepEqual(program.read(), [expected]);
  const stop = new AbortController();
  let last = 0;
  for await (const { done, outputs } of program.steps('step', 900, [start], { sliceMs: 1, signal: stop.signal })) {
    tf.dispose(outputs);
    last = done;
    stop.abort();
  }
  assert.equal(last, 1);
  program.dispose();
});
