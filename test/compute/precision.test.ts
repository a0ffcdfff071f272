// Products and convolutions in bfloat16: near the float32 ones, as far as 8 bits go, and everything else unchanged.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  compile,
  compileModel,
  conv2d,
  scalarInput,
  tf,
  whyNoBfloat16,
  type Precision,
} from '../../lib/compute/index.ts';
import { narrowed, requirePrecision } from '../../lib/compute/precision.ts';
import { DATA_TYPE } from '../../lib/compute/graph.ts';

type Tensor = InstanceType<typeof tf.Tensor>;
const skip = whyNoBfloat16() === undefined ? false : `NOT TESTED: ${whyNoBfloat16()}`;

/** The first `bits` significant bits of a number, by rounding half to even as the hardware does. */
function toBfloat16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer);
  const word = bits[0] as number;
  bits[0] = ((word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer)[0] as number;
}

/** What one call of a program without state gives. */
function once(run: () => Tensor, data: Tensor[], precision?: Precision): Float32Array {
  const program = compile({
    variables: [],
    data,
    functions: { run: { run: () => [run()] } },
    ...(precision && { precision }),
  });
  const [result] = program.call('run');
  program.dispose();
  return (result as Tensor).dataSync() as Float32Array;
}

suite('bfloat16', { skip }, () => {
  test('operands of a product are rounded to 8 bits, and so is the result; nothing else is', () => {
    const a = tf.tensor2d([[1.0009765625, Math.PI]]);
    const b = tf.tensor2d([[Math.E], [0.333333343]]);
    const [product] = once(() => tf.matMul(a, b), [a, b], 'bfloat16');
    const [x, y] = a.dataSync() as unknown as [number, number];
    const [u, v] = b.dataSync() as unknown as [number, number];
    const expected = toBfloat16(Math.fround(toBfloat16(x) * toBfloat16(u) + toBfloat16(y) * toBfloat16(v)));
    assert.equal(product, expected);
    assert.notEqual(product, once(() => tf.matMul(a, b), [a, b])[0]);
    const sum = () => tf.add(a, tf.transpose(b));
    assert.deepEqual(once(sum, [a, b], 'bfloat16'), once(sum, [a, b]));
  });

  const images = tf.randomNormal([4, 9, 9, 3], 0, 1, 'float32', 1) as Tensor;
  const filter = tf.randomNormal([3, 3, 3, 8], 0, 1, 'float32', 2) as Tensor;
  const left = tf.randomNormal([5, 6, 7], 0, 1, 'float32', 3) as Tensor;
  const right = tf.randomNormal([5, 7, 4], 0, 1, 'float32', 4) as Tensor;
  const gradient = (of: Tensor, f: (x: Tensor) => Tensor) => tf.grad((x: Tensor) => tf.sum(tf.square(f(x))))(of);
  const members: Record<string, [() => Tensor, Tensor[]]> = {
    'tf.conv2d': [() => tf.conv2d(images as never, filter as never, 2, 'same'), [images, filter]],
    'conv2d of the room': [() => conv2d(images, filter), [images, filter]],
    'batched matMul': [() => tf.matMul(left, right), [left, right]],
    'gradient by the images': [() => gradient(images, (x) => conv2d(x, filter)), [images, filter]],
    'gradient by the filter': [() => gradient(filter, (w) => conv2d(images, w)), [images, filter]],
    'gradient of tf.conv2d by the filter': [
      () => gradient(filter, (w) => tf.conv2d(images as never, w as never, 1, 'valid')),
      [images, filter],
    ],
    'gradient of a batched matMul': [() => gradient(left, (x) => tf.matMul(x, right)), [left, right]],
    'transposed matMul': [() => tf.matMul(left, left, true, false), [left]],
  };
  for (const [name, [run, data]] of Object.entries(members)) {
    test(`${name} is near its float32 value`, () => {
      const exact = once(run, data);
      const coarse = once(run, data, 'bfloat16');
      const size = Math.max(...exact.map(Math.abs));
      const error = Math.max(...exact.map((value, i) => Math.abs(value - (coarse[i] as number))));
      assert.ok(error > 0, 'nothing was narrowed');
      assert.ok(error < 0.03 * size, `${error} of ${size}`);
    });
  }

  test('a step trains to nearly the same loss, with float32 weights, and repeats equal single calls', () => {
    const losses = (precision: Precision, single: boolean) => {
      const w = tf.variable(tf.randomNormal([20, 10], 0, 0.1, 'float32', 5));
      const x = tf.randomNormal([64, 20], 0, 1, 'float32', 6);
      const y = tf.matMul(x, tf.randomNormal([20, 10], 0, 1, 'float32', 7));
      const program = compile({
        precision,
        variables: [w],
        data: [x, y],
        functions: {
          step: {
            inputs: [scalarInput],
            run(eta) {
              const { value, grads } = tf.variableGrads(
                () => tf.losses.meanSquaredError(y, tf.matMul(x, w)) as never,
                [w],
              );
              w.assign(tf.sub(w, tf.mul(grads[w.name] as Tensor, eta as Tensor)) as never);
              return [value];
            },
          },
        },
      });
      const eta = tf.scalar(0.5);
      const values: number[] = [];
      for (let i = 0; i < 3; i++) {
        if (!single) program.repeat('step', 20, eta).forEach((loss) => values.push(loss.dataSync()[0] as number));
        else
          for (let j = 0; j < 20; j++)
            program.call('step', eta).forEach((loss) => j === 19 && values.push(loss.dataSync()[0] as number));
      }
      program.dispose();
      assert.equal(w.dtype, 'float32');
      return values;
    };
    const exact = losses('float32', false);
    const coarse = losses('bfloat16', false);
    assert.deepEqual(losses('bfloat16', true), coarse);
    assert.notDeepEqual(coarse, exact);
    exact.forEach((loss, i) => assert.ok(Math.abs(loss - (coarse[i] as number)) < 0.05 * loss + 1e-3));
  });

  test('a layers model takes it as an option', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }), tf.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const x = tf.randomNormal([64, 8], 0, 1, 'float32', 8);
    const y = tf.sum(x, 1, true);
    const exact = (model.predict(x) as Tensor).dataSync();
    const compiled = compileModel(model, { precision: 'bfloat16' });
    const coarse = (compiled.predict(x) as Tensor).dataSync();
    assert.notDeepEqual(coarse, exact);
    const { history } = await compiled.fit(x, y, { epochs: 8, batchSize: 16 });
    const loss = history['loss'] as number[];
    assert.ok((loss.at(-1) as number) < 0.95 * (loss[0] as number), String(loss));
    compiled.dispose();
  });
});

