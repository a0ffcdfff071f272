import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collapse, DeepLinear, fixedPointCurve, fixedPoints, printedFixedPoint } from '../../lib/theory/deep-linear.ts';

function settle(depth: number, parameterization: 'ntk' | 'standard', fraction: number, width = 6) {
  const network = new DeepLinear({ depth, width, parameterization, seed: 2 });
  const strength = fraction * collapse(depth).strength;
  const lambda = (strength * network.beta ** 2) ** (1 / (depth + 1));
  for (let step = 0; step < 100_000; step += 1) if (network.step(0.05, lambda) < 1e-13) break;
  return { network, strength, lambda };
}

describe('deep linear networks (B.1)', () => {
  for (const parameterization of ['ntk', 'standard'] as const) {
    for (const depth of [1, 2, 3]) {
      it(`L = ${depth}, ${parameterization}: gradient descent ends on lambda^(L+1) / beta^2 = f^(L-1) (1-f)^(L+1), rank 1, equal norms`, () => {
        const { network, strength, lambda } = settle(depth, parameterization, 0.5);
        const f = network.f();
        assert.ok(Math.abs(f - fixedPoints(depth, strength)[0]!) < 1e-10, `${f}`);
        assert.ok(Math.abs(fixedPointCurve(depth, f) / strength - 1) < 1e-9);
        for (const norm of network.squaredNorms()) assert.ok(Math.abs(norm / ((f * (1 - f)) / lambda) - 1) < 1e-9);
        for (const ratio of network.rankRatios()) assert.ok(ratio < 1e-9, `${ratio}`);
      });

      it(`L = ${depth}, ${parameterization}: above the collapse only f = 0 is left`, () => {
        assert.ok(Math.abs(settle(depth, parameterization, 1.3).network.f()) < 1e-10);
      });
    }
  }

  it('collapses from 0 for L = 1, from 1/4 at 27/256 for L = 2, from 1/3 at 16/729 for L = 3', () => {
    assert.deepEqual(collapse(1), { f: 0, strength: 1 });
    assert.deepEqual(collapse(2), { f: 1 / 4, strength: 27 / 256 });
    assert.ok(Math.abs(collapse(3).f - 1 / 3) < 1e-15 && Math.abs(collapse(3).strength - 16 / 729) < 1e-16);
    assert.equal(fixedPoints(2, 27 / 256 + 1e-9).length, 0);
    assert.equal(fixedPoints(2, 0.1).length, 2);
  });

  it('(S21) as printed has f above the label, which gradient descent does not reach', () => {
    const { network, strength } = settle(1, 'ntk', 0.25);
    assert.ok(Math.abs(network.f() - 0.5) < 1e-10);
    assert.ok(printedFixedPoint(strength) > 1);
  });
});
