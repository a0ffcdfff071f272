/** Logs of whole sweeps with planted answers: every configuration that a preset plans, with closed curves instead of training. */

import {
  NUMERICS,
  RunWriter,
  SCHEMA,
  hashConfig,
  runPath,
  type L2DecayEvent,
  type Run,
  type RunConfig,
  type RunHeader,
} from '../../lib/runs/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { measuredSteps } from './support.ts';

/** What is planted in one run. Steps may lie beyond its end. */
export interface Planted {
  /** Step of the best test accuracy, and the accuracy there: a parabola in log(1 + step). */
  peak: number;
  max: number;
  /** Step at which training accuracy becomes 1. */
  fit: number;
  /** Added to the test accuracy of a step. */
  extra?: (step: number) => number;
  /** Training loss of a step; falls to 0 by default. */
  loss?: (step: number) => number;
  /** Steps at which lambda is divided by 10. */
  decays?: readonly number[];
}

export type Law = (config: RunConfig) => Planted;

const CURVATURE = 0.03;

/** The header of a run that nobody made. */
export function plantedHeader(sweep: string, preset: 'paper' | 'desk' | 'smoke', config: RunConfig): RunHeader {
  return {
    kind: 'run',
    schema: SCHEMA,
    numerics: NUMERICS,
    sweep,
    preset,
    config,
    hash: hashConfig(config),
    datasets: { planted: '0'.repeat(64) },
    git: { commit: '0'.repeat(40), dirty: false },
    versions: {},
    device: 'cpu',
    threads: 1,
    cpu: 'planted',
    startedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** One run in memory, as `readRun` would give it. */
export function plantedRun(
  sweep: string,
  preset: 'paper' | 'desk' | 'smoke',
  config: RunConfig,
  law: Law,
): Run & { events: L2DecayEvent[] } {
  const { peak, max, fit, extra, loss, decays = [] } = law(config);
  const header = plantedHeader(sweep, preset, config);
  const { hash } = header;
  const { testSamples, trainSamples } = config.data;
  const stepsAnEpoch = Math.max(1, Math.floor(trainSamples / config.batchSize));
  const measures = measuredSteps(config.steps).map((step) => {
    const accuracy = max - CURVATURE * Math.log((1 + step) / (1 + peak)) ** 2 + (extra?.(step) ?? 0);
    const passed = decays.filter((each) => each <= step).length;
    return {
      kind: 'measure' as const,
      step,
      epoch: step / stepsAnEpoch,
      seconds: step / 100,
      trainLoss: loss?.(step) ?? 0.23 * Math.exp(-step / fit),
      trainError: step >= fit ? 0 : Math.max(1, Math.ceil(trainSamples * 0.9 * Math.exp(-step / fit))) / trainSamples,
      testLoss: 0.25 - 0.1 * accuracy,
      testError: Math.round(testSamples * (1 - Math.max(0.1, accuracy))) / testSamples,
      l2Norm: 1e4,
      eta: config.eta,
      lambda: config.lambda / 10 ** passed,
    };
  });
  const events: L2DecayEvent[] = decays
    .filter((step) => step <= config.steps)
    .map((step, i) => ({ kind: 'l2-decay', step, lambda: config.lambda / 10 ** (i + 1) }));
  return {
    file: `${sweep}/${preset}/planted-${hash.slice(0, 8)}.jsonl`,
    header,
    measures,
    observations: [],
    events,
    end: { kind: 'end', reason: 'finished', step: config.steps, seconds: 1 },
    torn: false,
  };
}

/** All runs that a preset plans, in memory. */
export function plantedSweep(sweep: string, law: Law, preset: 'paper' | 'desk' | 'smoke' = 'desk'): Run[] {
  return findSweep(sweep)
    .runs(preset)
    .map(({ config, role }) => ({ ...plantedRun(sweep, preset, config, law), role }));
}

/** The same as files below `root`, for workbooks. */
export function writePlanted(root: string, sweep: string, law: Law, preset: 'paper' | 'desk' | 'smoke' = 'desk'): void {
  for (const { config, varying } of findSweep(sweep).runs(preset)) {
    const { header, measures, events } = plantedRun(sweep, preset, config, law);
    const writer = RunWriter.create(runPath(root, header, varying), header);
    for (const measure of measures) {
      for (const event of events)
        if (event.step <= measure.step && event.step > (measures[measures.indexOf(measure) - 1]?.step ?? -1))
          writer.event(event);
      writer.measure(measure);
    }
    writer.end({ reason: 'finished', step: config.steps, seconds: 1 });
  }
}

/** t* = c/(eta lambda) steps and one level: what the paper claims. Without L2 the peak comes early and is lower. */
export const paperLaw =
  ({ c, max = 0.8, fit = 30 }: { c: number; max?: number; fit?: number }): Law =>
  ({ eta, lambda }) =>
    lambda === 0 ? { peak: 2 * fit, max: max - 0.05, fit } : { peak: c / (eta * lambda), max, fit };
