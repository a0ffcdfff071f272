/** SGD on ImageNet: batches decoded by other processes ahead of the step, handed over as uint8, normalised inside the graph. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, tf, toFloat, uint8Tensor, type InputSpec } from '../compute/index.ts';
import { Decoders, listImageNet, type DecodeItem, type ImageList } from '../datasets/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { batchPlan } from './batches.ts';
import { check, checkDivides } from './checks.ts';
import { composition } from './composition.ts';
import { scalars, type Measured, type Network, type TrainingPart } from './network.ts';
import { ratesOf } from './optimizer.ts';

type Tensor = tfTypes.Tensor;

/** The TPU reference's means and deviations of the red, green and blue channel, in units of 0 to 255. */
const MEANS = [0.485 * 255, 0.456 * 255, 0.406 * 255];
const DEVIATIONS = [0.229 * 255, 0.224 * 255, 0.225 * 255];
/** Parts of batches that are decoded or waiting at a time. */
const AHEAD = 3;

/** @throws RangeError for settings that a stream of images cannot have, naming them */
function partsOf(config: RunConfig, model: Model, list: ImageList) {
  const { batchSize, data, accumulate: parts = 1 } = config;
  const size = batchSize / parts;
  const group = config.batchNormGroup ?? size;
  const evaluationGroup = config.evaluationGroup ?? data.testSamples;
  const { train, test, classes } = list;
  check(
    train.length === data.trainSamples,
    `data.trainSamples is ${data.trainSamples}, the folder has ${train.length} training images`,
  );
  check(
    test.length === data.testSamples,
    `data.testSamples is ${data.testSamples}, the folder has ${test.length} validation images`,
  );
  check(classes.length === model.classes, `the network has ${model.classes} classes, the folder ${classes.length}`);
  check(
    data.normalization === 'imagenet',
    `data.normalization must be 'imagenet' for ImageNet, got '${data.normalization}'`,
  );
  check(
    config.measureTraining === 'next-batch',
    "measureTraining must be 'next-batch' for ImageNet: its training set is not read as a whole",
  );
  check(
    config.augmentation === undefined,
    'augmentation must be left out for ImageNet: its random crops and flips are always made',
  );
  checkDivides('accumulate', parts, batchSize, 'samples of a batch');
  checkDivides('batchNormGroup', group, size, 'samples of an accumulated part');
  checkDivides('evaluationGroup', evaluationGroup, data.testSamples, 'validation images');
  return { parts, size, group, evaluationGroup };
}

