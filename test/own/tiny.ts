/** A sweep of one's own as a user would write it: state beyond the weights (moving averages, dropout's counter, momentum) must survive a kill. */
import { loadSynthetic } from '../../lib/datasets/index.ts';
import { defineSweep } from '../../lib/own/index.ts';

const ACTIVATION = 'relu';

export default defineSweep({
  name: 'own-tiny',
  title: 'a small CNN on made-up digits',
  data: () => loadSynthetic({ trainSamples: 300, testSamples: 130, normalization: 'none' }),
  model: ({ tf, inputShape, classes, width }) =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape, filters: width, kernelSize: 3, strides: 4, activation: ACTIVATION }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dropout({ rate: 0.2 }),
        tf.layers.dense({ units: classes }),
      ],
    }),
  grid: { eta: 0.05, lambda: [0.01, 0.1], width: [2, 4] },
  seeds: [0, 1],
  batchSize: 64,
  momentum: 0.9,
  steps: ({ eta, lambda }) => 1 / (eta * lambda),
  measure: { every: 25 },
  smoke: { steps: 20, seeds: [0], measure: { every: 5 } },
});
