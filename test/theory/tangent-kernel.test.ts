import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { normals } from '../../lib/random/index.ts';
import { tf } from '../../lib/compute/index.ts';
import { fc, initialValues } from '../../lib/models/index.ts';
import { infiniteKernel } from '../../lib/theory/infinite-kernel.ts';
import { DeepRelu } from '../../lib/theory/deep-relu.ts';
import { gramMatrix, squareRoot } from '../../lib/theory/samples.ts';
import { tangentKernel } from '../../lib/theory/tangent-kernel.ts';
import { activationScale, TwoLayer } from '../../lib/theory/two-layer.ts';

interface Listed {
  shape: number[];
  values: number[];
}
interface Empirical {
  parameters: Listed[];
  inputs: Listed;
  kernel: Listed;
}
/** Made by `npm run fixtures -- tangent_kernels`. */
const fixture = JSON.parse(readFileSync(new URL('./fixtures/tangent-kernels.json', import.meta.url), 'utf8')) as {
  fc: Empirical;
  cnn: Empirical;
  inputs: Listed;
  infinite: { hidden: number; sigmaW: number; sigmaB: number; ntk: Listed; nngp: Listed }[];
};

const tensor = ({ shape, values }: Listed): Tensor => tf.tensor(values, shape, 'float32');

const cnn = {
  logits(parameters: readonly Tensor[], x: Tensor): Tensor {
    const [k0, k1, w] = parameters as [Tensor4D, Tensor4D, Tensor];
    const first = tf.relu(tf.conv2d(x as Tensor4D, k0, 1, 'same'));
    const pooled = tf.maxPool(tf.relu(tf.conv2d(first, k1, 1, 'valid')), 2, 1, 'valid');
    return tf.matMul(pooled.reshape([x.shape[0]!, -1]), w);
  },
};

/** Largest difference from a fixture [N, N, C, C], over its largest entry. */
function distance(kernel: Float64Array[], { shape, values }: Listed): number {
  const [samples, , outputs] = shape as [number, number, number, number];
  let [largest, difference] = [0, 0];
  values.forEach((value, index) => {
    const d = index % outputs;
    const c = Math.floor(index / outputs) % outputs;
    const b = Math.floor(index / outputs ** 2) % samples;
    const a = Math.floor(index / (outputs ** 2 * samples));
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - kernel[a * outputs + c]![b * outputs + d]!));
  });
  return difference / largest;
}

describe('the empirical tangent kernel', () => {
  for (const [name, network] of [
    ['fc', fc({ sizes: [6, 5, 4, 3], bias: true })],
    ['cnn', cnn],
  ] as const) {
    it(`of a ${name} agrees with neural-tangents to 1e-6, whatever the block size, and leaves no tensors`, () => {
      const { parameters, inputs, kernel } = fixture[name];
      const [values, x] = [parameters.map(tensor), tensor(inputs)];
      const size = values.reduce((sum, value) => sum + value.size, 0);
      const before = tf.memory().numTensors;
      for (const rows of [1, 2, 5, 100]) {
        const ours = tangentKernel(network, values, x, { memory: 12 * size * rows });
        assert.ok(distance(ours, kernel) < 1e-6, `${rows} rows a block: ${distance(ours, kernel)}`);
      }
      assert.equal(tf.memory().numTensors, before);
      tf.dispose([...values, x]);
    });
  }

  it('refuses scales of another length', () => {
    assert.throws(() => tangentKernel(cnn, [], tf.zeros([1, 2]), { scales: [1] }), /scales must have 0 entries/);
  });
});

