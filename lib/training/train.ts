/**
 * One training run as a stream of events: it measures, learns and offers checkpoints, but writes no file, no terminal and
 * no notebook. Everything it computes follows from the configuration.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, scalarInput, sumOfSquares, tf, type Program } from '../compute/index.ts';
import { loadImages } from '../datasets/index.ts';
import { buildModel, initialValues } from '../models/index.ts';
import type { Measure, RunConfig, RunEnd } from '../runs/types.ts';
import { meanError, meanLoss } from './losses.ts';
import { measureSteps } from './schedule.ts';

/** Longest stretch of steps in one call, in ms: progress, stop and resume stay prompt. */
const CALL_MS = 100;

/** Where a run stands between two steps; with it, training goes on to the bit as if never interrupted. */
export interface TrainingState {
  /** Updates done. */
  step: number;
  seconds: number;
  /** Parameters in the model's order, then the optimizer's arrays. */
  arrays: Float32Array<ArrayBuffer>[];
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

export type TrainingEvent = Measure | Progress | Checkpoint | RunEnd;

export interface TrainOptions {
  /** Stops the run between two calls; it then yields a checkpoint and ends with reason `stopped`. */
  signal?: AbortSignal;
  /** State of an earlier session. Measurements up to its step are not repeated, except at the step itself. */
  from?: TrainingState;
  /** Seconds between offered checkpoints; none without it. */
  checkpointEvery?: number;
}

interface Network {
  program: Program<'step' | 'measure'>;
  batchesPerEpoch: number;
  dispose(): void;
}

async function build(config: RunConfig): Promise<Network> {
  const { model: modelConfig, data: dataConfig, loss, batchSize } = config;
  const model = buildModel(modelConfig);
  if (batchSize !== dataConfig.trainSamples) {
    throw new RangeError(
      `only full-batch training is there yet: batchSize ${batchSize}, samples ${dataConfig.trainSamples}`,
    );
  }
  if (config.momentum !== 0) throw new RangeError('momentum is not there yet');
  if (config.schedule.kind !== 'constant') throw new RangeError('eta schedules are not there yet');
  const data = await loadImages(dataConfig);
  const shape = (count: number) => [count, ...model.inputShape];
  const x = tf.tensor(data.trainImages, shape(data.trainLabels.length), 'float32');
  const y = tf.tensor1d(data.trainLabels, 'int32');
  const testX = tf.tensor(data.testImages, shape(data.testLabels.length), 'float32');
  const testY = tf.tensor1d(data.testLabels, 'int32');
  const variables = initialValues(model, config).map((values, i) => {
    const spec = model.parameters[i] as (typeof model.parameters)[number];
    const initial = tf.tensor(values, spec.shape, 'float32');
    const variable = tf.variable(initial, true, undefined, 'float32');
    initial.dispose();
    return variable;
  });
  const program = compile({
    variables,
    data: [x, y, testX, testY],
    functions: {
      step: {
        inputs: [scalarInput, scalarInput],
        /** theta <- theta - decay theta - eta dL/dtheta, where decay = eta lambda (half) or 2 eta lambda (full). */
        run(minusEta, minusDecay) {
          const { value, grads } = tf.variableGrads(() => meanLoss(loss, model.logits(variables, x), y), variables);
          for (const variable of variables) {
            const gradient = grads[variable.name] as tfTypes.Tensor;
            variable.assign(tf.addN([variable, tf.mul(variable, minusDecay), tf.mul(gradient, minusEta)]));
          }
          return [value];
        },
      },
      measure: {
        run() {
          const train = model.logits(variables, x);
          const test = model.logits(variables, testX);
          const norm = tf.addN(variables.map((variable) => sumOfSquares(variable)));
          return [
            meanLoss(loss, train, y),
            meanError(train, y),
            meanLoss(loss, test, testY),
            meanError(test, testY),
            norm,
          ];
        },
      },
    },
  });
  tf.dispose([x, y, testX, testY]);
  return {
    program,
    batchesPerEpoch: dataConfig.trainSamples / batchSize,
    dispose() {
      program.dispose();
      tf.dispose(variables);
    },
  };
}

const scalars = (tensors: tfTypes.Tensor[]): number[] => {
  const values = tensors.map((tensor) => tensor.dataSync()[0] as number);
  tf.dispose(tensors);
  return values;
};

/**
 * Trains one configuration. Yields a `measure` before the update of each scheduled step, `progress` after each call,
 * `checkpoint` when asked for, and one `end`: `finished`, `stopped`, or `diverged` where loss or norm is not finite at a
 * measurement.
 * @throws RangeError for settings that cannot be trained; errors of the data set
 */
export async function* train(config: RunConfig, options: TrainOptions = {}): AsyncGenerator<TrainingEvent, void, void> {
  const { signal, from, checkpointEvery = Infinity } = options;
  const { eta, lambda, steps } = config;
  const network = await build(config);
  const { program } = network;
  const decay = (config.l2Convention === 'full' ? 2 : 1) * eta * lambda;
  const minusEta = tf.scalar(-eta);
  const minusDecay = tf.scalar(-decay);
  try {
    let step = from?.step ?? 0;
    if (from) program.write(from.arrays);
    const started = performance.now() - (from?.seconds ?? 0) * 1000;
    const seconds = () => Math.round(performance.now() - started) / 1000;
    const checkpoint = (): Checkpoint => ({
      kind: 'checkpoint',
      state: { step, seconds: seconds(), arrays: program.read() as Float32Array<ArrayBuffer>[] },
    });
    let offered = seconds();
    let msPerStep = CALL_MS;
    for (const target of measureSteps(config.measure, steps)) {
      if (target < step) continue;
      while (step < target) {
        if (signal?.aborted) {
          yield checkpoint();
          yield { kind: 'end', reason: 'stopped', step, seconds: seconds() };
          return;
        }
        const count = Math.min(target - step, Math.max(1, Math.floor(CALL_MS / msPerStep)));
        const before = performance.now();
        tf.dispose(program.repeat('step', count, minusEta, minusDecay));
        msPerStep = (performance.now() - before) / count;
        step += count;
        yield { kind: 'progress', step, steps, seconds: seconds() };
        if (seconds() - offered >= checkpointEvery && step < steps) {
          yield checkpoint();
          offered = seconds();
        }
        await nextTurn();
      }
      const [trainLoss, trainError, testLoss, testError, l2Norm] = scalars(program.call('measure')) as [
        number,
        number,
        number,
        number,
        number,
      ];
      if (![trainLoss, testLoss, l2Norm].every(Number.isFinite)) {
        yield { kind: 'end', reason: 'diverged', step, seconds: seconds() };
        return;
      }
      const epoch = step / network.batchesPerEpoch;
      yield {
        kind: 'measure',
        step,
        epoch,
        seconds: seconds(),
        trainLoss,
        trainError,
        testLoss,
        testError,
        l2Norm,
        eta,
        lambda,
      };
      await nextTurn();
    }
    yield { kind: 'end', reason: 'finished', step, seconds: seconds() };
  } finally {
    tf.dispose([minusEta, minusDecay]);
    network.dispose();
  }
}
