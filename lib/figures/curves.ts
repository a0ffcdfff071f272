/** Training curves of a whole sweep: a static chart, and a Plotly view to explore them. */

import type { Data, Layout } from 'plotly.js-dist-min';
import type { TopLevelSpec } from 'vega-lite';
import { measureRows } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { chart } from './chart.ts';
import type { Chart, MimeBundle } from './chart.ts';
import { FONT, logAxis, sequence, short } from './theme.ts';

export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';

/** What a curve can show, by the field of `measureRows`. */
const MEASURED = [
  { field: 'testAccuracy', title: 'test accuracy' },
  { field: 'trainAccuracy', title: 'training accuracy' },
] as const;

/** The static picture of a sweep shows at most this many points a curve, and the last. */
const POINTS = 16;

/** A figure is as wide as its place, and nothing of it leaves the machine: Plotly's own button would upload its data. */
const CONFIG = { responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: '' };

/** A Plotly figure with a picture for front ends that do not run Plotly. */
export class PlotlyFigure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  readonly still: Chart;

  constructor(data: Data[], layout: Partial<Layout>, still: Chart) {
    this.data = data;
    this.layout = layout;
    this.still = still;
  }

  [Symbol.for('Jupyter.display')](): MimeBundle {
    return {
      [PLOTLY_MIME]: { data: this.data, layout: this.layout, config: CONFIG },
      // No PNG beside: hundreds of lines make it larger than all the rest.
      'image/svg+xml': this.still.svg,
      'text/plain': this.still.alt,
    };
  }
}

/**
 * All training curves of a sweep, coloured by eta: buttons choose what is shown and whether time runs in epochs or in units of
 * 1/(eta lambda). Runs without L2 or with fewer than two finite measurements are left out.
 */
export async function exploreCurves(runs: readonly Run[], title: string): Promise<PlotlyFigure> {
  const drawn = drawable(runs);
  const etas = [...new Set(drawn.map((run) => run.header.config.eta))].sort((a, b) => a - b);
  const seeds = new Set(drawn.map((run) => run.header.config.seed));
  const colours = sequence(etas.length);
  const rows = drawn.map((run) => measureRows(run).filter((row) => row.epoch > 0 && Number.isFinite(row.testAccuracy)));
  const y = MEASURED.map(({ field }) => rows.map((curve) => packed(curve.map((row) => row[field]))));
  const epochs = rows.map((curve) => packed(curve.map((row) => row.epoch)));
  const scaled = rows.map((curve) => packed(curve.map((row) => row.epoch * row.eta * row.lambda)));
  const shownOnce = new Set<number>();
  const data: Data[] = drawn.map((run, i) => {
    const { eta, lambda, seed } = run.header.config;
    const first = !shownOnce.has(eta) && shownOnce.add(eta);
    return {
      type: 'scatter',
      mode: 'lines',
      x: scaled[i]! as never,
      y: y[0]![i]! as never,
      name: `η = ${eta}`,
      legendgroup: String(eta),
      showlegend: Boolean(first),
      line: { color: colours[etas.indexOf(eta)]!, width: 1.5 },
      hovertemplate: `η = ${eta}, λ = ${lambda}${seeds.size > 1 ? `, seed ${seed}` : ''}<br>%{x:.4~g}: %{y:.4~g}<extra></extra>`,
    };
  });
  const [byPace, byEpoch] = ['η λ × epochs', 'epochs'];
  const layout: Partial<Layout> = {
    title: { text: title, x: 0, xref: 'paper', y: 0.96, font: { size: 15 } },
    font: { family: FONT, size: 12, color: '#24292f' },
    autosize: true,
    height: 480,
    margin: { l: 70, r: 20, t: 100, b: 60 },
    plot_bgcolor: '#ffffff',
    hovermode: 'closest',
    xaxis: { type: 'log', title: { text: byPace }, gridcolor: '#eaeef2', exponentformat: 'power', dtick: 1 },
    yaxis: { title: { text: MEASURED[0].title }, gridcolor: '#eaeef2' },
    legend: { title: { text: 'click to hide' }, tracegroupgap: 0, font: { size: 11 } },
    updatemenus: [
      {
        type: 'buttons',
        direction: 'right',
        x: 0,
        xanchor: 'left',
        y: 1.13,
        yanchor: 'top',
        buttons: MEASURED.map(({ title: text }, i) => ({
          method: 'update',
          label: text,
          args: [{ y: y[i]! }, { 'yaxis.title.text': text }],
        })),
      },
      {
        type: 'buttons',
        direction: 'right',
        x: 1,
        xanchor: 'right',
        y: 1.13,
        yanchor: 'top',
        buttons: [
          { method: 'update', label: byPace, args: [{ x: scaled }, { 'xaxis.title.text': byPace }] },
          { method: 'update', label: byEpoch, args: [{ x: epochs }, { 'xaxis.title.text': byEpoch }] },
        ],
      },
    ],
  };
  return new PlotlyFigure(data, layout, await curves(runs, title));
}