export async function streamed(config: RunConfig, model: Model): Promise<Network> {
  const { data, seed } = config;
  const list = await listImageNet();
  const { parts, size, group, evaluationGroup } = partsOf(config, model, list);
  const [side] = model.inputShape as [number];
  const plan = batchPlan(config);
  const { variables, update, apply, lossAndError, norm, state, dispose } = composition(config, model, parts);
  const images = (n: number): InputSpec[] => [
    { shape: [n, side, side, 3], dtype: 'uint8' },
    { shape: [n], dtype: 'int32' },
  ];
  const normalized = (pixels: Tensor): Tensor =>
    tf.div(tf.sub(toFloat(pixels), tf.tensor1d(MEANS)), tf.tensor1d(DEVIATIONS));
  /** A compiled function: loss and error of `count` samples in groups of `statisticsOf`. */
  const evaluate = (count: number, statisticsOf: number) => ({
    inputs: images(count),
    run: (pixels?: Tensor, y?: Tensor) => lossAndError(normalized(pixels as Tensor), y as Tensor, statisticsOf),
  });
  const program = compile({
    variables,
    functions: {
      /** One update; with accumulation, only a part's share of it. */
      step: {
        inputs: [scalarInput, scalarInput, ...images(size)],
        run: (minusEta, l2, pixels, y) =>
          update(normalized(pixels as Tensor), y as Tensor, minusEta as Tensor, l2 as Tensor),
      },
      apply,
      next: evaluate(size, group),
      test: evaluate(evaluationGroup, evaluationGroup),
      norm: { run: () => [norm()] },
    },
  });
  const decoders = new Decoders({ side });

  let order: { epoch: number; indices: Int32Array } | undefined;
  /** Images of part `at` of all parts of all batches, counted from the run's start. */
  const trainItems = (at: number): DecodeItem[] => {
    const step = Math.floor(at / parts);
    const epoch = Math.floor(step / plan.batchesPerEpoch);
    if (order?.epoch !== epoch) order = { epoch, indices: plan.order(epoch) };
    const start = (step % plan.batchesPerEpoch) * config.batchSize + (at % parts) * size;
    return Array.from(order.indices.subarray(start, start + size), (sample) => ({
      source: list.train[sample]!,
      draw: { seed, epoch, sample },
    }));
  };
  const testItems = (at: number): DecodeItem[] =>
    list.test.slice(at * evaluationGroup, (at + 1) * evaluationGroup).map((source) => ({ source }));

  interface Batch {
    labels: number[];
    pixels: Promise<Uint8Array>;
  }
  const begin = (items: DecodeItem[]): Batch => {
    const pixels = decoders.decode(items);
    pixels.catch(() => undefined); // told when its turn comes, if it comes
    return { labels: items.map(({ source }) => source.label), pixels };
  };
  /** Calls `use` with the pixels and labels of parts `from` ... `to` - 1. Parts up to AHEAD later, below `end`, are begun and kept in `begun`. */
  const stream = async (
    items: (at: number) => DecodeItem[],
    { from, to, end = to, begun = new Map() }: { from: number; to: number; end?: number; begun?: Map<number, Batch> },
    use: (pixels: Tensor, labels: Tensor, at: number) => void,
  ): Promise<void> => {
    for (let at = from; at < to; at++) {
      for (let later = at; later < Math.min(end, at + AHEAD); later++) {
        if (!begun.has(later)) begun.set(later, begin(items(later)));
      }
      const { labels, pixels } = begun.get(at)!;
      begun.delete(at);
      const inputs = [uint8Tensor(await pixels, [labels.length, side, side, 3]), tf.tensor1d(labels, 'int32')] as [
        Tensor,
        Tensor,
      ];
      try {
        use(...inputs, at);
      } finally {
        tf.dispose(inputs);
      }
    }
  };
  /** Training parts that are decoded while others are trained or measured. */
  const ahead = new Map<number, Batch>();
  const mean = async (name: 'next' | 'test', items: (at: number) => DecodeItem[], from: number, count: number) => {
    let [lossSum, errorSum] = [0, 0];
    await stream(items, { from, to: from + count }, (pixels, labels) => {
      const [l, e] = scalars(program.call(name, pixels, labels)) as [number, number];
      lossSum += l;
      errorSum += e;
    });
    return [lossSum / count, errorSum / count] as const;
  };

  const look = async (step: number): Promise<TrainingPart> => {
    const [trainLoss, trainError] = await mean('next', trainItems, step * parts, parts);
    return { trainLoss, trainError };
  };

  return {
    batchesPerEpoch: plan.batchesPerEpoch,
    ...state(program),
    async advance(step, count, eta, lambda) {
      const { minusEta, l2 } = ratesOf(config, eta, lambda);
      const rates = [tf.scalar(minusEta), tf.scalar(l2)];
      try {
        const [from, to, end] = [step, step + count, config.steps].map((s) => s * parts) as [number, number, number];
        await stream(trainItems, { from, to, end, begun: ahead }, (pixels, labels, at) => {
          tf.dispose(program.call('step', ...rates, pixels, labels));
          if (parts > 1 && at % parts === parts - 1) tf.dispose(program.call('apply', ...rates));
        });
      } finally {
        tf.dispose(rates);
      }
    },
    async measure(step): Promise<Measured> {
      const [testLoss, testError] = await mean('test', testItems, 0, data.testSamples / evaluationGroup);
      const [l2Norm] = scalars(program.call('norm'));
      return { ...(await look(step)), testLoss, testError, l2Norm: l2Norm! };
    },
    look,
    dispose() {
      decoders.close();
      dispose(program);
    },
  };
}
