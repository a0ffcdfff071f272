/** SGD on minibatches of images that stay in the program as uint8; shuffled by JavaScript, augmented inside the graph. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, counterInput, gatherRows, scalarInput, tf, type InputSpec } from '../compute/index.ts';
import { loadImages, type ImageSets } from '../datasets/index.ts';
import { hasBatchNorm, type Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { batchAt, drawsOf, partOf } from './augment.ts';
import { batchPlan } from './batches.ts';
import { checkDivides } from './checks.ts';
import { composition } from './composition.ts';
import { imagesAt, residentImages, type ResidentImages } from './images.ts';
import { scalars, type Measured, type Network, type TrainingPart } from './network.ts';
import { ratesOf } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

/** @throws RangeError for groups and parts that do not divide what they are of, naming both */
function sizesOf(config: RunConfig, model: Model) {
  const { batchSize, data, accumulate: parts = 1, measureTraining = 'set' } = config;
  const group = config.batchNormGroup ?? batchSize / parts;
  const evaluationGroup = config.evaluationGroup ?? data.testSamples;
  checkDivides('accumulate', parts, batchSize, 'samples of a batch');
  if (parts > 1 && config.batchNormGroup === undefined && (hasBatchNorm(model) || config.augmentation?.mixup)) {
    throw new RangeError('accumulate needs batchNormGroup here: batch statistics and mixup must not follow from it');
  }
  checkDivides('batchNormGroup', group, batchSize / parts, 'samples of a batch or its accumulated part');
  checkDivides('evaluationGroup', evaluationGroup, data.testSamples, 'test samples');
  // Training samples are measured in the groups they are trained in; without batch norm the groups only bound memory.
  const trainGroup = hasBatchNorm(model) ? group : Math.min(evaluationGroup, data.trainSamples);
  if (measureTraining === 'set') {
    const name = hasBatchNorm(model) ? 'batchNormGroup' : 'evaluationGroup';
    checkDivides(name, trainGroup, data.trainSamples, 'training samples');
  }
  return { parts, group, evaluationGroup, trainGroup };
}

