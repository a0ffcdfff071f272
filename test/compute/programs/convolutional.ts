/** Programs of convolutions. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../../lib/compute/index.ts';
import {
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

const { activation, add, averagePooling2d, batchNormalization, conv2d, dense, flatten, maxPooling2d } = tf.layers;
const EXAMPLES = 'tensorflow/tfjs-examples';
type Symbolic = tfTypes.SymbolicTensor;

/** Convolution, batch norm, ReLU of 6: the block of MobileNet, depthwise where it says so. */
const mobileBlock = (x: Symbolic, filters: number, strides: number): Symbolic => {
  const depthwise = tf.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false }).apply(x);
  const relu6 = (y: unknown) =>
    tf.layers.reLU({ maxValue: 6 }).apply(batchNormalization().apply(y as Symbolic)) as Symbolic;
  return relu6(conv2d({ filters, kernelSize: 1, useBias: false }).apply(relu6(depthwise)));
};

/** Two convolutions and a way round them. */
const residualBlock = (x: Symbolic, filters: number, strides: number): Symbolic => {
  const convolve = (y: unknown, s: number) =>
    batchNormalization().apply(
      conv2d({ filters, kernelSize: 3, strides: s, padding: 'same' }).apply(y as Symbolic) as Symbolic,
    );
  const relu = (y: unknown) => activation({ activation: 'relu' }).apply(y as Symbolic) as Symbolic;
  const main = convolve(relu(convolve(x, strides)), 1) as Symbolic;
  const round = strides === 1 ? x : (conv2d({ filters, kernelSize: 1, strides }).apply(x) as Symbolic);
  return relu(add().apply([main, round]));
};

