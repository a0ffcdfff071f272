/**
 * One training run as a stream of events: it measures, learns and offers checkpoints, but writes no file, no terminal and
 * no notebook. Everything it computes follows from the configuration.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { buildModel, type Model } from '../models/index.ts';
import {
  measureSteps,
  type L2DecayEvent,
  type Measure,
  type Observation,
  type RunConfig,
  type RunEnd,
} from '../runs/index.ts';
import { AutoL2, type AutoL2State } from './auto-l2.ts';
import { fullBatch } from './full-batch.ts';
import { layerValues } from './layers-observed.ts';
import { learningRate } from './learning-rate.ts';
import { minibatch } from './minibatch.ts';
import type { Network } from './network.ts';
import { streamed } from './streamed.ts';

/** Longest stretch of steps in one call, in ms: progress, stop and resume stay prompt. */
const CALL_MS = 100;

/** Where a run stands between two steps; with it, training goes on to the bit as if never interrupted. */
export interface TrainingState {
  /** Updates done. */
  step: number;
  seconds: number;
  /** Parameters in the model's order, then the optimizer's arrays. */
  arrays: Float32Array<ArrayBuffer>[];
  autoL2?: AutoL2State;
}

export interface Progress {
  kind: 'progress';
  step: number;
  steps: number;
  seconds: number;
}

export interface Checkpoint {
  kind: 'checkpoint';
  state: TrainingState;
}

export type TrainingEvent = Measure | Observation | L2DecayEvent | Progress | Checkpoint | RunEnd;

export interface TrainOptions {
  /** Stops the run between two calls; it then yields a checkpoint and ends with reason `stopped`. */
  signal?: AbortSignal;
  /** State of an earlier session. Measurements up to its step are not repeated, except at the step itself. */
  from?: TrainingState;
  /** Stops the run, with a checkpoint, at its last measurement up to this step; `why` is then the end line's message. */
  until?: { step: number; why: string };
  /** Seconds between offered checkpoints; none without it. */
  checkpointEvery?: number;
  /** What the configuration trains, where that is no network of lib/models on a data set of lib/datasets (lib/own). */
  network?: (config: RunConfig) => Network | Promise<Network>;
}

/** The network that the configuration names, for images of the data set's size. */
function modelOf(config: RunConfig): Model {
  const { name, shrink = 1 } = config.data;
  if (name === 'own')
    throw new RangeError('a run of your own is trained with the file that defines it: npm run train -- <file>');
  const side = { mnist: 28, synthetic: 28, cifar10: 32, imagenet: 224 }[name] / shrink;
  const model = buildModel({ imageSize: side, ...config.model });
  const values = side * side * (name === 'cifar10' || name === 'imagenet' ? 3 : 1);
  const inputs = model.inputShape.reduce((a, b) => a * b, 1);
  if (inputs !== values) {
    throw new RangeError(`the ${config.model.kind} network takes ${inputs} values a sample, ${name} has ${values}`);
  }
  return model;
}

async function build(config: RunConfig): Promise<Network> {
  const model = modelOf(config);
  if (config.data.name === 'imagenet') return streamed(config, model);
  if (config.data.normalization === 'imagenet') {
    throw new RangeError(`data.normalization 'imagenet' is for ImageNet alone, not for ${config.data.name}`);
  }
  const drawn = config.augmentation ?? config.shuffle ?? config.accumulate ?? config.evaluationGroup;
  return config.batchSize === config.data.trainSamples && drawn === undefined
    ? fullBatch(config, model)
    : minibatch(config, model);
}

/** Steps at which a run stops to measure or, between its scheduled measurements, to look whether AutoL2 decays. */
function targetsOf(scheduled: readonly number[], steps: number, autoL2: AutoL2 | undefined): readonly number[] {
  if (!autoL2) return scheduled;
  const due = Array.from({ length: steps }, (_, step) => step).filter((step) => autoL2.isDue(step));
  return [...new Set([...scheduled, ...due])].sort((a, b) => a - b);
}

/**
 * Trains one configuration. Yields a `measure` before the update of each scheduled step, an `observe` where AutoL2 looks between
 * them (training loss and error alone: the test set is measured no more often than for a constant lambda) and, with `observe: 'layers'`, after the
 * update of every measured step (layers-observed.ts), `progress` after each call,
 * `checkpoint` when asked for, and one `end`: `finished`, `stopped`, or `diverged` where loss or norm is not finite at a
 * measurement.
 * @throws RangeError for settings that cannot be trained; errors of the data set
 */
