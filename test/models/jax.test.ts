import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, sumOfSquares, tf } from '../../lib/compute/index.ts';
import { buildModel, type Model } from '../../lib/models/index.ts';
import { learningRate, meanLoss } from '../../lib/training/index.ts';
import { optimizerOf, ratesOf } from '../../lib/training/optimizer.ts';
import { fixtureArray } from '../training/fixture-array.ts';

interface Fixture {
  training: { lambda: number; momentum: number; boundaries: number[]; factor: number };
  steps: number;
  networks: Record<
    string,
    {
      model: { kind: string };
      batch: number;
      /** Stream of the images: the first whose ReLU inputs and pool windows keep 1e-5 from a kink (null: not looked for). */
      imageStream: number;
      distanceToKinks: number | null;
      eta: number;
      /** Shapes of JAX's parameters, in its order. */
      shapes: number[][];
      logits: number[];
      loss: number;
      gradientNorms: number[];
      /** Before each of the steps, and after the last. */
      losses: number[];
      l2Norms: number[];
      /** The same training by the same JAX program in float32. */
      float32?: { losses: number[]; l2Norms: number[] };
    }
  >;
}

/** Made by environment/fixtures/networks.py: JAX Stax in double precision. */
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'networks.json'), 'utf8')) as Fixture;

/** Deep batch norm on small images magnifies rounding: JAX's own float32 logits of the small ResNet-50 are 8e-5 of their size off. */
const forwardOf = (name: string) => (name === 'resnet50' ? 1e-4 : 1e-5);

/**
 * Gradients of biases, scales and offsets are sums over all pixels, which cancel: 40- to 95-fold in the CNN with batch norm. There the 3e-7
 * that one-thread FusedBatchNormGradV3 is off in its largest part make 1.6e-5 of a norm; weights and two threads stay below 5e-6.
 */
const CANCELLATION = 5;

/** Relative, at every step, where rounding is not magnified. */
const STEPS_TOLERANCE = 1e-4;
/** Where it is: how many times JAX's own float32 may be off, that float32 is. */
const ROUNDING_FACTOR = 3;

/** How far a step may be off: for the small ResNet-50, whose training magnifies rounding a thousandfold, what float32 does to JAX itself up to there. */
const toleranceAt = (name: string, step: number): number => {
  const { float32, losses } = fixture.networks[name] as Fixture['networks'][string];
  if (name !== 'resnet50' || !float32) return STEPS_TOLERANCE;
  const own = float32.losses.slice(0, step + 1).map((loss, i) => Math.abs(loss / (losses[i] as number) - 1));
  return Math.max(STEPS_TOLERANCE, ROUNDING_FACTOR * Math.max(...own));
};

/** For each of our parameters its place in JAX's order: Stax has a batch norm's offset before its scale. */
const places = (model: Model): number[] =>
  model.parameters.map(({ kind }, i) => (kind === 'scale' ? i + 1 : kind === 'offset' ? i - 1 : i));

function given(model: Model): Float32Array[] {
  const order = places(model);
  return model.parameters.map(({ shape, kind }, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const deviation = shape.length > 1 ? Math.sqrt(2 / (size / (shape.at(-1) as number))) : 0.1;
    const values = fixtureArray(order[i] as number, size, deviation);
    return kind === 'scale' ? values.map((value) => value + 1) : values;
  });
}

