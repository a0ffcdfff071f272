/** A run of one's own as something that is trained and measured: one compiled program over data that stay in it. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import {
  compile,
  counterInput,
  gatherRows,
  scalarInput,
  sumOfSquares,
  tf,
  toFloat,
  uint8Tensor,
} from '../compute/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { batchPlan } from '../training/batches.ts';
import { meanError, meanLoss } from '../training/losses.ts';
import type { Network } from '../training/network.ts';
import { isPenalised, optimizerOf, ratesOf } from '../training/optimizer.ts';
import { builtModel } from './model.ts';
import { DefinitionError, type OwnData, type OwnSet, type OwnSweep } from './types.ts';

type Tensor = tfTypes.Tensor;

/** Samples measured at once: bounds memory, and changes rounding alone. */
const EVALUATED = 500;

/** One set in the program: x [n, values of a sample], y [n, labels of a sample] int32. */
interface Resident {
  x: Tensor;
  y: Tensor;
  count: number;
  /** Of raw uint8 or float32 values, where they are to be normalised. */
  statistics?: { mean: number; deviation: number };
}

/** Mean and population deviation of all values, in double. */
function statisticsOf(values: Uint8Array | Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

function resident(set: OwnSet, count: number, { shape, labelShape = [], normalization }: OwnData): Resident {
  const [size, labels] = [shape, labelShape].map((sizes) => sizes.reduce((a, b) => a * b, 1)) as [number, number];
  const values = set.x.subarray(0, count * size);
  const y = tf.tensor2d(Int32Array.from(set.y.subarray(0, count * labels)), [count, labels], 'int32');
  const x =
    values instanceof Uint8Array
      ? uint8Tensor(values, [count, size])
      : tf.tensor2d(values, [count, size], values instanceof Int32Array ? 'int32' : 'float32');
  if (normalization !== 'per-set') return { x, y, count };
  if (values instanceof Int32Array)
    throw new DefinitionError(`data.normalization is 'per-set': tokens (Int32Array) have no mean`);
  const statistics = statisticsOf(values);
  if (statistics.deviation === 0) throw new DefinitionError('all values of a set are equal: they cannot be normalised');
  return { x, y, count, statistics };
}

/**
 * Builds the network of a configuration once, and lets it go.
 * @throws DefinitionError as `ownNetwork`
 */
export function checkModel(sweep: OwnSweep, config: RunConfig): void {
  checkSame(sweep, config);
  builtModel(sweep, config).dispose();
}

function checkSame({ modelSha256, dataSha256 }: OwnSweep, { model, data }: RunConfig): void {
  if (model['source'] === modelSha256 && data['sha256'] === dataSha256) return;
  throw new DefinitionError('the definition or its data changed since the command began: start it again');
}

/**
 * The network of a run of `sweep`, in training.
 * @throws DefinitionError where the definition is no longer that of the configuration, or the network does not fit the data
 */
export function ownNetwork(sweep: OwnSweep, config: RunConfig): Network {
  const { data } = sweep;
  checkSame(sweep, config);
  const model = builtModel(sweep, config);
  const { parameters, specs, state } = model;
  const optimizer = optimizerOf(config, specs, parameters);
  const penalised = isPenalised(config, specs);
  const { trainSamples, testSamples } = config.data;
  const { batchSize } = config;
  const plan = batchPlan(config);
  const train = resident(data.train, trainSamples, data);
  const test = resident(data.test, testSamples, data);
  const isWhole = batchSize === trainSamples;

  const inputs = (set: Resident, rows: Tensor): Tensor => {
    const isTokens = data.train.x instanceof Int32Array;
    const x = isTokens ? rows : toFloat(rows);
    const { statistics } = set;
    const scaled = statistics ? tf.mul(tf.sub(x, statistics.mean), 1 / statistics.deviation) : x;
    return tf.reshape(scaled, [rows.shape[0], ...data.shape]);
  };
  /** Logits and labels one below the other, whatever places a sample has. */
  const flat = (logits: Tensor, labels: Tensor): [Tensor, Tensor] => [
    tf.reshape(logits, [-1, data.classes]),
    tf.reshape(labels, [-1]),
  ];
  const lossOf = (x: Tensor, y: Tensor): tfTypes.Scalar => meanLoss(config.loss, ...flat(model.logits(x, true), y));
  const rowsAt = (set: Resident, at: Tensor): [Tensor, Tensor] => [
    inputs(set, gatherRows(set.x, at)),
    gatherRows(set.y, at),
  ];
  const evaluate = (set: Resident, size: number) => ({
    inputs: [counterInput],
    run(...[start]: Tensor[]): Tensor[] {
      const [x, y] = rowsAt(set, tf.add(tf.range(0, size, 1, 'int32'), start!));
      const [logits, labels] = flat(model.logits(x, false), y);
      return [meanLoss(config.loss, logits, labels), meanError(logits, labels)];
    },
  });
  const part = ({ count }: Resident) => Math.min(count, EVALUATED);
  const rest = (set: Resident) => set.count % part(set) || part(set);

  let order: { epoch: number; tensor: Tensor } | undefined;
  const program = compile({
    variables: [...parameters, ...state, ...optimizer.slots],
    data: [train.x, train.y, test.x, test.y],
    seed: config.seed,
    functions: {
      step: {
        inputs: [scalarInput, scalarInput, counterInput, { shape: [plan.batchesPerEpoch, batchSize], dtype: 'int32' }],
        counter: 2,
        run(...[minusEta, l2, step, order]: Tensor[]): Tensor[] {
          const row = tf.mod(step!, tf.scalar(plan.batchesPerEpoch, 'int32'));
          const at = tf.reshape(gatherRows(order!, tf.reshape(row, [1])), [batchSize]);
          // The whole set needs no order.
          const [x, y] = isWhole ? [inputs(train, train.x), train.y] : rowsAt(train, at);
          const { value, grads } = tf.variableGrads(() => lossOf(x, y), parameters);
          optimizer.update(
            parameters.map(({ name }) => grads[name]!),
            minusEta!,
            l2!,
          );
          return [value];
        },
      },
      train: evaluate(train, part(train)),
      trainRest: evaluate(train, rest(train)),
      test: evaluate(test, part(test)),
      testRest: evaluate(test, rest(test)),
      norm: { run: () => [tf.addN(parameters.filter((_, i) => penalised[i]).map((each) => sumOfSquares(each)))] },
    },
  });
  tf.dispose([train.x, train.y, test.x, test.y]);

  const using = <T>(tensors: Tensor[], run: (...tensors: Tensor[]) => T): T => {
    try {
      return run(...tensors);
    } finally {
      tf.dispose(tensors);
    }
  };
  const int = (value: number): Tensor => tf.scalar(value, 'int32');
  const scalars = (tensors: Tensor[]): number[] => using(tensors, (...all) => all.map((each) => each.dataSync()[0]!));
  /** Means of loss and error over a set, part after part. */
  const means = (name: 'train' | 'test', set: Resident): [number, number] => {
    const sums: [number, number] = [0, 0];
    for (let start = 0; start < set.count; start += part(set)) {
      const size = Math.min(part(set), set.count - start);
      const called = size === part(set) ? name : (`${name}Rest` as const);
      const [loss, error] = using([int(start)], (at) => scalars(program.call(called, at)));
      sums[0] += loss! * size;
      sums[1] += error! * size;
    }
    return [sums[0] / set.count, sums[1] / set.count];
  };
  const look = () => {
    const [trainLoss, trainError] = means('train', train);
    return { trainLoss, trainError };
  };
  const orderOf = (step: number): Tensor => {
    const epoch = isWhole ? 0 : Math.floor(step / plan.batchesPerEpoch);
    if (order?.epoch !== epoch) {
      order?.tensor.dispose();
      order = { epoch, tensor: tf.tensor(plan.order(epoch), [plan.batchesPerEpoch, batchSize], 'int32') };
    }
    return order.tensor;
  };

  return {
    batchesPerEpoch: plan.batchesPerEpoch,
    advance(step, count, eta, lambda) {
      const rates = ratesOf(config, eta, lambda);
      using([tf.scalar(rates.minusEta), tf.scalar(rates.l2), int(step)], (minusEta, l2, first) =>
        tf.dispose(program.repeat('step', count, minusEta!, l2!, first!, orderOf(step))),
      );
    },
    measure() {
      const [testLoss, testError] = means('test', test);
      const [l2Norm] = scalars(program.call('norm'));
      return { ...look(), testLoss, testError, l2Norm: l2Norm! };
    },
    look,
    // Everything that changes: parameters, moving averages, slots, and the counters of random draws.
    read: () => program.read() as Float32Array<ArrayBuffer>[],
    write(arrays) {
      if (arrays.length !== program.variables.length)
        throw new RangeError(`the state of this network has ${program.variables.length} arrays, got ${arrays.length}`);
      program.write(arrays);
    },
    dispose() {
      order?.tensor.dispose();
      order = undefined;
      program.dispose();
      tf.dispose(optimizer.slots);
      model.dispose();
    },
  };
}