export async function minibatch(config: RunConfig, model: Model): Promise<Network> {
  const { data, batchSize, seed, augmentation = {}, measureTraining = 'set' } = config;
  const { parts, group, evaluationGroup, trainGroup } = sizesOf(config, model);
  const plan = batchPlan(config);
  const sets = (await loadImages({ ...data, normalization: 'none' })) as ImageSets<Uint8Array>;
  const { train, test } = residentImages(sets, data.normalization === 'per-set');
  const { variables, update, apply, lossAndError, norm, state, dispose } = composition(config, model, parts);

  const orderInput: InputSpec = { shape: [plan.batchesPerEpoch * parts, batchSize / parts], dtype: 'int32' };
  const asInput = (x: Tensor): Tensor => tf.reshape(x, [x.shape[0], ...model.inputShape]);
  /** Part `micro` of the batch of `step`, whose samples `order` lists. */
  const batch = (step: Tensor, micro: Tensor, order: Tensor): { x: Tensor; y: Tensor } => {
    const inEpoch = tf.mod(step, tf.scalar(plan.batchesPerEpoch, 'int32'));
    const row = tf.add(tf.mul(inEpoch, tf.scalar(parts, 'int32')), micro);
    const indices = tf.reshape(gatherRows(order, tf.reshape(row, [1])), [batchSize / parts]);
    const draws = drawsOf(augmentation, { seed, step, n: batchSize });
    const own = parts > 1 ? partOf(draws, micro, parts) : draws;
    const { x, y } = batchAt(train, indices, own, { augmentation, group, classes: model.classes });
    return { x: asInput(x), y };
  };
  /** Loss and error of `size` samples of a set from `start` (int32 scalar) on. */
  const evaluate = (images: ResidentImages, size: number) => ({
    inputs: [counterInput],
    run(start?: Tensor): Tensor[] {
      const indices = tf.add(tf.range(0, size, 1, 'int32'), start as Tensor);
      return lossAndError(asInput(imagesAt(images, indices)), gatherRows(images.labels, indices), size);
    },
  });
  const zero = () => tf.scalar(0, 'int32');

  const program = compile({
    variables,
    data: [train.pixels, train.labels, test.pixels, test.labels],
    functions: {
      /** One update; with accumulation, only the part of a batch that it is told. */
      step: {
        inputs: [scalarInput, scalarInput, counterInput, counterInput, orderInput],
        counter: 2,
        run(minusEta, l2, step, micro, order) {
          const { x, y } = batch(step, parts > 1 ? micro : zero(), order);
          return update(x, y, minusEta, l2);
        },
      },
      apply,
      test: evaluate(test, evaluationGroup),
      train: measureTraining === 'set' ? evaluate(train, trainGroup) : { run: () => [zero(), zero()] },
      next: {
        inputs: [counterInput, counterInput, orderInput],
        run(step, micro, order) {
          if (measureTraining === 'set') return [zero(), zero()];
          const { x, y } = batch(step, parts > 1 ? micro : zero(), order);
          return lossAndError(x, y, group);
        },
      },
      norm: { run: () => [norm()] },
    },
  });
  tf.dispose([train.pixels, train.labels, test.pixels, test.labels]);

  let order: { epoch: number; tensor: Tensor } | undefined;
  const orderOf = (step: number): Tensor => {
    const epoch = Math.floor(step / plan.batchesPerEpoch);
    if (order?.epoch !== epoch) {
      order?.tensor.dispose();
      order = { epoch, tensor: tf.tensor(plan.order(epoch), orderInput.shape, 'int32') };
    }
    return order.tensor;
  };
  const int = (value: number): Tensor => tf.scalar(value, 'int32');
  /** Runs with tensors that are disposed afterwards. */
  const using = <T>(inputs: Tensor[], run: (...inputs: Tensor[]) => T): T => {
    try {
      return run(...inputs);
    } finally {
      tf.dispose(inputs);
    }
  };
  /** Means of loss and error over equal parts. */
  const mean = (pairs: readonly number[][]): [number, number] => {
    const of = (i: number) => pairs.reduce((sum, pair) => sum + (pair[i] as number), 0) / pairs.length;
    return [of(0), of(1)];
  };
  const groups = (name: 'test' | 'train', size: number, count: number): [number, number] =>
    mean(
      Array.from({ length: count / size }, (_, i) =>
        using([int(i * size)], (start) => scalars(program.call(name, start))),
      ),
    );

  const look = (step: number): TrainingPart => {
    const [trainLoss, trainError] =
      measureTraining === 'set'
        ? groups('train', trainGroup, data.trainSamples)
        : mean(
            Array.from({ length: parts }, (_, part) =>
              using([int(step), int(part)], (now, micro) => scalars(program.call('next', now, micro, orderOf(step)))),
            ),
          );
    return { trainLoss, trainError };
  };

  return {
    batchesPerEpoch: plan.batchesPerEpoch,
    ...state(program),
    advance(step, count, eta, lambda) {
      const rates = ratesOf(config, eta, lambda);
      const indices = orderOf(step);
      using([tf.scalar(rates.minusEta), tf.scalar(rates.l2)], (minusEta, l2) => {
        if (parts === 1) {
          using([int(step), int(0)], (first, micro) =>
            tf.dispose(program.repeat('step', count, minusEta, l2, first, micro, indices)),
          );
          return;
        }
        for (let i = step; i < step + count; i++) {
          for (let part = 0; part < parts; part++) {
            using([int(i), int(part)], (now, micro) =>
              tf.dispose(program.call('step', minusEta, l2, now, micro, indices)),
            );
          }
          tf.dispose(program.call('apply', minusEta, l2));
        }
      });
    },
    measure(step): Measured {
      const [testLoss, testError] = groups('test', evaluationGroup, data.testSamples);
      const [l2Norm] = scalars(program.call('norm'));
      return { ...look(step), testLoss, testError, l2Norm: l2Norm! };
    },
    look,
    dispose() {
      order?.tensor.dispose();
      order = undefined;
      dispose(program);
    },
  };
}
