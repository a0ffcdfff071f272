/** A run in the making beside its log: what the last cell of a workbook calls. */

import type { TopLevelSpec } from 'vega-lite';
import { hashConfig } from '../runs/index.ts';
import type { Measure, Preset, Run, RunConfig } from '../runs/index.ts';
import { chart } from './chart.ts';
import type { Chart } from './chart.ts';
import type { SweepLogs } from './open-figure.ts';
import { PAIR } from './theme.ts';

/** Test accuracy over steps of what was measured so far, over the log of the same configuration if there is one. */
export function liveChart(config: RunConfig, measured: readonly Measure[], log?: Run): Promise<Chart> {
  const last = measured.at(-1);
  const row =
    (curve: string) =>
    ({ step, testError }: Measure) => ({ curve, step, accuracy: 1 - testError });
  const seconds = last ? `, ${last.seconds.toFixed(0)} s` : '';
  const title = `η = ${config.eta}, λ = ${last?.lambda ?? config.lambda}: step ${last?.step ?? 0} of ${config.steps}${seconds}`;
  const spec = {
    width: 480,
    height: 240,
    title,
    data: { values: [...(log?.measures ?? []).map(row('log')), ...measured.map(row('now'))] },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: 'step',
        type: 'quantitative',
        scale: { type: 'symlog' },
        title: 'step',
        axis: { values: [0, 1, 2, 5, ...[1, 2, 3, 4, 5].flatMap((power) => [10 ** power, 3 * 10 ** power])] },
      },
      y: { field: 'accuracy', type: 'quantitative', scale: { zero: false }, title: 'test accuracy' },
      color: { field: 'curve', type: 'nominal', title: null, scale: { domain: ['log', 'now'], range: [...PAIR] } },
    },
  };
  return chart(spec as unknown as TopLevelSpec, { alt: `Test accuracy, ${title}` });
}

/** What a live cell needs of the kernel's `cell`. */
export interface LiveCell {
  signal: AbortSignal;
  clearOutput(wait?: boolean): void;
  display(value: unknown): Promise<void> | void;
}

/**
 * Trains one run of a sweep here and now and draws it over its log; writes no file.
 * @param choose says which run of the first preset that was opened; the first it takes is trained, without it the cheapest
 * @returns what was measured, up to the stop button where that was pressed
 * @throws RangeError where `choose` takes no run
 */
export async function trainHere(
  { plan, opened }: SweepLogs,
  cell: LiveCell,
  choose: (config: RunConfig) => boolean = () => true,
): Promise<Measure[]> {
  // Loads TensorFlow, which a workbook without its live cell does not need.
  const { train } = await import('../training/index.ts');
  const preset = (opened[0]?.preset ?? 'desk') as Preset;
  const config = plan.runs(preset).find((run) => choose(run.config))?.config;
  if (!config) throw new RangeError(`no run of ${plan.name}, preset ${preset}, is the one asked for`);
  const hash = hashConfig(config);
  const log = opened.flatMap(({ runs }) => runs).find(({ header }) => header.hash === hash);
  const measures: Measure[] = [];
  for await (const event of train(config, { signal: cell.signal })) {
    if (event.kind !== 'measure') continue;
    measures.push(event);
    const picture = await liveChart(config, measures, log);
    cell.clearOutput(true);
    await cell.display(picture);
  }
  return measures;
}
