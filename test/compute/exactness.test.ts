import assert from 'node:assert/strict';
import { test } from 'node:test';
import './one-thread.ts';
import {
  averagePool,
  batchNorm,
  compile,
  conv2d,
  dense,
  maxPool,
  relu,
  softmaxCrossEntropy,
  tf,
  type Program,
} from '../../lib/compute/index.ts';
import { repeatsInFrame } from '../../lib/compute/build.ts';
import type { Trace } from '../../lib/compute/trace.ts';
import { assertClose, assertSameBits, random, valuesOf, variable, withProgram, type Tensor } from './support.ts';

interface Net {
  variables: ReturnType<typeof variable>[];
  loss(): Tensor;
}

const x = random([16, 12], 1);
const images = random([8, 6, 6, 2], 2);
const labels = (n: number) =>
  tf.tensor1d(
    Array.from({ length: n }, (_, i) => i % 3),
    'int32',
  );
const [y16, y8] = [labels(16), labels(8)];

/** Networks whose compiled steps must equal eager ones to the bit. */
const nets: Record<string, () => Net> = {
  dense() {
    const variables = [random([12, 9], 3), random([9], 4), random([9, 3], 5), random([3], 6)].map(variable);
    const [w0, b0, w1, b1] = variables as Tensor[] as [Tensor, Tensor, Tensor, Tensor];
    return {
      variables,
      loss: () => tf.mean(softmaxCrossEntropy(dense(relu(dense(x, w0, b0)), w1, b1), y16)),
    };
  },
  'dense of plain tfjs'() {
    const variables = [random([12, 9], 3), random([9], 4), random([9, 3], 5)].map(variable);
    const [w0, b0, w1] = variables as Tensor[] as [Tensor, Tensor, Tensor];
    const targets = tf.keep(tf.oneHot(y16, 3));
    return {
      variables,
      loss: () =>
        tf.losses.softmaxCrossEntropy(
          targets,
          tf.matMul(tf.relu(tf.add(tf.matMul(x as never, w0 as never), b0)) as never, w1 as never),
        ),
    };
  },
  convolution() {
    const variables = [random([3, 3, 2, 4], 3), random([4], 4), random([36, 3], 5)].map(variable);
    const [k, b, w] = variables as Tensor[] as [Tensor, Tensor, Tensor];
    return {
      variables,
      loss: () => {
        const h = averagePool(relu(conv2d(images, k, b)), { size: 2 });
        return tf.mean(softmaxCrossEntropy(dense(tf.reshape(h, [8, 36]), w), y8));
      },
    };
  },
};

const update = ({ variables, loss }: Net) => {
  const { value, grads } = tf.variableGrads(loss as never, variables);
  for (const v of variables) v.assign(tf.sub(v, tf.mul(grads[v.name] as Tensor, 0.1)));
  return [value as Tensor];
};

const build = (net: Net): Program<'step' | 'loss'> =>
  compile({
    variables: net.variables,
    data: [x, images, y16, y8],
    functions: { step: { run: () => update(net) }, loss: { run: () => [net.loss()] } },
  });

const eagerState = (net: Net, steps: number) => {
  const losses = [];
  for (let i = 0; i < steps; i++) losses.push(...valuesOf(tf.tidy(() => update(net))));
  losses.push(...valuesOf([tf.tidy(net.loss)]));
  return { losses, state: net.variables.map((v) => v.dataSync()) };
};

for (const [name, make] of Object.entries(nets)) {
  test(`${name}: single compiled steps equal eager ones to the bit, loss and state`, () => {
    const expected = eagerState(make(), 6);
    withProgram(build(make()), (program) => {
      const losses = Array.from({ length: 6 }, () => valuesOf(program.call('step'))[0]!);
      losses.push(...valuesOf(program.call('loss')));
      assertSameBits(losses, expected.losses);
      assertSameBits(program.read(), expected.state);
    });
  });

  test(`${name}: repeated steps equal single ones to the bit`, () => {
    const expected = eagerState(make(), 6);
    withProgram(build(make()), (program) => {
      assertSameBits(valuesOf(program.repeat('step', 6)), [expected.losses[5]!]);
      assertSameBits(program.read(), expected.state);
    });
  });

  test(`${name}: calls, repeats, evaluations and eager steps in any order equal eager steps to the bit`, () => {
    const expected = eagerState(make(), 9);
    const net = make();
    withProgram(build(net), (program) => {
      tf.dispose(program.repeat('step', 3));
      assertSameBits(valuesOf(program.call('loss')), [expected.losses[3]!]);
      tf.dispose(program.call('step'));
      program.sync();
      assertSameBits(valuesOf(tf.tidy(() => update(net))), [expected.losses[4]!]); // eager, in between
      assertSameBits(valuesOf(program.repeat('step', 4)), [expected.losses[8]!]);
      assertSameBits(program.read(), expected.state);
    });
    assertSameBits(
      net.variables.map((v) => v.dataSync()),
      expected.state,
    );
  });
}

