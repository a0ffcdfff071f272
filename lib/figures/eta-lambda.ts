/** The panels over eta and lambda that figures 2 and 3, S2 and S5 share, and what they show beyond the paper's. */

import type { TopLevelSpec } from 'vega-lite';
import type { Estimate, RunSummary } from '../analysis/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { GUIDE, logAxis, sequence, short } from './theme.ts';

// Three panels beside one another fit the column of a notebook beside the file browser; a wider page draws them wider.
const WIDTH = 176;
const HEIGHT = 230;

/** A row of the charts' data: short decimal numbers, for the eye. */
interface Row {
  eta: number;
  lambda: number;
  /** Where the run stands on the logarithmic axis: lambda, or a place of its own for 0. */
  at: number;
  /** The same, with the runs of one lambda side by side in the order of eta. */
  beside: number;
  maximum: number | null;
  fitted: number | null;
  tStar: number | null;
  product: number;
  state: string;
}

const ENTERS = 'enters the fit of t*';
const DRAWN = 'outside the fit of t*';
/** From the first to the last run of one lambda where they stand side by side: less than the grid's smallest step, a factor 2. */
const SPREAD = { etas: 1.7, seeds: 1.3 };

function rows(summaries: readonly RunSummary[]): Row[] {
  const finished = summaries.filter((summary) => summary.outcome === 'finished');
  const zero = zeroPlace(finished);
  const etas = [...new Set(finished.map((summary) => summary.eta))].sort((a, b) => a - b);
  // Where there is one eta, the seeds stand side by side in the order of their maxima: a pair is matched by its line.
  const seeds = (lambda: number) =>
    finished.filter((summary) => summary.lambda === lambda).sort((a, b) => a.maxTestAccuracy - b.maxTestAccuracy);
  const placeOf = (summary: RunSummary): number => {
    const row = etas.length > 1 ? etas : seeds(summary.lambda);
    const index = etas.length > 1 ? etas.indexOf(summary.eta) : seeds(summary.lambda).indexOf(summary);
    return row.length === 1 ? 0 : index / (row.length - 1) - 0.5;
  };
  return finished.map((summary) => {
    const at = summary.lambda === 0 ? zero : summary.lambda;
    const place = placeOf(summary);
    return {
      eta: summary.eta,
      lambda: summary.lambda,
      at,
      beside: shortened(at * (etas.length > 1 ? SPREAD.etas : SPREAD.seeds) ** place)!,
      maximum: shortened(summary.maxTestAccuracy),
      fitted: shortened(summary.fitTestAccuracy),
      tStar: summary.lambda > 0 && summary.tStar > 0 ? shortened(summary.tStarEpochs) : null,
      product: shortened(summary.tStarEpochs * summary.eta * summary.lambda) ?? 0,
      state: summary.included ? ENTERS : DRAWN,
    };
  });
}

/** Where runs without L2 stand: left of the smallest lambda that is drawn. */
function zeroPlace(drawn: readonly { lambda: number }[]): number {
  const positive = drawn.map(({ lambda }) => lambda).filter((lambda) => lambda > 0);
  return positive.length === 0 ? 1 : 10 ** (Math.floor(Math.log10(Math.min(...positive))) - 1);
}

/** Five digits: t* of the longest runs has as many. NaN, which JSON cannot carry, is null. */
function shortened(value: number): number | null {
  return Number.isFinite(value) ? short(value, 5) : null;
}

function colour(etas: readonly number[]) {
  return {
    field: 'eta',
    type: 'ordinal',
    title: 'learning rate η',
    scale: { domain: [...etas], range: sequence(etas.length) },
    // One learning rate is named in the title.
    legend:
      etas.length === 1
        ? null
        : {
            symbolType: 'circle',
            symbolStrokeWidth: 0,
            symbolOpacity: 1,
            orient: 'bottom',
            columns: 9,
            columnPadding: 18,
          },
  } as const;
}

/** A point in words, made where it is drawn. */
const WORDS = {
  calculate: [
    `'η = ' + datum.eta + ', λ = ' + datum.lambda + ': best test accuracy ' + format(datum.maximum, '.3f')`,
    `(isValid(datum.tStar) ? ', after ' + format(datum.tStar, ',.3~r') + ' epochs' : '')`,
    `(isValid(datum.fitted) ? '; ' + format(datum.fitted, '.3f') + ' when training accuracy first was 1' : '; training accuracy 1 was never reached')`,
    `(datum.lambda > 0 ? ' (' + datum.state + ')' : '')`,
  ].join(' + '),
  as: 'words',
};
const tooltip = { field: 'words' };