export const convolutionalPrograms: TrainingProgram[] = [
  {
    name: 'mnist, convolutions',
    from: `${EXAMPLES}/mnist, batch 320`,
    make: () =>
      layers(
        () =>
          sequential(
            conv2d({ inputShape: [28, 28, 1], kernelSize: 3, filters: 16, activation: 'relu' }),
            maxPooling2d({ poolSize: 2, strides: 2 }),
            conv2d({ kernelSize: 3, filters: 32, activation: 'relu' }),
            maxPooling2d({ poolSize: 2, strides: 2 }),
            conv2d({ kernelSize: 3, filters: 32, activation: 'relu' }),
            flatten(),
            dense({ units: 64, activation: 'relu' }),
            dense({ units: 10, activation: 'softmax' }),
          ),
        { optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [pixels([320, 28, 28, 1])], y: [oneHot([320], 10)] }),
      ),
  },
  {
    name: 'mnist-core',
    from: `${EXAMPLES}/mnist-core: variables and minimize, batch 64`,
    make: () => {
      const [w1, w2] = [parameter([5, 5, 1, 8], 1), parameter([5, 5, 8, 16], 2)];
      const [w3, b3] = [parameter([7 * 7 * 16, 10], 3), parameter([10], 4, 'bias')];
      const [x, y] = [pixels([64, 28, 28, 1]), oneHot([64], 10)];
      const optimizer = tf.train.sgd(0.1);
      const pooled = (images: Tensor, w: Tensor) =>
        tf.maxPool(tf.relu(tf.conv2d(images as tfTypes.Tensor4D, w as tfTypes.Tensor4D, 1, 'same')), 2, 2, 'same');
      const logits = () =>
        tf.add(tf.matMul(tf.reshape(pooled(pooled(x, w1), w2), [64, -1]), w3 as unknown as tfTypes.Tensor2D), b3);
      return {
        variables: [w1, w2, w3, b3],
        data: [x, y],
        step: () => [optimizer.minimize(() => scalar(tf.losses.softmaxCrossEntropy(y, logits())), true) as Tensor],
      };
    },
  },
  {
    name: 'mnist-transfer-cnn',
    from: `${EXAMPLES}/mnist-transfer-cnn: the convolutions frozen, batch 128`,
    make: () => {
      const fixed = [
        conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu' }),
        conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
        maxPooling2d({ poolSize: 2 }),
        flatten(),
      ];
      for (const layer of fixed) layer.trainable = false;
      return layers(
        () =>
          sequential(...fixed, dense({ units: 128, activation: 'relu' }), dense({ units: 5, activation: 'softmax' })),
        { optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['acc'] },
        () => ({ x: [pixels([128, 28, 28, 1])], y: [oneHot([128], 5)] }),
      );
    },
  },
  {
    name: 'MobileNet, fine-tuned',
    from: `${EXAMPLES}/mobilenet (its blocks of depthwise convolutions, width 0.25): 3 of 13 blocks, 56 x 56, batch 16`,
    make: () =>
      layers(
        () => {
          const input = tf.input({ shape: [56, 56, 8] });
          const blocks = [16, 32, 32].reduce((x, filters, i) => mobileBlock(x, filters, i === 1 ? 2 : 1), input);
          const features = tf.layers.globalAveragePooling2d({}).apply(blocks);
          return tf.model({
            inputs: input,
            outputs: dense({ units: 10, activation: 'softmax' }).apply(features) as Symbolic,
          });
        },
        { optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' },
        () => ({ x: [normal([16, 56, 56, 8])], y: [oneHot([16], 10)] }),
      ),
  },
  {
    name: 'ResNet for CIFAR-10',
    from: 'He et al. 2016, as in the Keras examples ported to tfjs: 3 blocks of 16, 32 and 64 filters (of 9), batch 32',
    rounding: {
      tolerance: 1e-4,
      losses: 1e-5,
      why: 'TensorFlow rewrites batch norm, and 6 of them multiply the rounding',
    },
    make: () =>
      layers(
        () => {
          const input = tf.input({ shape: [32, 32, 3] });
          const stem = conv2d({ filters: 16, kernelSize: 3, padding: 'same' }).apply(input) as Symbolic;
          const blocks = [16, 32, 64].reduce((x, filters, i) => residualBlock(x, filters, i === 0 ? 1 : 2), stem);
          const features = flatten().apply(averagePooling2d({ poolSize: 8 }).apply(blocks) as Symbolic);
          return tf.model({
            inputs: input,
            outputs: dense({ units: 10, activation: 'softmax' }).apply(features) as Symbolic,
          });
        },
        { optimizer: tf.train.momentum(0.05, 0.9, true), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
        () => ({ x: [normal([32, 32, 32, 3])], y: [oneHot([32], 10)] }),
      ),
  },
  {
    name: 'U-Net',
    from: 'Ronneberger et al. 2015, as in the segmentation demos of tfjs: 2 levels of 8 and 16 filters, 64 x 64, batch 4',
    make: () =>
      layers(
        () => {
          const twice = (x: unknown, filters: number) =>
            [1, 2].reduce(
              (y) => conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(y) as Symbolic,
              x as Symbolic,
            );
          const input = tf.input({ shape: [64, 64, 3] });
          const top = twice(input, 8);
          const bottom = twice(maxPooling2d({ poolSize: 2 }).apply(top), 16);
          const up = tf.layers.conv2dTranspose({ filters: 8, kernelSize: 2, strides: 2 }).apply(bottom) as Symbolic;
          const joined = twice(tf.layers.concatenate().apply([top, up]), 8);
          const output = conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' }).apply(joined) as Symbolic;
          return tf.model({ inputs: input, outputs: output });
        },
        { optimizer: tf.train.sgd(0.05), loss: 'binaryCrossentropy' },
        () => ({ x: [pixels([4, 64, 64, 3])], y: [pixels([4, 64, 64, 1], 2)] }),
      ),
  },
  {
    name: 'denoising autoencoder',
    from: 'the Keras blog, "Building autoencoders": convolutions, pools and upsampling, 28 x 28, batch 64 (of 128)',
    make: () =>
      layers(
        () =>
          sequential(
            conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
            maxPooling2d({ poolSize: 2, padding: 'same' }),
            conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
            maxPooling2d({ poolSize: 2, padding: 'same' }),
            conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
            tf.layers.upSampling2d({ size: [2, 2] }),
            conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
            tf.layers.upSampling2d({ size: [2, 2] }),
            conv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
          ),
        { optimizer: tf.train.sgd(0.1), loss: 'binaryCrossentropy' },
        () => ({ x: [pixels([64, 28, 28, 1])], y: [pixels([64, 28, 28, 1], 2)] }),
      ),
  },
  {
    name: 'frames to come, ConvLSTM',
    from: 'Shi et al. 2015, as in the Keras examples: one ConvLSTM of 8 filters (of 40), 3 frames of 16 x 16, batch 4',
    make: () =>
      layers(
        () =>
          sequential(
            tf.layers.convLstm2d({
              inputShape: [3, 16, 16, 1],
              filters: 8,
              kernelSize: 3,
              padding: 'same',
              returnSequences: true,
            }) as tfTypes.layers.Layer,
            tf.layers.conv3d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
          ),
        { optimizer: tf.train.adadelta(1), loss: 'binaryCrossentropy' },
        () => ({ x: [pixels([4, 3, 16, 16, 1])], y: [pixels([4, 3, 16, 16, 1], 2)] }),
      ),
  },
  {
    name: 'neural style',
    from: 'Gatys et al. 2015: an image by gradient descent on Gram matrices of two fixed convolutions, 64 x 64',
    make: () => {
      const image = tf.variable(pixels([1, 64, 64, 3]));
      const [w1, w2] = [parameter([3, 3, 3, 16], 1), parameter([3, 3, 16, 32], 2)];
      const kernels = [w1, w2].map((w): Tensor => tf.clone(w));
      tf.dispose([w1, w2]);
      const optimizer = tf.train.adam(0.02);
      const features = (x: Tensor) =>
        kernels.reduce<Tensor[]>(
          (found, w) => [...found, tf.relu(tf.conv2d((found.at(-1) ?? x) as tfTypes.Tensor4D, w as never, 2, 'same'))],
          [],
        );
      const gram = (x: Tensor) => {
        const flat = tf.reshape(x, [-1, x.shape[3] as number]);
        return tf.div(tf.matMul(flat, flat, true), flat.shape[0] as number);
      };
      const wanted = tf.tidy(() => features(pixels([1, 64, 64, 3], 9)).map(gram));
      const loss = () =>
        scalar(
          features(image)
            .map((feature, i) => tf.sum(tf.squaredDifference(gram(feature), wanted[i] as Tensor)) as Tensor)
            .reduce((a, b) => tf.add(a, b)),
        );
      return {
        variables: [image],
        data: [...kernels, ...wanted],
        step: () => [optimizer.minimize(loss, true, [image]) as Tensor],
      };
    },
  },
];
