import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normals } from '../../lib/random/index.ts';
import { descendFunction, evolveFunction } from '../../lib/theory/evolution.ts';
import { fromUpperTriangle, gramMatrix, upperTriangle } from '../../lib/theory/samples.ts';
import { activationScale, TwoLayer } from '../../lib/theory/two-layer.ts';

const [samples, dimension, width] = [5, 11, 40];
const inputs = normals(7, 0, samples * dimension);
const gram = gramMatrix(inputs, samples);
const target = [1, -1, 1, 1, -1];

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] as number))));
}

/** The same network with its weights W [n, d] written out, and nothing clever. */
function trainWeights(power: number, z0: Float64Array, v0: Float64Array, eta: number, lambda: number, steps: number) {
  // W of smallest norm with W x / sqrt(d) = z: W = z K^-1 x / sqrt(d), by solving with Gauss-Jordan.
  const augmented = gram.map((row, a) => [...row, ...gram.map((_, b) => (a === b ? 1 : 0))]);
  for (let pivot = 0; pivot < samples; pivot += 1) {
    const row = augmented[pivot]!;
    const head = row[pivot]!;
    for (let j = 0; j < row.length; j += 1) row[j]! /= head;
    for (const [other, values] of augmented.entries()) {
      const factor = values[pivot]!;
      if (other !== pivot) for (let j = 0; j < row.length; j += 1) values[j]! -= factor * row[j]!;
    }
  }
  const root = Math.sqrt(dimension);
  const weights = Array.from({ length: width }, (_, unit) =>
    Float64Array.from({ length: dimension }, (__, i) => {
      let sum = 0;
      for (let a = 0; a < samples; a += 1) {
        for (let b = 0; b < samples; b += 1) {
          sum += (z0[unit * samples + a]! * augmented[a]![samples + b]! * inputs[b * dimension + i]!) / root;
        }
      }
      return sum;
    }),
  );
  const v = Float64Array.from(v0);
  const scale = activationScale(power) / Math.sqrt(width);
  const forward = () => {
    const z = weights.map((row) =>
      Array.from(
        { length: samples },
        (_, a) => row.reduce((sum, w, i) => sum + w * inputs[a * dimension + i]!, 0) / root,
      ),
    );
    const f = Array.from({ length: samples }, (_, a) =>
      z.reduce((sum, row, unit) => sum + scale * v[unit]! * Math.max(0, row[a]!) ** power, 0),
    );
    return { z, f };
  };
  for (let step = 0; step < steps; step += 1) {
    const { z, f } = forward();
    weights.forEach((row, unit) => {
      const gradient = new Float64Array(dimension);
      let gradientV = 0;
      for (let a = 0; a < samples; a += 1) {
        const error = f[a]! - target[a]!;
        const pre = z[unit]![a]!;
        gradientV += error * scale * Math.max(0, pre) ** power;
        const slope = pre > 0 ? power * pre ** (power - 1) : 0;
        for (let i = 0; i < dimension; i += 1)
          gradient[i]! += (error * scale * v[unit]! * slope * inputs[a * dimension + i]!) / root;
      }
      v[unit]! -= eta * (gradientV + lambda * v[unit]!);
      for (let i = 0; i < dimension; i += 1) row[i]! -= eta * (gradient[i]! + lambda * row[i]!);
    });
  }
  return forward().f;
}

