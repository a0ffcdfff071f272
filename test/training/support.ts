/** Small configurations and shorthands of the training tests. */
import type { Measure, RunConfig, RunEnd } from '../../lib/runs/index.ts';
import { train, type Checkpoint, type TrainingEvent, type TrainOptions } from '../../lib/training/index.ts';

/** A full-batch run of a 784-16-16-10 network on 64 made-up images. */
export function tinyConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    model: { kind: 'fc', sizes: [784, 16, 16, 10], bias: true },
    sigmaW: Math.SQRT2,
    sigmaB: 0,
    data: { name: 'synthetic', trainSamples: 64, testSamples: 32, subset: 'first', normalization: 'per-set' },
    batchSize: 64,
    loss: 'cross-entropy/k',
    l2Convention: 'half',
    eta: 0.5,
    lambda: 0.01,
    momentum: 0,
    schedule: { kind: 'constant' },
    steps: 30,
    seed: 0,
    measure: { every: 10 },
    ...changes,
  };
}

export async function eventsOf(config: RunConfig, options: TrainOptions = {}): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of train(config, options)) events.push(event);
  return events;
}

const ofKind =
  <Kind extends TrainingEvent['kind']>(kind: Kind) =>
  (events: readonly TrainingEvent[]) =>
    events.filter((event): event is Extract<TrainingEvent, { kind: Kind }> => event.kind === kind);

export const measures = (events: readonly TrainingEvent[]): Measure[] => ofKind('measure')(events);
export const checkpoints = (events: readonly TrainingEvent[]): Checkpoint[] => ofKind('checkpoint')(events);
export const endOf = (events: readonly TrainingEvent[]): RunEnd => events.at(-1) as RunEnd;

/** Everything of a measurement but the time. */
export const timeless = (list: readonly Measure[]): Omit<Measure, 'seconds'>[] =>
  list.map(({ kind, step, epoch, trainLoss, trainError, testLoss, testError, l2Norm, eta, lambda }) => ({
    kind,
    step,
    epoch,
    trainLoss,
    trainError,
    testLoss,
    testError,
    l2Norm,
    eta,
    lambda,
  }));
