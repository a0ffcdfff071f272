/** Programs of fully connected layers. */
import { tf } from '../../../lib/compute/index.ts';
import {
  bits,
  classes,
  layers,
  normal,
  oneHot,
  parameter,
  pixels,
  scalar,
  sequential,
  type Tensor,
  type TrainingProgram,
} from './program.ts';

const { dense, flatten } = tf.layers;
const EXAMPLES = 'tensorflow/tfjs-examples';

export const densePrograms: TrainingProgram[] = [
  {
    name: 'iris',
    from: `${EXAMPLES}/iris, batch 32`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 10, activation: 'sigmoid', inputShape: [4] }),
            dense({ units: 3, activation: 'softmax' }),
          ),
        { optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([32, 4])], y: [oneHot([32], 3)] }),
      ),
  },
  {
    name: 'getting-started: miles per gallon',
    from: `${EXAMPLES}/getting-started, batch 32`,
    make: () =>
      layers(
        () => sequential(dense({ units: 1, inputShape: [1] }), dense({ units: 1 })),
        { optimizer: tf.train.adam(), loss: 'meanSquaredError', metrics: ['mse'] },
        () => ({ x: [pixels([32, 1])], y: [pixels([32, 1], 2)] }),
      ),
  },
  {
    name: 'boston-housing, linear',
    from: `${EXAMPLES}/boston-housing, batch 40`,
    make: () =>
      layers(
        () => sequential(dense({ units: 1, inputShape: [12] })),
        { optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' },
        () => ({ x: [normal([40, 12])], y: [normal([40, 1], 2)] }),
      ),
  },
  {
    name: 'boston-housing, 2 hidden layers',
    from: `${EXAMPLES}/boston-housing, batch 40`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 50, activation: 'sigmoid', inputShape: [12] }),
            dense({ units: 50, activation: 'sigmoid' }),
            dense({ units: 1 }),
          ),
        { optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' },
        () => ({ x: [normal([40, 12])], y: [normal([40, 1], 2)] }),
      ),
  },
  {
    name: 'abalone-node',
    from: `${EXAMPLES}/abalone-node, batch 500`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 50, activation: 'sigmoid', inputShape: [8] }),
            dense({ units: 50, activation: 'sigmoid' }),
            dense({ units: 1 }),
          ),
        { optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' },
        () => ({ x: [normal([500, 8])], y: [normal([500, 1], 2)] }),
      ),
  },
  {
    name: 'baseball-node, pitch type',
    from: `${EXAMPLES}/baseball-node, batch 100`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 250, activation: 'relu', inputShape: [8] }),
            dense({ units: 175, activation: 'relu' }),
            dense({ units: 150, activation: 'relu' }),
            dense({ units: 7, activation: 'softmax' }),
          ),
        { optimizer: tf.train.adam(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([100, 8])], y: [classes([100, 1], 7, 'float32')] }),
      ),
  },
  {
    name: 'baseball-node, strike zone',
    from: `${EXAMPLES}/baseball-node, batch 50`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 20, activation: 'relu', inputShape: [5] }),
            dense({ units: 10, activation: 'relu' }),
            dense({ units: 2, activation: 'softmax' }),
          ),
        { optimizer: tf.train.adam(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([50, 5])], y: [classes([50, 1], 2, 'float32')] }),
      ),
  },
  {
    name: 'data-generator: a card game',
    from: `${EXAMPLES}/data-generator, batch 64`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 20, activation: 'relu', inputShape: [13] }),
            dense({ units: 20, activation: 'relu' }),
            dense({ units: 1, activation: 'sigmoid' }),
          ),
        { optimizer: 'rmsprop', loss: 'binaryCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([64, 13])], y: [bits([64, 1])] }),
      ),
  },
  {
    name: 'website-phishing',
    from: `${EXAMPLES}/website-phishing, batch 350`,
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 100, activation: 'sigmoid', inputShape: [30] }),
            dense({ units: 100, activation: 'sigmoid' }),
            dense({ units: 1, activation: 'sigmoid' }),
          ),
        { optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([350, 30])], y: [bits([350, 1])] }),
      ),
  },
  {
    name: 'mnist, dense',
    from: `${EXAMPLES}/mnist (model of dense layers), batch 320`,
    make: () =>
      layers(
        () =>
          sequential(
            flatten({ inputShape: [28, 28, 1] }),
            dense({ units: 42, activation: 'relu' }),
            dense({ units: 10, activation: 'softmax' }),
          ),
        { optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [pixels([320, 28, 28, 1])], y: [oneHot([320], 10)] }),
      ),
  },
  {
    name: 'jena-weather, linear',
    from: `${EXAMPLES}/jena-weather, batch 128, 240 time steps of 14 features`,
    make: () =>
      layers(
        () => sequential(flatten({ inputShape: [240, 14] }), dense({ units: 1 })),
        { optimizer: 'rmsprop', loss: 'meanAbsoluteError' },
        () => ({ x: [normal([128, 240, 14])], y: [normal([128, 1], 2)] }),
      ),
  },
  {
    name: 'jena-weather, MLP with L2',
    from: `${EXAMPLES}/jena-weather, batch 128, 240 time steps of 14 features`,
    make: () =>
      layers(
        () =>
          sequential(
            flatten({ inputShape: [240, 14] }),
            dense({ units: 32, kernelRegularizer: tf.regularizers.l2(), activation: 'relu' }),
            dense({ units: 1 }),
          ),
        { optimizer: 'rmsprop', loss: 'meanAbsoluteError' },
        () => ({ x: [normal([128, 240, 14])], y: [normal([128, 1], 2)] }),
      ),
  },
  {
    name: 'webcam-transfer-learning',
    from: `${EXAMPLES}/webcam-transfer-learning: the head on MobileNet's features, batch 20`,
    make: () =>
      layers(
        () =>
          sequential(
            flatten({ inputShape: [7, 7, 256] }),
            dense({ units: 100, activation: 'relu' }),
            dense({ units: 4, useBias: false, activation: 'softmax' }),
          ),
        { optimizer: tf.train.adam(0.0001), loss: 'categoricalCrossentropy' },
        () => ({ x: [normal([20, 7, 7, 256])], y: [oneHot([20], 4)] }),
      ),
  },
  {
    name: 'simple-object-detection',
    from: `${EXAMPLES}/simple-object-detection: the head, with its loss of shape and box, batch 128`,
    rounding: { tolerance: 1e-4, why: 'RMSProp divides gradients near 0 by their own size' },
    make: () => {
      const weigh = tf.tensor1d([224, 1, 1, 1, 1]);
      return layers(
        () =>
          sequential(
            flatten({ inputShape: [7, 7, 256] }),
            dense({ units: 200, activation: 'relu' }),
            dense({ units: 5 }),
          ),
        {
          optimizer: tf.train.rmsprop(5e-3),
          loss: (yTrue: Tensor, yPred: Tensor) =>
            tf.metrics.meanSquaredError(tf.mul(yTrue, weigh), tf.mul(yPred, weigh)),
        },
        () => ({ x: [normal([128, 7, 7, 256])], y: [pixels([128, 5], 2)] }),
      );
    },
  },
  {
    name: 'autoencoder of tables',
    from: 'the Keras blog, "Building autoencoders", as ported to tfjs many times: 784-128-64-32 and back, batch 256',
    make: () =>
      layers(
        () =>
          sequential(
            dense({ units: 128, activation: 'relu', inputShape: [784] }),
            dense({ units: 64, activation: 'relu' }),
            dense({ units: 32, activation: 'relu' }),
            dense({ units: 64, activation: 'relu' }),
            dense({ units: 128, activation: 'relu' }),
            dense({ units: 784, activation: 'sigmoid' }),
          ),
        { optimizer: tf.train.adadelta(1), loss: 'binaryCrossentropy' },
        () => ({ x: [pixels([256, 784])], y: [pixels([256, 784])] }),
      ),
  },
  {
    name: 'recommender by matrix factors',
    from: 'the embedding example of TensorFlow recommenders, in layers: 1,000 users, 1,700 films, 50 factors, batch 64',
    make: () =>
      layers(
        () => {
          const user = tf.input({ shape: [1], dtype: 'int32' });
          const film = tf.input({ shape: [1], dtype: 'int32' });
          const embed = (inputDim: number) =>
            tf.layers.embedding({ inputDim, outputDim: 50, embeddingsRegularizer: 'l1l2' });
          const [u, f] = [embed(1000).apply(user), embed(1700).apply(film)] as [Tensor, Tensor];
          const product = tf.layers.dot({ axes: 2 }).apply([u, f]) as Tensor;
          return tf.model({ inputs: [user, film], outputs: flatten().apply(product) as typeof user });
        },
        { optimizer: tf.train.adagrad(0.1), loss: 'meanSquaredError' },
        () => ({ x: [classes([64, 1], 1000), classes([64, 1], 1700)], y: [normal([64, 1])] }),
      ),
  },
  {
    name: 'siamese network',
    from: 'Hadsell et al. 2006 as in the Keras examples: shared 784-128-128-128, distance, contrastive loss, batch 128',
    make: () =>
      layers(
        () => {
          const [a, b] = [tf.input({ shape: [784] }), tf.input({ shape: [784] })];
          const shared = sequential(
            dense({ units: 128, activation: 'relu', inputShape: [784] }),
            dense({ units: 128, activation: 'relu' }),
            dense({ units: 128, activation: 'relu' }),
          );
          const [left, right] = [shared.apply(a), shared.apply(b)] as [typeof a, typeof a];
          const product = tf.layers.dot({ axes: 1, normalize: true }).apply([left, right]) as typeof a;
          return tf.model({ inputs: [a, b], outputs: product });
        },
        {
          optimizer: tf.train.rmsprop(0.001),
          loss: (y: Tensor, similarity: Tensor) =>
            tf.mean(
              tf.add(
                tf.mul(y, tf.square(tf.sub(1, similarity))),
                tf.mul(tf.sub(1, y), tf.square(tf.relu(tf.sub(similarity, 0.2)))),
              ),
              -1,
            ),
        },
        () => ({ x: [pixels([128, 784]), pixels([128, 784], 2)], y: [bits([128, 1])] }),
      ),
  },
  {
    name: 'polynomial-regression-core',
    from: `${EXAMPLES}/polynomial-regression-core: a cubic through 100 points, sgd 0.5`,
    make: () => {
      const [a, b, c, d] = [parameter([], 1), parameter([], 2), parameter([], 3), parameter([], 4)];
      const [x, y] = [pixels([100]), pixels([100], 2)];
      const optimizer = tf.train.sgd(0.5);
      const predicted = () => tf.add(tf.add(tf.add(tf.mul(a, tf.pow(x, 3)), tf.mul(b, tf.square(x))), tf.mul(c, x)), d);
      return {
        variables: [a, b, c, d],
        data: [x, y],
        step: () => [optimizer.minimize(() => scalar(tf.mean(tf.square(tf.sub(predicted(), y)))), true) as Tensor],
      };
    },
  },
  {
    name: 'logistic regression with L2',
    from: 'the documentation of tf.train: 512 samples of 20 features, adagrad, an L2 term in the loss',
    make: () => {
      const [w, b] = [parameter([20, 1], 1), parameter([1], 2, 'bias')];
      const [x, y] = [normal([512, 20]), bits([512, 1])];
      const optimizer = tf.train.adagrad(0.1);
      const loss = () =>
        scalar(
          tf.add(
            tf.losses.sigmoidCrossEntropy(y, tf.add(tf.matMul(x as never, w as never), b)),
            tf.mul(0.01, tf.sum(tf.square(w))),
          ),
        );
      return { variables: [w, b], data: [x, y], step: () => [optimizer.minimize(loss, true) as Tensor] };
    },
  },
];
