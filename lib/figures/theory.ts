/** Charts of the workbook on the theory: theorem 1, lemma 2, kernels at initialization, fixed points of deep linear networks. */

import type { TopLevelSpec } from 'vega-lite';
import { collapse, fixedPointCurve } from '../theory/index.ts';
import type { FixedPointRow, InitialKernelRow, KernelRow } from '../theory/index.ts';
import { chart } from './chart.ts';
import type { Chart } from './chart.ts';
import { GUIDE, logAxis, PAIR, sequence, short } from './theme.ts';

const WIDTH = 240;
const HEIGHT = 220;

/** Enough for the eye: a workbook carries hundreds of points. */
/** Theorem 1: what is left of the kernel over lambda t at each family's largest width, on exp(-2 (k - 1) lambda t). */
export async function decayChart(rows: readonly KernelRow[]): Promise<Chart> {
  const names = [...new Set(rows.map((row) => row.name))];
  const widest = new Map(
    names.map((name) => [name, Math.max(...rows.filter((row) => row.name === name).map((row) => row.width))]),
  );
  const shown = rows.filter(
    (row) => row.width === widest.get(row.name) && row.seed === 0 && row.left > 1e-10 && row.step >= 10,
  );
  const values = shown.map((row) => ({
    name: `${row.name}, n = ${row.width}`,
    k: row.k,
    lambdaT: short(row.lambdaT),
    left: short(row.left),
  }));
  const lines = [2, 3, 4].flatMap((k) =>
    [0, Math.min(Math.max(...shown.filter((row) => row.k === k).map((row) => row.lambdaT)), 23 / (2 * (k - 1)))].map(
      (lambdaT) => ({
        k,
        lambdaT,
        left: Math.exp(-2 * (k - 1) * lambdaT),
      }),
    ),
  );
  const colour = { field: 'k', type: 'ordinal', title: 'degree k', scale: { domain: [2, 3, 4], range: sequence(3) } };
  const axis = logAxis('part of the kernel left', [1e-10, 1], { stride: 2 });
  const spec = {
    width: 400,
    height: 260,
    encoding: {
      x: { field: 'lambdaT', type: 'quantitative', title: 'λ t' },
      y: { field: 'left', type: 'quantitative', scale: { type: 'log' }, axis },
      color: colour,
    },
    layer: [
      { data: { values: lines }, mark: { type: 'line', strokeWidth: 1.2 } },
      {
        data: { values },
        mark: { type: 'point', size: 44, tooltip: true },
        encoding: { shape: { field: 'name', type: 'nominal', title: 'network', legend: { labelLimit: 260 } } },
      },
    ],
  } as TopLevelSpec;
  const alt =
    'Part of the tangent kernel left over lambda t, logarithmic: networks of degree 2, 3 and 4 lie on the straight lines exp(-2 (k - 1) lambda t) over up to ten decades.';
  return chart(spec, { alt });
}

/** A straight line in the logarithms of width and size. */
export interface FittedLaw {
  name: string;
  factor: number;
  exponent: number;
}

/** Distances over width, a panel per network, with the laws fitted to them; used for lemma 2 and for kernels at initialization. */
export async function widthChart(
  rows: readonly { name: string; width: number; value: number }[],
  laws: readonly FittedLaw[],
  { title, alt, columns = 4 }: { title: string; alt: string; columns?: number },
): Promise<Chart> {
  // The panel's name carries its law.
  const titles = new Map(laws.map(({ name, exponent }) => [name, `${name}: exponent ${exponent.toFixed(2)}`]));
  const values = rows.map((row) => ({ name: titles.get(row.name), width: row.width, value: short(row.value) }));
  const lines = laws.flatMap(({ name, factor, exponent }) => {
    const widths = rows.filter((row) => row.name === name).map((row) => row.width);
    return [Math.min(...widths), Math.max(...widths)].map((width) => ({
      name: titles.get(name),
      width,
      law: short(factor * width ** exponent),
    }));
  });
  const x = { field: 'width', type: 'quantitative', scale: { type: 'log' }, axis: logAxis('width n', [100, 10_000]) };
  const axis = logAxis(
    title,
    rows.map((row) => row.value),
  );
  const spec = {
    data: { values: [...values, ...lines] },
    columns,
    facet: { field: 'name', type: 'nominal', title: null, sort: [...titles.values()] },
    spec: {
      width: 150,
      height: 130,
      layer: [
        {
          transform: [{ filter: 'isValid(datum.law)' }],
          mark: { type: 'line', color: GUIDE },
          encoding: { x, y: { field: 'law', type: 'quantitative', scale: { type: 'log' }, axis } },
        },
        {
          transform: [{ filter: 'isValid(datum.value)' }],
          mark: { type: 'point', size: 22, color: PAIR[0], tooltip: true },
          encoding: { x, y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, axis } },
        },
      ],
    },
  } as TopLevelSpec;
  return chart(spec, { alt });
}

