import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { compile, normals, scalarInput, tf } from '../../lib/compute/index.ts';
import { cnn, initialValues, parameterCount, resnet50, wrn, type Model } from '../../lib/models/index.ts';
import { meanLoss } from '../../lib/training/index.ts';
import { optimizerOf, ratesOf } from '../../lib/training/optimizer.ts';

/** The paper's networks at their full size, on a batch that a laptop can hold. */
const networks: Record<string, { model: Model; parameters: number; batch: number; sigmaW: number; eta: number }> = {
  'WRN 28-10, batch 8': { model: wrn({ depth: 28, widen: 10 }), parameters: 38_557_770, batch: 8, sigmaW: 1, eta: 1 },
  'CNN, batch 4': {
    model: cnn(),
    parameters: 51_044_810,
    batch: 4,
    sigmaW: Math.SQRT2,
    eta: 1e-4,
  },
  'CNN with batch norm, batch 4': {
    model: cnn({ batchNorm: true }),
    parameters: 51_046_610,
    batch: 4,
    sigmaW: Math.SQRT2,
    eta: 0.001,
  },
  'ResNet-50 at 224 x 224, batch 2': {
    model: resnet50(),
    parameters: 25_557_032,
    batch: 2,
    sigmaW: 1,
    eta: 1,
  },
};

for (const [name, { model, parameters: count, batch, sigmaW, eta }] of Object.entries(networks)) {
  test(`${name}: the exact network takes two compiled steps that lower the loss of its batch`, () => {
    assert.equal(parameterCount(model), count);
    const shape = [batch, ...model.inputShape];
    const x = tf.tensor(
      normals(
        0,
        500,
        shape.reduce((a, b) => a * b, 1),
      ),
      shape,
    );
    const y = tf.range(0, batch, 1, 'int32');
    const parameters = initialValues(model, { sigmaW, sigmaB: 0, seed: 0 }).map((values, i) =>
      tf.tidy(() => tf.variable(tf.tensor(values, model.parameters[i]?.shape))),
    );
    const config = { momentum: 0, l2Convention: 'full' } as const;
    const optimizer = optimizerOf(config, model, parameters);
    const program = compile({
      variables: parameters,
      data: [x, y],
      functions: {
        step: {
          inputs: [scalarInput, scalarInput],
          run(minusEta, l2) {
            const { value, grads } = tf.variableGrads(
              () => meanLoss('cross-entropy/k', model.logits(parameters, x), y),
              parameters,
            );
            optimizer.update(
              parameters.map((parameter) => grads[parameter.name] as Tensor),
              minusEta as Tensor,
              l2 as Tensor,
            );
            return [value];
          },
        },
      },
    });
    const { minusEta, l2 } = ratesOf(config, eta, 1e-4);
    const rates = [tf.scalar(minusEta), tf.scalar(l2)];
    const losses = [0, 1, 2].map(() => {
      const [loss] = program.call('step', ...rates) as [Tensor];
      return loss.dataSync()[0] as number;
    });
    program.dispose();
    tf.dispose([...parameters, x, y]);
    assert.ok(losses.every(Number.isFinite), `losses ${losses.join(', ')}`);
    assert.ok((losses[2] as number) < (losses[0] as number), `losses ${losses.join(', ')}`);
  });
}
