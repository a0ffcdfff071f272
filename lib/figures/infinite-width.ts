/** Figure 5: the infinite-width curves, and the network of 5c beside them. */

import type { TopLevelSpec } from 'vega-lite';
import type { TrainedCurve } from '../theory/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { GUIDE, logAxis, PAIR, sequence, short } from './theme.ts';

const WIDTH = 215;
const HEIGHT = 240;

/** One point of equation 3, and of its check. */
export interface ModePoint {
  k: number;
  gamma: number;
  time: number;
  f: number;
  /** `solver`: by an ODE solver. */
  source: 'equation 3' | 'solver';
}

/** 5a and 5b: f over time, a curve per gamma, a panel per k; the ODE solver's values as rings. */
export async function modesChart(points: readonly ModePoint[], lambda: number): Promise<Chart> {
  const gammas = [...new Set(points.map((point) => point.gamma))].sort((a, b) => a - b);
  const values = points.map((point) => ({ ...point, time: short(point.time, 5), f: short(point.f, 5) }));
  const panel = (k: number, title: string) => ({
    title,
    width: WIDTH,
    height: HEIGHT,
    transform: [{ filter: `datum.k === ${k}` }],
    encoding: {
      x: {
        field: 'time',
        type: 'quantitative',
        scale: { type: 'log' },
        axis: logAxis(
          'time t',
          values.map((v) => v.time),
        ),
      },
      y: { field: 'f', type: 'quantitative', title: 'f / y' },
      color: {
        field: 'gamma',
        type: 'ordinal',
        title: 'eigenvalue γ',
        scale: { domain: gammas, range: sequence(gammas.length) },
      },
    },
    layer: [
      { transform: [{ filter: "datum.source === 'equation 3'" }], mark: { type: 'line' } },
      { transform: [{ filter: "datum.source === 'solver'" }], mark: { type: 'point', size: 24, tooltip: true } },
    ],
  });
  const spec = {
    data: { values },
    hconcat: [
      panel(2, `(a) two-layer network, k = 2, λ = ${lambda}`),
      panel(1, `(b) linear model, k = 1, λ = ${lambda}`),
    ],
  } as TopLevelSpec;
  const alt = `Function over time for eigenvalues ${gammas.join(', ')} at lambda = ${lambda}: left k = 2, where every curve rises and decays to 0; right k = 1, where each stays at gamma / (gamma + lambda). Rings are an ODE solver's values.`;
  return chart(spec, { alt });
}

/** 5c: the trained network between the theory for k = 1 and k = 2, a panel per curve given. */
export async function trainedChart(curves: readonly TrainedCurve[]): Promise<Chart> {
  if (curves.length === 0) throw new NothingToDraw('no trained network beside a kernel');
  const steps = 'k = 2 in steps of η';
  const series = ['trained network', 'theory, k = 2', steps, 'theory, k = 1'];
  const values = curves.flatMap(({ lambda, width, rows }) =>
    rows
      .filter((row) => row.time > 0)
      .flatMap((row) =>
        [row.trained, row.k2, row.k2InSteps, row.k1].map((value, i) => ({
          panel: `λ = ${lambda}, width ${width}`,
          series: series[i],
          time: short(row.time, 5),
          value: short(value, 5),
        })),
      ),
  );
  // Several channels of one field make one legend, whose symbols look as what is drawn.
  const channel = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal',
    title: null,
    scale: { domain: series, range },
    legend: { orient: 'bottom', columns: 4, columnPadding: 16, symbolSize: 110, symbolStrokeWidth: 2, labelLimit: 300 },
  });
  const shape = channel(['circle', 'stroke', 'stroke', 'stroke']);
  const strokeDash = channel([
    [1, 0],
    [1, 0],
    [7, 7],
    [1, 0],
  ]);
  const panel = (title: string) => ({
    title,
    width: WIDTH,
    height: HEIGHT,
    transform: [{ filter: `datum.panel === '${title}'` }],
    encoding: {
      x: {
        field: 'time',
        type: 'quantitative',
        scale: { type: 'log' },
        axis: logAxis(
          'time t = η × step',
          values.filter((v) => v.panel === title).map((v) => v.time),
        ),
      },
      y: { field: 'value', type: 'quantitative', title: 'mean of y f', scale: { domain: [-0.05, 1] } },
      color: channel(['#24292f', PAIR[0], '#a87b00', PAIR[1]]),
    },
    layer: [
      {
        transform: [{ filter: `datum.series !== '${series[0]}' && datum.series !== '${steps}'` }],
        mark: { type: 'line', clip: true },
        encoding: { strokeDash },
      },
      {
        transform: [{ filter: `datum.series === '${steps}'` }],
        mark: { type: 'line', clip: true, strokeWidth: 1.3 },
        encoding: { strokeDash },
      },
      {
        transform: [{ filter: `datum.series === '${series[0]}'` }],
        mark: { type: 'point', size: 28, clip: true, tooltip: true },
        encoding: { shape },
      },
    ],
  });
  const spec = { data: { values }, hconcat: [...new Set(values.map((v) => v.panel))].map(panel) } as TopLevelSpec;
  const distances = curves.map(
    ({ lambda, width, largest2, largestInSteps, largest1 }) =>
      `at λ = ${lambda} and width ${width} the largest root mean square distance is ${largest2.toFixed(2)} to k = 2, ${largestInSteps.toFixed(2)} to k = 2 in steps of η and ${largest1.toFixed(2)} to k = 1`,
  );
  const alt = `Alignment of the trained two-layer ReLU network's function with the labels over time (points) and the infinite-width theory for k = 2, which decays to 0, and for k = 1, which stays up: ${distances.join('; ')}.`;
  return chart(spec, { alt });
}

/** What is left of the function at the end, over lambda^2 n: where theorem 2's decay to 0 sets in. */
export async function crossoverChart(curves: readonly TrainedCurve[]): Promise<Chart> {
  if (curves.length === 0) throw new NothingToDraw('no trained network');
  const values = curves.map(({ lambda, width, strength, final }) => ({
    strength: short(strength, 5),
    left: short(final.trained, 5),
    lambda,
    width,
  }));
  const strengths = values.map((v) => v.strength);
  const lambdas = [...new Set(values.map((v) => v.lambda))].sort((a, b) => a - b);
  const spec = {
    data: { values },
    width: 420,
    height: HEIGHT,
    layer: [
      {
        data: { values: [{}] },
        mark: { type: 'rule', color: GUIDE, strokeDash: [4, 4] },
        encoding: { y: { datum: 0 } },
      },
      {
        mark: { type: 'point', filled: true, size: 90, tooltip: true },
        encoding: {
          x: {
            field: 'strength',
            type: 'quantitative',
            scale: { type: 'log', nice: false, domain: [Math.min(...strengths) / 1.6, Math.max(...strengths) * 1.6] },
            axis: logAxis('λ² n', strengths),
          },
          y: {
            field: 'left',
            type: 'quantitative',
            title: 'mean of y f at the end',
            scale: { domain: [-0.05, 1], nice: false },
          },
          color: {
            field: 'lambda',
            type: 'ordinal',
            title: 'λ',
            scale: { domain: lambdas, range: sequence(lambdas.length) },
          },
          shape: { field: 'width', type: 'nominal', title: 'width n' },
        },
      },
    ],
  } as TopLevelSpec;
  const ends = [...values]
    .sort((a, b) => a.strength - b.strength)
    .map(({ strength, left }) => `${left.toFixed(2)} at ${Math.round(strength)}`);
  const alt = `What is left of the function at the end of training over lambda squared times width: ${ends.join(', ')}.`;
  return chart(spec, { alt });
}