/** A click on a curve's colour in the legend leaves that learning rate alone in the light. */
const pick = { name: 'pick', select: { type: 'point', fields: ['eta'] }, bind: 'legend' } as const;
const light = { condition: { param: 'pick', value: 1 }, value: 0.08 } as const;
/** A point a run: small ones are outside the fit. */
function points(x: object, y: object, color: object, valid: string, size = 40) {
  const encoding = { x, y, color, opacity: light, tooltip };
  const layer = (state: string, area: number) => ({
    transform: [WORDS, { filter: `isValid(datum.${valid}) && datum.state === '${state}'` }],
    mark: { type: 'point', size: area, filled: true },
    encoding,
  });
  return [layer(DRAWN, size * 0.35), layer(ENTERS, size)];
}

export interface EtaLambdaOptions {
  /** For the panels' letters, e.g. ['a', 'b', 'c']. */
  letters?: readonly [string, string, string];
  /** c of t* = c / (eta lambda), drawn as dashed guides. */
  c?: Estimate;
  /** Learning rates to show; all by default. */
  etas?: readonly number[];
  /** What the runs are, before the letters: `WRN, desk`. */
  what?: string;
}

/**
 * The paper's three panels: (a) maximum test accuracy, (b) epochs to the maximum, (c) test accuracy when training accuracy first is 1
 * (dashed, triangles) against the maximum (line, circles); all against lambda, one colour an eta. Diverged and unfinished runs are left out.
 */
export function etaLambdaPanels(summaries: readonly RunSummary[], options: EtaLambdaOptions = {}): Promise<Chart> {
  const { letters = ['a', 'b', 'c'], c, what } = options;
  const severalSeeds = new Set(summaries.map(({ seed }) => seed)).size > 1;
  const mean = severalSeeds ? { aggregate: 'mean' } : {};
  const data = rows(summaries).filter((row) => options.etas?.includes(row.eta) ?? true);
  if (data.length === 0) throw new NothingToDraw('no finished run to draw: the sweep has not got far enough yet');
  const etas = [...new Set(data.map((row) => row.eta))].sort((a, b) => a - b);
  const zero = data.find((row) => row.lambda === 0)?.at;
  const places = data.map((row) => row.at);
  const color = colour(etas);
  const along = (field: keyof Row, values: readonly number[]) =>
    ({
      field,
      type: 'quantitative',
      scale: { type: 'log', domain: [Math.min(...values) / 1.6, Math.max(...values) * 1.6], nice: false },
      axis: { ...logAxis('L2 coefficient λ', values, zero === undefined ? {} : { zero }), grid: false },
    }) as const;
  const x = along('at', places);
  const maxima = data.map((row) => row.maximum).filter((value) => value !== null);
  const withFit = data.filter((row) => row.fitted !== null);
  const xBeside = along(
    'beside',
    (withFit.length > 0 ? withFit : data).map((row) => row.at),
  );
  const bothAccuracies = withFit.length > 0 ? withFit.flatMap((row) => [row.maximum, row.fitted]) : maxima;
  const timed = data.map((row) => row.tStar).filter((value) => value !== null);
  const times = timed.length > 0 ? timed : [1];
  const onLog = data.filter((row) => row.lambda > 0);

  // Where no run reaches training accuracy 1 an empty panel would look like a fault: the title says it.
  const atFit = {
    width: WIDTH,
    height: HEIGHT,
    title: {
      text: `(${letters[2]})  Gain after the fit`,
      subtitle: '● maximum   ▽ at training accuracy 1',
    },
    layer: [
      {
        transform: [WORDS, { filter: 'isValid(datum.fitted)' }],
        mark: { type: 'rule', strokeWidth: 1 },
        encoding: {
          x: xBeside,
          y: accuracy('fitted', 'test accuracy', bothAccuracies),
          y2: { field: 'maximum' },
          color,
          opacity: { condition: { param: 'pick', value: 0.35 }, value: 0.04 },
        },
      },
      {
        transform: [WORDS, { filter: 'isValid(datum.fitted)' }],
        mark: { type: 'point', size: 30, filled: true },
        encoding: {
          x: xBeside,
          y: accuracy('maximum', 'test accuracy', bothAccuracies),
          color,
          opacity: light,
          tooltip,
        },
      },
      {
        transform: [WORDS, { filter: 'isValid(datum.fitted)' }],
        mark: { type: 'point', size: 30, shape: 'triangle-down', strokeWidth: 1.4 },
        encoding: {
          x: xBeside,
          y: accuracy('fitted', 'test accuracy', bothAccuracies),
          color,
          opacity: light,
          tooltip,
        },
      },
    ],
  };
  const title = [
    what,
    etas.length === 1 ? `η = ${etas[0]}` : undefined,
    withFit.length === 0 ? `no run reaches training accuracy 1, hence no (${letters[2]})` : undefined,
  ]
    .filter(Boolean)
    .join(', ');
  const spec = {
    data: { values: data },
    hconcat: [
      maximumPanel(letters[0], x, color, maxima, (y) => [
        {
          params: [pick],
          transform: [{ filter: 'datum.lambda > 0' }],
          mark: { type: 'line' },
          encoding: { x, y: { ...y, ...mean }, color, opacity: light },
        },
        ...points(x, y, color, 'maximum'),
      ]),
      {
        width: WIDTH,
        height: HEIGHT,
        title: {
          text: `(${letters[1]})  Epochs to the maximum`,
          subtitle: c ? `dashed: t* = ${c.value.toPrecision(3)} / (η λ)` : 'first within 0.005 of the maximum',
        },
        layer: [...(c ? [guides(onLog, c.value, x, color, times)] : []), ...points(x, logTime(times), color, 'tStar')],
      },
      ...(withFit.length > 0 ? [atFit] : []),
    ],
    spacing: 22,
    ...(title !== '' && { title }),
  };
  const alt = words(data, letters, c);
  return chart(spec as unknown as TopLevelSpec, { alt: what === undefined ? alt : `${what}. ${alt}` });
}

