/** A run in the making beside its log. */

import type { TopLevelSpec } from 'vega-lite';
import type { Measure, Run, RunConfig } from '../runs/index.ts';
import { chart } from './chart.ts';
import type { Chart } from './chart.ts';
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