/** Rows of lemma 2 for `widthChart`. */
export const correctionRows = (rows: readonly KernelRow[]) =>
  rows.map(({ name, width, correction }) => ({ name, width, value: correction }));

/** Rows of the kernel at initialization for `widthChart`. */
export const distanceRows = (rows: readonly InitialKernelRow[]) =>
  rows.map(({ name, width, distance }) => ({ name, width, value: distance }));

/** B.1: where gradient descent ends over lambda^(L+1) / beta^2, a panel per L, on the curve of (S20); its unstable part is dashed. */
export async function fixedPointChart(rows: readonly FixedPointRow[]): Promise<Chart> {
  const ways = ['fresh start', 'lambda rising', 'lambda falling'];
  const way = { fresh: ways[0], up: ways[1], down: ways[2] };
  const values = rows.map((row) => ({
    depth: row.depth,
    strength: short(row.strength),
    f: short(Math.max(row.f, 0)),
    way: way[row.path],
    parameterization: row.parameterization,
  }));
  const panel = (depth: number) => {
    const top = collapse(depth);
    const branch = (from: number, to: number, stable: boolean) =>
      Array.from({ length: 60 }, (_, i) => {
        const f = from + ((to - from) * i) / 59;
        return { f: short(f), strength: short(fixedPointCurve(depth, f)), stable };
      });
    const curve = [...branch(1, top.f, true), ...(depth > 1 ? branch(top.f, 0, false) : [])];
    const x = {
      field: 'strength',
      type: 'quantitative',
      title: depth === 1 ? 'λ² / β²' : `λ${depth === 2 ? '³' : '⁴'} / β²`,
    };
    const y = { field: 'f', type: 'quantitative', title: 'f at the end' };
    return {
      title: `L = ${depth}`,
      width: WIDTH,
      height: HEIGHT,
      layer: [
        {
          data: { values: curve },
          mark: { type: 'line', color: GUIDE },
          encoding: {
            x,
            y,
            order: { field: 'f', type: 'quantitative' },
            strokeDash: {
              field: 'stable',
              type: 'nominal',
              legend: null,
              scale: {
                domain: [true, false],
                range: [
                  [1, 0],
                  [4, 4],
                ],
              },
            },
          },
        },
        {
          data: { values: values.filter((value) => value.depth === depth) },
          mark: { type: 'point', size: 34, tooltip: true },
          encoding: {
            x,
            y,
            color: {
              field: 'way',
              type: 'nominal',
              title: 'reached by',
              scale: { domain: ways, range: ['#24292f', PAIR[0], PAIR[1]] },
            },
            shape: { field: 'parameterization', type: 'nominal', title: 'parameterization' },
          },
        },
      ],
    };
  };
  const spec = { hconcat: [1, 2, 3].map(panel) } as TopLevelSpec;
  const alt =
    'Fixed points of deep linear networks over lambda to the L + 1 over beta squared for L = 1, 2, 3: gradient descent ends on the curve of S20; for L = 1 it reaches 0 continuously, for L = 2 and 3 it falls from 1/4 and 1/3 to 0 and does not come back as lambda falls.';
  return chart(spec, { alt });
}
