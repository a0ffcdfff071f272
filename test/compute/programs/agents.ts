/** Programs of agents and of networks against each other: steps that are more than one `fit`. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../../lib/compute/index.ts';
import {
  bits,
  classes,
  initialise,
  layers,
  normal,
  pixels,
  scalar,
  sequential,
  type Model,
  type Tensor,
  type TrainingProgram,
} from './program.ts';

const { dense } = tf.layers;
const EXAMPLES = 'tensorflow/tfjs-examples';

const weightsOf = (...models: Model[]) =>
  models.flatMap((model) => model.weights.map((weight) => weight.read() as tfTypes.Variable));
const apply = (model: Model, x: Tensor): Tensor => model.apply(x, { training: true }) as Tensor;
const net = (inputs: number, hidden: number[], outputs: number, activation: 'relu' | 'elu' | 'tanh' = 'relu') =>
  initialise(
    sequential(
      ...hidden.map((units, i) => dense({ units, activation, ...(i === 0 && { inputShape: [inputs] }) })),
      dense({ units: outputs }),
    ),
  );

export const agentPrograms: TrainingProgram[] = [
  {
    name: 'cart-pole, policy gradient',
    from: `${EXAMPLES}/cart-pole: 128 units, gradients weighed by the rewards, adam 0.05, 20 games of 50 steps`,
    make: () => {
      const policy = net(4, [128], 1, 'elu');
      const [states, actions] = [normal([1000, 4]), bits([1000, 1])];
      const rewards = normal([1000, 1], 2);
      const optimizer = tf.train.adam(0.05);
      const loss = () =>
        scalar(
          tf.mean(
            tf.mul(
              rewards,
              tf.losses.sigmoidCrossEntropy(actions, apply(policy, states), undefined, 0, tf.Reduction.NONE),
            ),
          ),
        );
      return {
        variables: weightsOf(policy),
        data: [states, actions, rewards],
        step: () => {
          const { value, grads } = tf.variableGrads(loss);
          optimizer.applyGradients(grads as Parameters<typeof optimizer.applyGradients>[0]);
          return [value];
        },
      };
    },
  },
  {
    name: 'deep Q-learning',
    from: 'Mnih et al. 2015 on cart-pole, as in many tfjs ports: 24-24, a target network, Huber loss, batch 64',
    make: () => {
      const [online, target] = [net(4, [24, 24], 2), net(4, [24, 24], 2)];
      const [now, next] = [normal([64, 4]), normal([64, 4], 2)];
      const [actions, rewards, alive] = [classes([64], 2), normal([64], 3), bits([64])];
      const optimizer = tf.train.adam(0.001);
      const loss = () => {
        const value = tf.sum(tf.mul(apply(online, now), tf.oneHot(actions as tfTypes.Tensor1D, 2)), 1);
        const wanted = tf.add(rewards, tf.mul(alive, tf.mul(0.99, tf.max(apply(target, next), 1))));
        return scalar(tf.losses.huberLoss(wanted, value));
      };
      const own = weightsOf(online);
      return {
        variables: weightsOf(online, target),
        data: [now, next, actions, rewards, alive],
        step: () => {
          const value = optimizer.minimize(loss, true, own) as Tensor;
          // the target follows slowly
          weightsOf(target).forEach((weight, i) =>
            weight.assign(tf.add(tf.mul(weight, 0.995), tf.mul(own[i] as Tensor, 0.005))),
          );
          return [value];
        },
      };
    },
  },
  {
    name: 'proximal policy optimization',
    from: 'Schulman et al. 2017, one update of policy and value as in tfjs ports: 64-64, clipped at 0.2, entropy, batch 256',
    make: () => {
      const [policy, value] = [net(8, [64, 64], 4, 'tanh'), net(8, [64, 64], 1, 'tanh')];
      const [states, advantages, returns] = [normal([256, 8]), normal([256], 2), normal([256, 1], 3)];
      const [actions, before] = [classes([256], 4), tf.tidy(() => tf.sub(normal([256], 4, 0.1), Math.log(4)))];
      const optimizer = tf.train.adam(3e-4);
      const loss = () => {
        const logs = tf.logSoftmax(apply(policy, states));
        const chosen = tf.sum(tf.mul(logs, tf.oneHot(actions as tfTypes.Tensor1D, 4)), 1);
        const ratio = tf.exp(tf.sub(chosen, before));
        const clipped = tf.clipByValue(ratio, 0.8, 1.2);
        const gain = tf.mean(tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages)));
        const entropy = tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logs), logs), 1)));
        const error = tf.losses.meanSquaredError(returns, apply(value, states));
        return scalar(tf.sub(tf.add(tf.mul(0.5, error), tf.neg(gain)), tf.mul(0.01, entropy)));
      };
      return {
        variables: weightsOf(policy, value),
        data: [states, advantages, returns, actions, before],
        step: () => [optimizer.minimize(loss, true) as Tensor],
      };
    },
  },
  {
    name: 'actor and critic',
    from: 'A2C as one layers model with two outputs and a loss each, in the way of the Keras example: 128 units, batch 32',
    make: () =>
      layers(
        () => {
          const input = tf.input({ shape: [4] });
          const hidden = dense({ units: 128, activation: 'relu' }).apply(input) as typeof input;
          const actor = dense({ units: 2, activation: 'softmax', name: 'actor' }).apply(hidden) as typeof input;
          const critic = dense({ units: 1, name: 'critic' }).apply(hidden) as typeof input;
          return tf.model({ inputs: input, outputs: [actor, critic] });
        },
        {
          optimizer: tf.train.sgd(0.01),
          loss: [
            (advantage: Tensor, chances: Tensor) =>
              tf.neg(tf.sum(tf.mul(advantage, tf.log(tf.add(chances, 1e-7))), -1)) as Tensor,
            'meanSquaredError',
          ] as never,
        },
        () => ({ x: [normal([32, 4])], y: [normal([32, 2], 2), normal([32, 1], 3)] }),
      ),
  },
  {
    name: 'WGAN with gradient penalty',
    from: 'Gulrajani et al. 2017: the critic’s step with second derivatives, 2-64-64-1 on points of the plane, batch 64',
    make: () => {
      const critic = net(2, [64, 64], 1, 'tanh');
      const [real, fake, mix] = [normal([64, 2]), normal([64, 2], 2), pixels([64, 1], 3)];
      const optimizer = tf.train.rmsprop(1e-3);
      const loss = () => {
        const between = tf.add(tf.mul(mix, real), tf.mul(tf.sub(1, mix), fake));
        const slope = tf.grad((x: Tensor) => tf.sum(apply(critic, x)))(between);
        const norm = tf.sqrt(tf.add(tf.sum(tf.square(slope), 1), 1e-12));
        const penalty = tf.mean(tf.square(tf.sub(norm, 1)));
        const distance = tf.sub(tf.mean(apply(critic, fake)), tf.mean(apply(critic, real)));
        return scalar(tf.add(distance, tf.mul(10, penalty)));
      };
      return {
        variables: weightsOf(critic),
        data: [real, fake, mix],
        step: () => [optimizer.minimize(loss, true) as Tensor],
      };
    },
  },
  {
    name: 'mnist-acgan, generator',
    from: `${EXAMPLES}/mnist-acgan: the generator alone against fixed images, 96 and 48 filters (of 192 and 96), batch 10 (of 100)`,
    rounding: {
      tolerance: 2e-3,
      why: 'Adam makes whole steps of the gradients of biases before batch norm, which are rounding alone',
    },
    make: () =>
      layers(
        () => {
          const up = (filters: number, strides: number, padding: 'valid' | 'same', activation: 'relu' | 'tanh') =>
            tf.layers.conv2dTranspose({ filters, kernelSize: 5, strides, padding, activation });
          const cnn = sequential(
            dense({ units: 3 * 3 * 96, inputShape: [100], activation: 'relu' }),
            tf.layers.reshape({ targetShape: [3, 3, 96] }),
            up(96, 1, 'valid', 'relu'),
            tf.layers.batchNormalization(),
            up(48, 2, 'same', 'relu'),
            tf.layers.batchNormalization(),
            up(1, 2, 'same', 'tanh'),
          );
          const [latent, kind] = [tf.input({ shape: [100] }), tf.input({ shape: [1] })];
          const embedded = tf.layers
            .flatten()
            .apply(tf.layers.embedding({ inputDim: 10, outputDim: 100 }).apply(kind)) as typeof latent;
          const mixed = tf.layers.multiply().apply([latent, embedded]) as typeof latent;
          return tf.model({ inputs: [latent, kind], outputs: cnn.apply(mixed) as typeof latent });
        },
        { optimizer: tf.train.adam(2e-4, 0.5), loss: 'meanSquaredError' },
        () => ({ x: [normal([10, 100]), classes([10, 1], 10, 'float32')], y: [normal([10, 28, 28, 1], 2)] }),
      ),
  },
];