/** Test accuracy of every run against eta lambda x epochs, one colour an eta. */
export function curves(runs: readonly Run[], title: string): Promise<Chart> {
  const drawn = drawable(runs);
  const values = drawn.flatMap((run, at) =>
    measureRows(run)
      .filter((row) => row.epoch > 0 && Number.isFinite(row.testAccuracy))
      .filter((_, i, all) => i % Math.ceil(all.length / POINTS) === 0 || i === all.length - 1)
      .map((row) => ({
        run: at,
        eta: row.eta,
        pace: short(row.epoch * row.eta * row.lambda),
        accuracy: short(row.testAccuracy),
      })),
  );
  const etas = [...new Set(drawn.map((run) => run.header.config.eta))].sort((a, b) => a - b);
  const paces = values.map((value) => value.pace);
  const spec: TopLevelSpec = {
    width: 620,
    height: 300,
    title,
    data: { values },
    mark: { type: 'line', strokeWidth: 1, opacity: 0.8 },
    encoding: {
      x: {
        field: 'pace',
        type: 'quantitative',
        scale: { type: 'log', nice: false, domain: [Math.min(...paces), Math.max(...paces)] },
        axis: { ...logAxis('η λ × epochs', paces), grid: false },
      },
      y: {
        field: 'accuracy',
        type: 'quantitative',
        title: MEASURED[0].title,
        scale: { zero: false },
        axis: { format: '.2f' },
      },
      color: {
        field: 'eta',
        type: 'ordinal',
        title: 'learning rate η',
        scale: { domain: etas, range: sequence(etas.length) },
        legend: { columns: etas.length > 10 ? 2 : 1, symbolStrokeWidth: 3 },
      },
      detail: { field: 'run', type: 'nominal' },
    },
  };
  const best = Math.max(...values.map((value) => value.accuracy));
  return chart(spec, {
    alt: `Test accuracy of ${drawn.length} runs with ${etas.length} learning rates against η λ times epochs; the highest is ${best}.`,
  });
}

function drawable(runs: readonly Run[]): Run[] {
  return runs
    .filter(
      (run) =>
        run.header.config.lambda > 0 && run.measures.filter((measure) => Number.isFinite(measure.testError)).length > 2,
    )
    .sort((a, b) => a.header.config.eta - b.header.config.eta || a.header.config.lambda - b.header.config.lambda);
}

/**
 * Numbers as Plotly's own binary form (plotly.js 2.35 and newer): a notebook is written with every number of a list on a line of its own, which
 * would make it several times as large. float32 is what was measured.
 */
function packed(values: readonly number[]): { dtype: 'f4'; bdata: string } {
  return { dtype: 'f4', bdata: Buffer.from(Float32Array.from(values).buffer).toString('base64') };
}