test('a precision that is none, and a processor that has no bfloat16, are named', () => {
  assert.throws(
    () => compile({ variables: [], functions: {}, precision: 'float16' as never }),
    /'float32' or 'bfloat16', got "float16"/,
  );
  const old = 'processor : 0\nmodel name\t: Intel(R) Xeon(R) CPU E5-2670\nflags : fpu avx avx2 avx512f\n';
  assert.match(whyNoBfloat16('cpu', () => old) ?? '', /E5-2670.*avx512_bf16/);
  assert.equal(
    whyNoBfloat16('gpu', () => old),
    undefined,
  );
  assert.equal(
    whyNoBfloat16('cpu', () => old.replace('avx512f', 'avx512_bf16')),
    undefined,
  );
  assert.throws(
    () => requirePrecision('bfloat16', () => whyNoBfloat16('cpu', () => old)),
    /would be slower.*Leave it out/,
  );
});

test('each operand is cast once, shapes are not, and integers are left alone', () => {
  const node = (name: string, op: string, inputs: string[], type: number = DATA_TYPE.float32) => ({
    name,
    op,
    inputs,
    attributes: { T: { type } },
  });
  const nodes = narrowed(
    [
      node('a', 'Conv2D', ['x', 'w']),
      node('b', 'Conv2DBackpropInput', ['sizes', 'w', 'dy']),
      node('c', 'MatMul', ['m', 'n'], DATA_TYPE.int32),
      node('d', 'AddV2', ['a', 'b']),
    ],
    'f0',
  );
  const casts = nodes.filter(
    ({ op, attributes }) => op === 'Cast' && (attributes as { DstT: { type: number } }).DstT.type === 14,
  );
  assert.deepEqual(
    casts.flatMap(({ inputs }) => inputs),
    ['x', 'w', 'dy'],
  );
  const named = new Map(nodes.map((each) => [each.name, each]));
  assert.equal(named.get('b/bfloat16')?.inputs[0], 'sizes');
  assert.equal(named.get('b')?.op, 'Cast');
  assert.deepEqual(named.get('c')?.attributes, { T: { type: DATA_TYPE.int32 } });
  assert.deepEqual(named.get('d')?.inputs, ['a', 'b']);
});