/** A linear axis of accuracies, with a little air, so that no tick label stands above the panel and pushes its title up. */
function accuracy(field: keyof Row, title: string | null, values: readonly (number | null)[], air = 0.02) {
  const domain = [Math.min(...values.map(Number)) - air, Math.max(...values.map(Number)) + air];
  return {
    field,
    type: 'quantitative',
    title,
    scale: { domain, nice: false },
    axis: { format: '.2f', tickCount: 6, labelBound: true },
  } as const;
}

/** Accuracies so far below the highest are not on its plateau. */
const NEAR_TOP = 0.06;

/**
 * The maximum test accuracy over lambda. Where it falls so far that the plateau of small lambda, which is the claim, would be a line along
 * the top, that plateau has the upper half of the panel to itself.
 */
function maximumPanel(
  letter: string,
  x: object,
  color: object,
  maxima: readonly number[],
  layerOf: (y: object) => object[],
): object {
  const title = { text: `(${letter})  Maximum test accuracy`, subtitle: 'large points enter the fit of t*' };
  const top = Math.max(...maxima);
  const words = 'maximum test accuracy';
  if (top - Math.min(...maxima) < 4 * NEAR_TOP)
    return { width: WIDTH, height: HEIGHT, title, layer: layerOf(accuracy('maximum', words, maxima)) };
  const upper = Math.round(0.5 * HEIGHT);
  const near = maxima.filter((value) => value > top - NEAR_TOP);
  const within = accuracy('maximum', 'near the highest', [top - NEAR_TOP, ...near], 0.004);
  const [low, high] = within.scale.domain;
  const nearTop = (layer: object): object => {
    const { transform = [], ...rest } = layer as { transform?: object[] };
    return { ...rest, transform: [...transform, { filter: `datum.maximum > ${low}` }] };
  };
  return {
    title,
    spacing: 6,
    vconcat: [
      {
        width: WIDTH,
        height: upper,
        layer: layerOf({
          ...within,
          axis: { ...within.axis, tickCount: 4 },
          scale: { domain: [low, high], nice: false },
        })
          .map((layer) => nearTop(layer))
          .map((layer) => withoutX(layer)),
      },
      {
        width: WIDTH,
        height: HEIGHT - upper - 6,
        layer: layerOf({
          ...accuracy('maximum', 'all', maxima),
          axis: { format: '.1f', tickCount: 4, labelBound: true },
        }).map((layer) => {
          // One selection of the legend serves both halves.
          const { params: _, ...rest } = layer as { params?: object };
          return rest;
        }),
      },
    ],
  };
}

/** A layer without labels of its x axis, which stand below the panel under it. */
function withoutX(layer: object): object {
  const { encoding } = layer as { encoding: { x: { axis: object } } };
  const { x } = encoding;
  return { ...layer, encoding: { ...encoding, x: { ...x, axis: { ...x.axis, labels: false, title: null } } } };
}