for (const [name, wanted] of Object.entries(fixture.networks)) {
  const model = buildModel(wanted.model);
  const forward = forwardOf(name);
  const inputs = [wanted.batch, ...model.inputShape];
  const x = tf.tensor(
    fixtureArray(
      wanted.imageStream,
      inputs.reduce((a, b) => a * b, 1),
      1,
    ),
    inputs,
  );
  const y = tf.tensor1d(
    Array.from({ length: wanted.batch }, (_, i) => (i * 3) % 10),
    'int32',
  );
  const variables = () => given(model).map((values, i) => tf.variable(tf.tensor(values, model.parameters[i]?.shape)));

  test(`${name}: logits, loss and gradient norms agree with JAX to ${forward}`, (t) => {
    // Nearer a kink, rounding alone decides a gradient, and with it the order of sums: that of one thread or of two.
    if (name !== 'resnet50') assert.ok((wanted.distanceToKinks ?? 0) > 1e-5);
    const parameters = variables();
    const order = places(model);
    assert.deepEqual(
      model.parameters.map((_, i) => wanted.shapes[order[i] as number]),
      model.parameters.map(({ shape }) => shape),
    );
    const logits = model.logits(parameters, x).dataSync();
    // Relative to the size of the logits: single ones cross zero.
    const size = Math.sqrt(wanted.logits.reduce((sum, value) => sum + value ** 2, 0) / wanted.logits.length);
    let worst = 0;
    logits.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (wanted.logits[i] as number)) / size);
    });
    assert.ok(worst < forward, `logits differ by ${worst}`);
    const { value, grads } = tf.variableGrads(
      () => meanLoss('cross-entropy/k', model.logits(parameters, x), y),
      parameters,
    );
    assert.ok(Math.abs((value.dataSync()[0] as number) / wanted.loss - 1) < forward);
    // The bias of a convolution before batch norm has gradient 0 but for rounding: compared with the largest norm instead.
    const largest = Math.max(...wanted.gradientNorms);
    let worstNorm = 0;
    parameters.forEach((parameter, i) => {
      const norm = Math.sqrt(sumOfSquares(grads[parameter.name] as Tensor).dataSync()[0] as number);
      const want = wanted.gradientNorms[order[i] as number] as number;
      const difference = Math.abs(norm - want) / (want > 1e-9 * largest ? want : largest);
      worstNorm = Math.max(worstNorm, difference);
      const allowed = parameter.rank === 1 ? CANCELLATION * forward : forward;
      assert.ok(difference < allowed, `gradient of ${model.parameters[i]?.name}: ${norm}, JAX has ${want}`);
    });
    t.diagnostic(`largest differences: logits ${worst.toExponential(1)}, gradient norms ${worstNorm.toExponential(1)}`);
  });

  test(`${name}: ${fixture.steps} compiled steps with momentum, L2 and a schedule agree with JAX as far as float32 can`, (t) => {
    const { lambda, momentum, factor, boundaries } = fixture.training;
    const { steps } = fixture;
    const { eta } = wanted;
    assert.deepEqual(boundaries, [Math.trunc(0.35 * steps), 2 * Math.trunc(0.35 * steps)]);
    const config = { momentum, l2Convention: 'full' } as const;
    const rate = learningRate({ kind: 'epochs', fraction: 0.35, drops: 2, factor }, { eta, steps, batchesPerEpoch: 1 });
    const parameters = variables();
    const optimizer = optimizerOf(config, model, parameters);
    const program = compile({
      variables: [...parameters, ...optimizer.slots],
      data: [x, y],
      functions: {
        step: {
          inputs: [scalarInput, scalarInput],
          run(minusEta, l2) {
            const norm = tf.addN(parameters.map((parameter) => sumOfSquares(parameter)));
            const { value, grads } = tf.variableGrads(
              () => meanLoss('cross-entropy/k', model.logits(parameters, x), y),
              parameters,
            );
            const gradients = parameters.map((parameter) => grads[parameter.name] as Tensor);
            optimizer.update(gradients, minusEta as Tensor, l2 as Tensor);
            return [value, norm];
          },
        },
      },
    });
    let worst = 0;
    for (let step = 0; step <= steps; step++) {
      const { minusEta, l2 } = ratesOf(config, rate.at(step), lambda);
      const [loss, norm] = program
        .call('step', tf.scalar(minusEta), tf.scalar(l2))
        .map((s) => s.dataSync()[0] as number);
      for (const [have, want] of [
        [loss, wanted.losses[step]],
        [norm, wanted.l2Norms[step]],
      ] as [number, number][]) {
        const difference = Math.abs(have / want - 1);
        assert.ok(difference < toleranceAt(name, step), `step ${step}: ${have}, JAX has ${want}`);
        worst = Math.max(worst, difference);
      }
    }
    program.dispose();
    const [first, last] = [wanted.losses[0], wanted.losses.at(-1)] as [number, number];
    assert.ok(last < 0.9 * first, `the fixture must have learnt something: ${first} to ${last}`);
    t.diagnostic(`largest relative difference ${worst.toExponential(1)}`);
  });
}

test('the small ResNet-50 parts from JAX by rounding: in float32 JAX parts from its own float64 by percents, a plain WRN does not', () => {
  const apart = (name: string): number => {
    const { losses, float32 } = fixture.networks[name] as Fixture['networks'][string];
    assert.ok(float32, `the fixture of ${name} has float32`);
    return Math.max(...float32.losses.map((loss, i) => Math.abs(loss / (losses[i] as number) - 1)));
  };
  assert.ok(apart('resnet50') > 0.01, `${apart('resnet50')}`);
  assert.ok(apart('wrn') < 1e-5, `${apart('wrn')}`);
});
