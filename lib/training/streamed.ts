/** SGD on ImageNet: batches decoded by other processes ahead of the step, handed over as uint8, normalised inside the graph. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, tf, toFloat, uint8Tensor, type InputSpec } from '../compute/index.ts';
import { Decoders, listImageNet, type DecodeItem, type ImageList } from '../datasets/index.ts';
import type { Model } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { accumulation } from './accumulate.ts';
import { batchPlan } from './batches.ts';
import { meanError, meanLoss } from './losses.ts';
import { scalars, stateOf, trainable, type Measured, type Network, type TrainingPart } from './network.ts';
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
  const require = (true_: boolean, message: string) => {
    if (!true_) throw new RangeError(message);
  };
  const size = batchSize / parts;
  const group = config.batchNormGroup ?? size;
  require(list.train.length ===
    data.trainSamples, `data.trainSamples is ${data.trainSamples}, the folder has ${list.train.length} training images`);
  require(list.test.length ===
    data.testSamples, `data.testSamples is ${data.testSamples}, the folder has ${list.test.length} validation images`);
  require(list.classes.length ===
    model.classes, `the network has ${model.classes} classes, the folder ${list.classes.length}`);
  require(data.normalization ===
    'imagenet', `data.normalization must be 'imagenet' for ImageNet, got '${data.normalization}'`);
  require(config.measureTraining ===
    'next-batch', "measureTraining must be 'next-batch' for ImageNet: its training set is not read as a whole");
  require(config.augmentation ===
    undefined, 'augmentation must be left out for ImageNet: its random crops and flips are always made');
  require(Number.isInteger(size), `accumulate ${parts} must divide the ${batchSize} samples of a batch`);
  require(size % group === 0, `batchNormGroup ${group} must divide the ${size} samples of an accumulated part`);
  const evaluationGroup = config.evaluationGroup ?? data.testSamples;
  require(data.testSamples % evaluationGroup ===
    0, `evaluationGroup ${evaluationGroup} must divide the ${data.testSamples} validation images`);
  return { parts, size, group, evaluationGroup };
}

export async function streamed(config: RunConfig, model: Model): Promise<Network> {
  const { loss, data, seed } = config;
  const list = await listImageNet();
  const { parts, size, group, evaluationGroup } = partsOf(config, model, list);
  const [side] = model.inputShape as [number];
  const plan = batchPlan(config);
  const net = trainable(config, model);
  const { parameters, optimizer } = net;
  const { sums, take, apply } = accumulation(net, parts);
  const variables = [...parameters, ...optimizer.slots, ...sums];
  const images = (n: number): InputSpec[] => [
    { shape: [n, side, side, 3], dtype: 'uint8' },
    { shape: [n], dtype: 'int32' },
  ];
  const normalized = (pixels: Tensor): Tensor =>
    tf.div(tf.sub(toFloat(pixels), tf.tensor1d(MEANS)), tf.tensor1d(DEVIATIONS));
  const lossAndError = (pixels: Tensor, y: Tensor, statisticsOf: number): Tensor[] => {
    const logits = net.logits(normalized(pixels), statisticsOf);
    return [meanLoss(loss, logits, y), meanError(logits, y)];
  };
  const program = compile({
    variables,
    functions: {
      /** One update; with accumulation, only a part's share of it. */
      step: {
        inputs: [scalarInput, scalarInput, ...images(size)],
        run(minusEta, l2, pixels, y) {
          const { loss, gradients } = net.gradients(normalized(pixels as Tensor), y as Tensor);
          take(gradients, minusEta as Tensor, l2 as Tensor);
          return [loss];
        },
      },
      apply,
      next: { inputs: images(size), run: (pixels, y) => lossAndError(pixels as Tensor, y as Tensor, group) },
      test: {
        inputs: images(evaluationGroup),
        run: (pixels, y) => lossAndError(pixels as Tensor, y as Tensor, evaluationGroup),
      },
      norm: { run: () => [net.norm()] },
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
    ...stateOf(program, net, sums),
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
      program.dispose();
      tf.dispose(variables);
    },
  };
}