function logTime(times: readonly number[]) {
  return {
    field: 'tStar',
    type: 'quantitative',
    scale: { type: 'log', nice: false, domain: [Math.min(...times) / 1.5, Math.max(...times) * 1.5] },
    axis: logAxis('t*, epochs to the maximum', times),
  } as const;
}

/** t* = c/(eta lambda), over the lambda that each eta was run with. */
function guides(data: readonly Row[], c: number, x: object, color: object, times: readonly number[]) {
  const values = data
    .map(({ eta, lambda }) => ({ eta, at: lambda, tStar: shortened(c / (eta * lambda)) }))
    .filter(({ tStar }) => tStar! >= Math.min(...times) / 1.5);
  return {
    data: { values },
    mark: { type: 'line', strokeDash: [3, 3], strokeWidth: 1 },
    encoding: { x, y: logTime(times), color, opacity: { condition: { param: 'pick', value: 0.7 }, value: 0.06 } },
  };
}

function words(data: readonly Row[], letters: readonly string[], c: Estimate | undefined): string {
  const maxima = data.map((row) => row.maximum).filter((value) => value !== null);
  const times = data.map((row) => row.tStar).filter((value) => value !== null);
  const fitted = data.filter((row) => row.fitted !== null);
  const below = fitted.filter((row) => row.fitted! < row.maximum!);
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return [
    `${fitted.length > 0 ? 'Three' : 'Two'} panels over ${data.length} runs with ${count(new Set(data.map((row) => row.eta)).size, 'learning rate')}, against the L2 coefficient λ.`,
    `(${letters[0]}) The maximum test accuracy lies between ${Math.min(...maxima)} and ${Math.max(...maxima)}.`,
    times.length === 0
      ? `(${letters[1]}) No run has its maximum after its start.`
      : `(${letters[1]}) The epochs to the maximum lie between ${Math.min(...times)} and ${Math.max(...times)}${c ? `, beside guides of t* = ${c.value.toPrecision(3)}/(ηλ)` : ''}.`,
    fitted.length === 0
      ? 'No run reaches training accuracy 1.'
      : `(${letters[2]}) ${fitted.length} runs reach training accuracy 1; test accuracy there is below the run's maximum in ${below.length} of them.`,
  ].join(' ');
}

/** Beyond the paper: t* eta lambda against eta lambda. Flat and at one height for every eta if t* = c/(eta lambda). */
export function collapse(summaries: readonly RunSummary[], c: Estimate): Promise<Chart> {
  const data = rows(summaries)
    .filter((row) => row.tStar !== null)
    .map((row) => ({ ...row, pace: shortened(row.eta * row.lambda) }));
  const etas = [...new Set(data.map((row) => row.eta))].sort((a, b) => a - b);
  const color = colour(etas);
  const paces = data.map((row) => row.pace!);
  const domain = [Math.min(...paces) / 1.4, Math.max(...paces) * 1.4];
  const products = data.map((row) => row.product);
  const x = {
    field: 'pace',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { ...logAxis('η λ', paces), grid: false },
  } as const;
  const y = {
    field: 'product',
    type: 'quantitative',
    scale: {
      type: 'log',
      nice: false,
      domain: [Math.min(...products, c.low) / 1.5, Math.max(...products, c.high) * 1.5],
    },
    axis: logAxis('t* η λ', products),
  } as const;
  const spec = {
    width: 3 * WIDTH,
    height: HEIGHT,
    title: {
      text: 't* η λ against η λ',
      subtitle: `line: c = ${c.value.toPrecision(3)} with its 95 % interval; large points enter the fit`,
    },
    layer: [
      {
        data: { values: [{ low: c.low, high: c.high }] },
        mark: { type: 'rect', color: GUIDE, opacity: 0.25 },
        encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: [{ product: c.value }] },
        mark: { type: 'rule', color: GUIDE, strokeDash: [4, 3] },
        encoding: { y },
      },
      {
        data: { values: data },
        layer: points(x, y, color, 'product', 40).map((layer, i) => (i === 0 ? { params: [pick], ...layer } : layer)),
      },
    ],
  };
  const alt = `t* times η λ against η λ for ${data.length} runs, one colour a learning rate; the fitted constant is ${c.value.toPrecision(3)}, with its interval ${c.low.toPrecision(3)} to ${c.high.toPrecision(3)}.`;
  return chart(spec as unknown as TopLevelSpec, { alt });
}
