import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLemma1, homogeneousCnn, homogeneousFc } from '../../lib/theory/lemma-1.ts';

describe('lemma 1', () => {
  for (const network of [homogeneousFc([5, 9, 1]), homogeneousFc([5, 9, 8, 7, 1]), homogeneousCnn()]) {
    it(`holds for ${network.name} (k = ${network.k}) and m = 0, 1, 2 to 1e-10`, () => {
      for (const seed of [0, 1, 2]) {
        for (const { m, left, derivative } of checkLemma1(network, seed)) {
          assert.ok(Math.abs(derivative) > 1e-6, 'a derivative that vanishes proves nothing');
          assert.ok(
            Math.abs(left - (network.k - m) * derivative) < 1e-10 * Math.abs(derivative),
            `m=${m}: ${left} ${derivative}`,
          );
        }
      }
    });
  }

  it('takes derivatives that agree with differences of f along the same directions', () => {
    const network = homogeneousFc([4, 6, 5, 1]);
    const count = network.fanIn.length;
    const at = (t: number, s: number) => {
      const jets = new Float64Array(8 * count);
      for (let i = 0; i < count; i += 1) jets[8 * i] = Math.sin(i + 1) + t * Math.cos(3 * i) + s * Math.sin(7 * i);
      return network.evaluate(jets)[0]!;
    };
    const jets = new Float64Array(8 * count);
    for (let i = 0; i < count; i += 1) jets.set([Math.sin(i + 1), Math.cos(3 * i), Math.sin(7 * i)], 8 * i);
    const f = network.evaluate(jets);
    const h = 1e-4;
    assert.ok(Math.abs((at(h, 0) - at(-h, 0)) / (2 * h) - f[1]!) < 1e-6);
    assert.ok(Math.abs((at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h * h) - f[3]!) < 1e-5);
  });

  it('fails for a network with a constant at its output, as it should', () => {
    const network = homogeneousFc([4, 6, 1]);
    const shifted = {
      ...network,
      evaluate: (parameters: Float64Array) => network.evaluate(parameters).map((value, i) => value + (i === 0 ? 1 : 0)),
    };
    const [zeroth] = checkLemma1(shifted);
    assert.ok(Math.abs(zeroth!.ratio - 2) > 0.01);
  });
});
