import assert from 'node:assert/strict';
import { it } from 'node:test';
import { normals } from '../../lib/random/index.ts';
import { tf } from '../../lib/compute/index.ts';
import { DeepRelu } from '../../lib/theory/deep-relu.ts';
import { infiniteKernel } from '../../lib/theory/infinite-kernel.ts';
import { gramMatrix } from '../../lib/theory/samples.ts';

const gram = gramMatrix(normals(7, 0, 5 * 20), 5);
const target = [1, -1, 1, 1, -1];

for (const layers of [2, 3, 4]) {
  it(`a ReLU network of ${layers} layers obeys equation 1 with its own kernel and k = ${layers} in one small step`, () => {
    const before = tf.memory().numTensors;
    const network = new DeepRelu({ layers, width: 60, gram, target, seed: 1 });
    const [eta, lambda] = [1e-4, 0.5];
    const start = network.measure();
    network.step(eta, lambda);
    const moved = network.measure().f.map((value, a) => (value - start.f[a]!) / eta);
    const predicted = start.f.map((value, a) => {
      const pull = start.kernel[a]!.reduce((sum, entry, b) => sum + entry * (start.f[b]! - target[b]!), 0);
      return -pull - layers * lambda * value;
    });
    const scale = Math.max(...predicted.map(Math.abs));
    moved.forEach((value, a) =>
      assert.ok(Math.abs(value - predicted[a]!) < 0.01 * scale, `${moved} against ${predicted}`),
    );
    network.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it(`its kernel is near the infinite-width one at width 1500, ${layers} layers`, () => {
    const network = new DeepRelu({ layers, width: 1500, gram, target, seed: 1 });
    // ReLU homogeneity: the factors 2, .., 2, 1 of the layers are those of sigma_w^2 = 2 times 1/2 overall.
    const { ntk } = infiniteKernel({ gram, hidden: layers - 1, sigmaW: Math.SQRT2 });
    const { kernel } = network.measure();
    const [largest] = [Math.max(...ntk.map((row) => Math.max(...row))) / 2];
    kernel.forEach((row, a) =>
      row.forEach((value, b) =>
        assert.ok(Math.abs(value - ntk[a]![b]! / 2) < 0.15 * largest, `${value} ${ntk[a]![b]! / 2}`),
      ),
    );
    network.dispose();
  });
}
