import assert from 'node:assert/strict';
import test from 'node:test';
import { layerValues } from '../../lib/training/layers-observed.ts';
import type { TrainingEvent } from '../../lib/training/index.ts';
import { eventsOf, measures, timeless, tinyConfig } from './support.ts';

test('norms and angles of parameters are those of their vectors, to all digits for small angles', () => {
  const turned = (angle: number) => Float32Array.of(2 * Math.cos(angle), 2 * Math.sin(angle));
  for (const angle of [1, 0.01, 1e-4]) {
    const { squaredNorms, angles } = layerValues([Float32Array.of(1, 0)], [turned(angle)]);
    assert.deepEqual(squaredNorms, [1]);
    assert.ok(Math.abs(angles[0]! / angle - 1) < 1e-3, `${angles[0]} for ${angle}`);
  }
  assert.deepEqual(layerValues([Float32Array.of(0, 0)], [Float32Array.of(1, 0)]), { squaredNorms: [0], angles: [0] });
  assert.deepEqual(layerValues([Float32Array.of(3, 0)], [Float32Array.of(1.5, 0)]).angles, [0]);
});

test("observe: 'layers' logs every parameter at every measured step but the last, and changes no other number", async () => {
  const settings = { measure: { every: 3 }, steps: 10, lambda: 0.05 };
  const plain = await eventsOf(tinyConfig(settings));
  const watched = await eventsOf(tinyConfig({ ...settings, observe: 'layers' }));
  const seen = watched.filter((event): event is TrainingEvent & { kind: 'observe' } => event.kind === 'observe');
  assert.deepEqual(
    seen.map(({ step }) => step),
    [0, 3, 6, 9],
  );
  assert.deepEqual(timeless(measures(watched)), timeless(measures(plain)));
  for (const { step, values } of seen) {
    const norms = values['squaredNorms'] as number[];
    const total = norms.reduce((sum, norm) => sum + norm, 0);
    const { l2Norm } = measures(watched).find((measure) => measure.step === step)!;
    assert.ok(Math.abs(total / l2Norm - 1) < 1e-5, `step ${step}: ${total} for ${l2Norm}`);
    assert.equal((values['angles'] as number[]).length, norms.length);
  }
  assert.ok(seen.every(({ values }) => (values['angles'] as number[]).some((angle) => angle > 0)));
});