describe('a two-layer network in its pre-activations', () => {
  for (const power of [1, 2, 3]) {
    it(`is the network with its weights written out, step for step, p = ${power}`, () => {
      const network = new TwoLayer({ width, power, gram, target, seed: 3 });
      const expected = trainWeights(power, network.z, network.v, 0.05, 0.3, 40);
      for (let step = 0; step < 40; step += 1) network.step(0.05, 0.3);
      assert.ok(largest(network.f(), expected) < 1e-12, `${largest(network.f(), expected)}`);
    });

    it(`obeys equation 1 with its own kernel and k = p + 1 in one small step, p = ${power}`, () => {
      const network = new TwoLayer({ width, power, gram, target, seed: 4 });
      const [f, kernel] = [network.f(), network.kernel()];
      const [eta, lambda, k] = [1e-7, 0.3, power + 1];
      network.step(eta, lambda);
      const moved = network.f().map((value, a) => (value - f[a]!) / eta);
      const predicted = f.map((value, a) => {
        const pull = kernel[a]!.reduce((sum, entry, b) => sum + entry * (f[b]! - target[b]!), 0);
        return -pull - k * lambda * value;
      });
      const scale = Math.max(...predicted.map(Math.abs));
      assert.ok(largest(moved, predicted) < 1e-5 * scale, `${moved} against ${predicted}`);
    });

    it(`has phi(z) of mean square 1, p = ${power}`, () => {
      const draws = normals(1, 5, 400_000);
      const mean =
        draws.reduce((sum, z) => sum + (activationScale(power) * Math.max(0, z) ** power) ** 2, 0) / draws.length;
      assert.ok(Math.abs(mean - 1) < 0.05, `${mean}`);
    });
  }

  it('keeps its kernel where no gate flipped, and with frozen gates that of the units as they were', () => {
    const network = new TwoLayer({ width, power: 1, gram, target, seed: 9 });
    const gates = network.gates();
    assert.deepEqual(network.kernel(gates), network.kernel());
    for (let step = 0; step < 60; step += 1) network.step(0.2, 0.1);
    const flipped = network.gates().filter((gate, i) => gate !== gates[i]).length;
    assert.ok(flipped > 0 && flipped < gates.length / 2, `${flipped}`);
    const [frozen, now] = [network.kernel(gates), network.kernel()];
    assert.ok(frozen.some((row, a) => largest(row, now[a]!) > 1e-3));
    // Unit by unit with the old gates: phi = gate z, phi' = gate, times the scale 2 / n.
    for (let a = 0; a < samples; a += 1)
      for (let b = 0; b < samples; b += 1) {
        let sum = 0;
        for (let i = 0; i < width; i += 1) {
          const both = gates[i * samples + a]! * gates[i * samples + b]!;
          const [za, zb] = [network.z[i * samples + a]!, network.z[i * samples + b]!];
          sum += both * (za * zb + network.v[i]! ** 2 * gram[a]![b]!);
        }
        assert.ok(Math.abs(frozen[a]![b]! - (2 * sum) / width) < 1e-12);
      }
  });

  it('takes the steps of the infinite-width theory when it is wide', () => {
    const network = new TwoLayer({ width: 40_000, power: 1, gram, target, seed: 6 });
    const problem = { k: 2, lambda: 0.5, kernel: network.kernel(), initial: network.f(), target };
    for (let step = 0; step < 20; step += 1) network.step(0.2, 0.5);
    const [f] = descendFunction(problem, 0.2, [20]);
    const [flow] = evolveFunction(problem, [4]);
    assert.ok(largest(network.f(), f!) < 0.02, `${network.f()} and ${f}`);
    assert.ok(largest(network.f(), flow!) > largest(network.f(), f!));
  });

  it('is two linear layers when asked: its kernel is h h / n + |v|^2 K / n', () => {
    const network = new TwoLayer({ width, power: 1, activation: 'linear', gram, target, seed: 5 });
    const norm = network.v.reduce((sum, v) => sum + v * v, 0);
    const kernel = network.kernel();
    for (let a = 0; a < samples; a += 1)
      for (let b = 0; b < samples; b += 1) {
        let overlap = 0;
        for (let i = 0; i < width; i += 1) overlap += network.z[i * samples + a]! * network.z[i * samples + b]!;
        assert.ok(Math.abs(kernel[a]![b]! - (overlap + norm * gram[a]![b]!) / width) < 1e-12);
      }
    assert.throws(
      () => new TwoLayer({ width, power: 2, activation: 'linear', gram, target, seed: 5 }),
      /needs power 1/,
    );
  });

  it('names a width, power or target that does not fit', () => {
    assert.throws(() => new TwoLayer({ width: 0, power: 1, gram, target, seed: 0 }), /width must be .* not 0/);
    assert.throws(() => new TwoLayer({ width: 4, power: 1.5, gram, target, seed: 0 }), /power must be .* not 1.5/);
    assert.throws(() => new TwoLayer({ width: 4, power: 1, gram, target: [1], seed: 0 }), /target must have 5 entries/);
  });
});

describe('upper triangles', () => {
  it('come back as the symmetric matrix they were taken from', () => {
    assert.deepEqual(fromUpperTriangle(upperTriangle(gram)), gram);
    assert.throws(() => fromUpperTriangle([1, 2]), /2 entries are no upper triangle/);
  });
});