describe('the infinite-width kernel', () => {
  it('agrees with neural-tangents to 1e-6 of its largest entry, with and without biases, 0 to 3 hidden layers', () => {
    const { values, shape } = fixture.inputs;
    const gram = gramMatrix(values, shape[0]!);
    for (const { hidden, sigmaW, sigmaB, ntk, nngp } of fixture.infinite) {
      const ours = infiniteKernel({ gram, hidden, sigmaW, sigmaB });
      for (const [mine, theirs] of [
        [ours.ntk, ntk],
        [ours.nngp, nngp],
      ] as const) {
        // prettier-ignore
        const largest = Math.max(...theirs.values);
        theirs.values.forEach((value, index) => {
          const error = Math.abs(mine.flatMap((row) => Array.from(row))[index]! - value) / largest;
          assert.ok(error < 1e-6, `hidden=${hidden} sigmaB=${sigmaB}: ${error}`);
        });
      }
    }
  });

  it('is approached by wide networks: ratio of distances at widths 16 and 1024 is 8, within a factor of 2', () => {
    const x = normals(3, 9, 4 * 10);
    const gram = gramMatrix(x, 4);
    const { ntk } = infiniteKernel({ gram, hidden: 2, sigmaW: Math.SQRT2 });
    const inputs = tf.tensor2d(x, [4, 10]);
    const distanceAt = (width: number): number => {
      const network = fc({ sizes: [10, width, width, 1], bias: false });
      const scales = network.parameters.map(({ fanIn }) => Math.SQRT2 / Math.sqrt(fanIn));
      let sum = 0;
      for (let seed = 0; seed < 6; seed += 1) {
        const drawn = initialValues(network, { sigmaW: Math.SQRT2, sigmaB: 0, seed });
        const values = drawn.map((array, i) => tf.tensor(array, network.parameters[i]!.shape));
        const kernel = tangentKernel(network, values, inputs, { scales });
        tf.dispose(values);
        kernel.forEach((row, a) => row.forEach((value, b) => (sum += (value - ntk[a]![b]!) ** 2)));
      }
      return Math.sqrt(sum);
    };
    const ratio = distanceAt(16) / distanceAt(1024);
    inputs.dispose();
    assert.ok(ratio > 4 && ratio < 16, `${ratio}`);
  });

  it('of one hidden layer is what two-layer.ts converges to', () => {
    const gram = gramMatrix(normals(3, 9, 4 * 10), 4);
    const kernel = new TwoLayer({ width: 60_000, power: 1, gram, target: [1, 1, 1, 1], seed: 0 }).kernel();
    // phi = sqrt 2 relu and unit weights: the factors sigma_w of both layers multiply to sqrt 2.
    const { ntk } = infiniteKernel({ gram, hidden: 1, sigmaW: 2 ** 0.25 });
    kernel.forEach((row, a) =>
      row.forEach((value, b) => assert.ok(Math.abs(value - ntk[a]![b]!) < 0.05, `${value} ${ntk[a]![b]}`)),
    );
  });
});

describe('the kernels that the networks of the theory compute for themselves are those of their Jacobians', () => {
  const gram = gramMatrix(normals(7, 0, 5 * 20), 5);
  const target = [1, -1, 1, 1, -1];
  const [width, seed] = [30, 3];
  // In these coordinates the samples have the Gram matrix, and the first layer's weights are plain normal draws.
  const x = tf.tensor2d(squareRoot(gram).map((row) => Array.from(row)));
  const apart = (a: Float64Array[], b: Float64Array[]): number => {
    const largest = Math.max(...a.flatMap((row) => Array.from(row, Math.abs)));
    return Math.max(...a.flatMap((row, i) => Array.from(row, (value, j) => Math.abs(value - b[i]![j]!)))) / largest;
  };

  for (const power of [1, 2, 3]) {
    it(`TwoLayer, p = ${power}`, () => {
      const first = tf.tensor2d(normals(seed, 1, width * 5), [width, 5]).transpose() as Tensor2D;
      const second = tf.tensor2d(normals(seed, 0, width), [width, 1]);
      const network = {
        logits([w, v]: readonly Tensor[], inputs: Tensor): Tensor {
          const phi = tf.pow(tf.relu(tf.matMul(inputs as Tensor2D, w as Tensor2D)), power);
          return tf.mul(tf.matMul(phi as Tensor2D, v as Tensor2D), activationScale(power) / Math.sqrt(width));
        },
      };
      const own = new TwoLayer({ width, power, gram, target, seed }).kernel();
      assert.ok(apart(own, tangentKernel(network, [first, second], x)) < 1e-5);
    });
  }

  for (const layers of [2, 3, 4]) {
    it(`DeepRelu, ${layers} layers`, () => {
      const sizes = [5, ...Array.from({ length: layers - 1 }, () => width), 1];
      const weights = sizes.slice(1).map((out, l) => tf.tensor2d(normals(seed, l, sizes[l]! * out), [sizes[l]!, out]));
      const network = {
        logits(parameters: readonly Tensor[], inputs: Tensor): Tensor {
          return parameters.reduce((h, w, l) => {
            const last = l === layers - 1;
            const z = tf.mul(
              tf.matMul(h as Tensor2D, w as Tensor2D),
              Math.sqrt((last ? 1 : 2) / (l === 0 ? 1 : width)),
            );
            return last ? z : tf.relu(z);
          }, inputs);
        },
      };
      const own = new DeepRelu({ layers, width, gram, target, seed });
      assert.ok(apart(own.measure().kernel, tangentKernel(network, weights, x)) < 1e-5);
      own.dispose();
    });
  }
});