export async function* train(config: RunConfig, options: TrainOptions = {}): AsyncGenerator<TrainingEvent, void, void> {
  const { signal, from, until, checkpointEvery = Infinity, network: make = build } = options;
  const { steps } = config;
  const autoL2 = config.autoL2 && new AutoL2({ ...config.autoL2, lambda: config.lambda });
  if (from?.autoL2) autoL2?.restore(from.autoL2);
  const scheduled = measureSteps(config.measure, steps);
  const measured = new Set(scheduled);
  const targets = targetsOf(scheduled, steps, autoL2);
  const network = await make(config);
  const { batchesPerEpoch } = network;
  try {
    const rate = learningRate(config.schedule, { eta: config.eta, steps, batchesPerEpoch });
    let step = from?.step ?? 0;
    if (from) network.write(from.arrays);
    const started = performance.now() - (from?.seconds ?? 0) * 1000;
    const seconds = () => Math.round(performance.now() - started) / 1000;
    const lambda = () => autoL2?.lambda ?? config.lambda;
    const checkpoint = (): Checkpoint => ({
      kind: 'checkpoint',
      state: { step, seconds: seconds(), arrays: network.read(), ...(autoL2 && { autoL2: autoL2.save() }) },
    });
    // With `observe: 'layers'`, the parameters at the last measured step until its update has been made.
    let unobserved: readonly Float32Array[] | undefined;
    const parameters = config['observe'] === 'layers' ? modelOf(config).parameters.length : 0;
    let offered = seconds();
    let msPerStep = CALL_MS;
    for (const target of targets) {
      if (target < step) continue;
      if (until && target > until.step) {
        yield checkpoint();
        yield { kind: 'end', reason: 'stopped', step, seconds: seconds(), message: until.why };
        return;
      }
      while (step < target) {
        if (signal?.aborted) {
          yield checkpoint();
          yield { kind: 'end', reason: 'stopped', step, seconds: seconds() };
          return;
        }
        const epochEnd = (Math.floor(step / batchesPerEpoch) + 1) * batchesPerEpoch;
        const limit = batchesPerEpoch === 1 ? target : Math.min(target, epochEnd); // one order of samples a call
        const alike = Math.min(limit, rate.changesAfter(step)) - step;
        const most = unobserved ? 1 : Math.floor(CALL_MS / msPerStep);
        const count = Math.min(alike, Math.max(1, most));
        const before = performance.now();
        await network.advance(step, count, rate.at(step), lambda());
        msPerStep = (performance.now() - before) / count;
        if (unobserved) {
          const values = layerValues(unobserved, network.read().slice(0, parameters));
          unobserved = undefined;
          yield { kind: 'observe', step, seconds: seconds(), values };
        }
        step += count;
        yield { kind: 'progress', step, steps, seconds: seconds() };
        if (seconds() - offered >= checkpointEvery && step < steps) {
          yield checkpoint();
          offered = seconds();
        }
        await nextTurn();
      }
      const whole = measured.has(step) ? await network.measure(step) : undefined;
      const { trainLoss, trainError } = whole ?? (await network.look(step));
      if (![trainLoss, whole?.testLoss ?? 0, whole?.l2Norm ?? 0].every(Number.isFinite)) {
        yield { kind: 'end', reason: 'diverged', step, seconds: seconds() };
        return;
      }
      const decayed =
        autoL2?.isDue(step) && step < steps && autoL2.measure(step, { loss: trainLoss, error: trainError });
      if (whole) {
        const { testLoss, testError, l2Norm } = whole;
        yield {
          kind: 'measure',
          step,
          epoch: step / batchesPerEpoch,
          seconds: seconds(),
          trainLoss,
          trainError,
          testLoss,
          testError,
          l2Norm,
          eta: rate.at(step),
          lambda: lambda(),
        };
      } else {
        yield { kind: 'observe', step, seconds: seconds(), values: { trainLoss, trainError } };
      }
      if (decayed) yield { kind: 'l2-decay', step, lambda: lambda() };
      if (parameters > 0 && whole && step < steps) unobserved = network.read().slice(0, parameters);
      await nextTurn();
    }
    yield { kind: 'end', reason: 'finished', step, seconds: seconds() };
  } finally {
    network.dispose();
  }
}
