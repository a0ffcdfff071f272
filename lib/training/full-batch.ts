/** Gradient descent on the whole training set at once: an epoch is a step, and nothing is drawn. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, tf } from '../compute/index.ts';
import { loadImages } from '../datasets/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { composition } from './composition.ts';
import { scalars, type Network } from './network.ts';
import { ratesOf } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

export async function fullBatch(config: RunConfig, model: Model): Promise<Network> {
  const data = await loadImages(config.data);
  const shape = (count: number) => [count, ...model.inputShape];
  const x = tf.tensor(data.trainImages, shape(data.trainLabels.length), 'float32');
  const y = tf.tensor1d(data.trainLabels, 'int32');
  const testX = tf.tensor(data.testImages, shape(data.testLabels.length), 'float32');
  const testY = tf.tensor1d(data.testLabels, 'int32');
  const { variables, update, lossAndError, norm, state, dispose } = composition(config, model);
  const trained = (): Tensor[] => lossAndError(x, y, config.batchNormGroup);
  const program = compile({
    variables,
    data: [x, y, testX, testY],
    functions: {
      step: {
        inputs: [scalarInput, scalarInput],
        run: (minusEta, l2) => update(x, y, minusEta, l2),
      },
      measure: { run: () => [...trained(), ...lossAndError(testX, testY), norm()] },
      look: { run: trained },
    },
  });
  tf.dispose([x, y, testX, testY]);
  return {
    batchesPerEpoch: 1,
    ...state(program),
    advance(_step, count, eta, lambda) {
      const { minusEta, l2 } = ratesOf(config, eta, lambda);
      const rates = [tf.scalar(minusEta), tf.scalar(l2)];
      tf.dispose([...program.repeat('step', count, ...rates), ...rates]);
    },
    measure() {
      const [trainLoss, trainError, testLoss, testError, l2Norm] = scalars(program.call('measure'));
      return {
        trainLoss: trainLoss!,
        trainError: trainError!,
        testLoss: testLoss!,
        testError: testError!,
        l2Norm: l2Norm!,
      };
    },
    look() {
      const [trainLoss, trainError] = scalars(program.call('look'));
      return { trainLoss: trainLoss!, trainError: trainError! };
    },
    dispose: () => dispose(program),
  };
}
