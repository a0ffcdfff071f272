import assert from 'node:assert/strict';
import { it } from 'node:test';
import { normals } from '../../lib/random/index.ts';
import { gramMatrix } from '../../lib/theory/samples.ts';
import { TwoLayer } from '../../lib/theory/two-layer.ts';
import { WideRelu } from '../../lib/theory/wide-relu.ts';

const gram = gramMatrix(normals(7, 0, 30 * 50), 30);
const target = Float64Array.from({ length: 30 }, (_, a) => (a % 3 === 0 ? 1 : -1));
const options = { width: 4500, gram, target, seed: 1 };

it('the network in float32 blocks trains like the one in double precision, to 1e-5 over 50 steps', () => {
  const precise = new TwoLayer({ ...options, power: 1 });
  const blocks = new WideRelu(options);
  for (let step = 0; step < 50; step += 1) {
    precise.step(0.02, 0.4);
    blocks.step(0.02, 0.4);
  }
  const f = blocks.f();
  precise.f().forEach((value, a) => assert.ok(Math.abs(value - f[a]!) < 1e-5, `sample ${a}: ${value} and ${f[a]}`));
  blocks.dispose();
});

it('goes on from a saved state to the bit', () => {
  const whole = new WideRelu(options);
  for (let step = 0; step < 6; step += 1) whole.step(0.02, 0.4);
  const first = new WideRelu(options);
  for (let step = 0; step < 3; step += 1) first.step(0.02, 0.4);
  const second = new WideRelu(options, first.state());
  for (let step = 0; step < 3; step += 1) second.step(0.02, 0.4);
  assert.deepEqual(second.f(), whole.f());
  for (const network of [whole, first, second]) network.dispose();
});
