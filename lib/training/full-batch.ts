/** Gradient descent on the whole training set at once: an epoch is a step, and nothing is drawn. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, tf } from '../compute/index.ts';
import { loadImages } from '../datasets/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { meanError, meanLoss } from './losses.ts';
import { scalars, stateOf, trainable, type Network } from './network.ts';
import { ratesOf } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

export async function fullBatch(config: RunConfig, model: Model): Promise<Network> {
  const { loss, data: dataConfig } = config;
  const data = await loadImages(dataConfig);
  const shape = (count: number) => [count, ...model.inputShape];
  const x = tf.tensor(data.trainImages, shape(data.trainLabels.length), 'float32');
  const y = tf.tensor1d(data.trainLabels, 'int32');
  const testX = tf.tensor(data.testImages, shape(data.testLabels.length), 'float32');
  const testY = tf.tensor1d(data.testLabels, 'int32');
  const net = trainable(config, model);
  const { parameters, optimizer } = net;
  const variables = [...parameters, ...optimizer.slots];
  const trained = (): Tensor[] => {
    const logits = net.logits(x, config.batchNormGroup);
    return [meanLoss(loss, logits, y), meanError(logits, y)];
  };
  const program = compile({
    variables,
    data: [x, y, testX, testY],
    functions: {
      step: {
        inputs: [scalarInput, scalarInput],
        run(minusEta, l2) {
          const { loss, gradients } = net.gradients(x, y);
          optimizer.update(gradients, minusEta, l2);
          return [loss];
        },
      },
      measure: {
        run() {
          const test = net.logits(testX);
          return [...trained(), meanLoss(loss, test, testY), meanError(test, testY), net.norm()];
        },
      },
      look: { run: trained },
    },
  });
  tf.dispose([x, y, testX, testY]);
  return {
    batchesPerEpoch: 1,
    ...stateOf(program, net),
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
    dispose() {
      program.dispose();
      tf.dispose(variables);
    },
  };
}