test('two programs alive at once, also over equal networks, keep apart', () => {
  const [a, b] = [nets.dense!(), nets.dense!()];
  const expected = eagerState(nets.dense!(), 4).state;
  const start = b.variables.map((v) => v.dataSync());
  withProgram(build(a), (first) =>
    withProgram(build(b), (second) => {
      tf.dispose(first.repeat('step', 4));
      assertSameBits(first.read(), expected);
      assertSameBits(second.read(), start);
      tf.dispose(second.call('step'));
      assertSameBits(first.read(), expected);
      tf.dispose(second.repeat('step', 3));
      assertSameBits(second.read(), expected);
    }),
  );
});

test('with batch norm, repeated steps equal single ones to the bit, and eager ones but for rounding', () => {
  const make = (): Net => {
    const variables = [random([3, 3, 2, 4], 3), tf.ones([4]), tf.zeros([4]), random([144, 3], 5)].map(variable);
    const [k, scale, offset, w] = variables as Tensor[] as [Tensor, Tensor, Tensor, Tensor];
    const net = () => dense(tf.reshape(relu(batchNorm(conv2d(images, k), scale, offset)), [8, 144]), w);
    return { variables, loss: () => tf.mean(softmaxCrossEntropy(net(), y8)) };
  };
  const expected = eagerState(make(), 5);
  withProgram(build(make()), (single) =>
    withProgram(build(make()), (repeated) => {
      for (let i = 0; i < 5; i++) tf.dispose(single.call('step'));
      tf.dispose(repeated.repeat('step', 5));
      assertSameBits(repeated.read(), single.read());
      assertClose(single.read(), expected.state);
    }),
  );
});

test('a step with max pooling is repeated call by call, its counter counting: in a frame its bits would depend on the process', () => {
  const make = () => {
    const variables = [random([3, 3, 2, 4], 3), random([36, 3], 5)].map(variable);
    const [k, w] = variables as Tensor[] as [Tensor, Tensor];
    const loss = (): Tensor => {
      const h = maxPool(relu(conv2d(images, k)), { size: 2 });
      return tf.mean(softmaxCrossEntropy(dense(tf.reshape(h, [8, 36]), w), y8));
    };
    return compile({
      variables,
      functions: {
        step: {
          inputs: [{ shape: [], dtype: 'int32' }],
          counter: 0,
          run(step) {
            const { grads } = tf.variableGrads(loss as never, variables);
            const rate = tf.div(0.1, tf.add(tf.cast(step as never, 'float32'), 1));
            variables.forEach((v) => v.assign(tf.sub(v, tf.mul(rate, grads[v.name]!))));
            return [step as Tensor];
          },
        },
      },
    });
  };
  withProgram(make(), (single) => {
    for (let step = 3; step < 8; step++) tf.dispose(single.call('step', tf.scalar(step, 'int32')));
    withProgram(make(), (repeated) => {
      assert.deepEqual([...valuesOf(repeated.repeat('step', 5, tf.scalar(3, 'int32')))[0]!], [7]);
      assertSameBits(repeated.read(), single.read());
    });
  });
  const traced = (op: string): Trace => ({
    nodes: [{ name: 'n', op, inputs: [], attributes: {} }],
    results: [[]],
    outputs: [],
    writes: [],
    optimizers: [],
    layers: new Set(),
    captured: [],
  });
  assert.equal(repeatsInFrame(traced('MaxPoolGrad')), false);
  assert.equal(repeatsInFrame(traced('Conv2DBackpropFilter')), false);
  assert.equal(repeatsInFrame(traced('AvgPoolGrad')), true);
});
