/** B.1: fixed points of deep linear networks. */

import type { TopLevelSpec } from 'vega-lite';
import { collapse, fixedPointCurve } from '../theory/index.ts';
import type { FixedPointRow } from '../theory/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { GUIDE, PAIR, short } from './theme.ts';

const WIDTH = 280;
const HEIGHT = 240;

/** Ways that end in the same point are drawn as marks of different size, the largest first: all can be seen. */
const WAYS = [
  { name: 'wider, fresh start', colour: '#009e73', size: 260, filled: false },
  { name: 'λ rising', colour: PAIR[0], size: 110, filled: false },
  { name: 'λ falling', colour: PAIR[1], size: 40, filled: false },
  { name: 'fresh start', colour: '#24292f', size: 9, filled: true },
] as const;

/** B.1: where gradient descent ends over lambda^(L+1) / beta^2, a panel per L, on the curve of (S20); its unstable part is dashed. */
export async function fixedPointChart(rows: readonly FixedPointRow[]): Promise<Chart> {
  if (rows.length === 0) throw new NothingToDraw('no fixed point');
  const narrowest = Math.min(...rows.map(({ width }) => width));
  const wayOf = ({ path, width }: FixedPointRow) => {
    if (path !== 'fresh') return path === 'up' ? 'λ rising' : 'λ falling';
    return width > narrowest ? 'wider, fresh start' : 'fresh start';
  };
  const values = rows.map((row) => ({
    depth: row.depth,
    strength: short(row.strength),
    f: short(Math.max(row.f, 0)),
    way: wayOf(row),
    parameterization: row.parameterization === 'ntk' ? 'NTK' : 'standard',
  }));
  const depths = [...new Set(values.map(({ depth }) => depth))].sort((a, b) => a - b);
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
      axis: { tickCount: 4 },
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
        ...WAYS.filter(({ name }) => values.some((value) => value.depth === depth && value.way === name)).map(
          ({ name, size, filled }) => ({
            data: { values: values.filter((value) => value.depth === depth && value.way === name) },
            mark: { type: 'point', size, filled, opacity: 1, strokeWidth: 1.1, tooltip: true },
            encoding: {
              x,
              y,
              color: {
                field: 'way',
                type: 'nominal',
                title: 'reached by',
                scale: { domain: WAYS.map((way) => way.name), range: WAYS.map((way) => way.colour) },
              },
              shape: {
                field: 'parameterization',
                type: 'nominal',
                title: 'parameterization',
                scale: { domain: ['NTK', 'standard'], range: ['circle', 'square'] },
              },
            },
          }),
        ),
      ],
    };
  };
  const spec = { hconcat: depths.map(panel) } as unknown as TopLevelSpec;
  const ends = depths.map((depth) => {
    const alive = rows.filter((row) => row.depth === depth && row.path !== 'down' && row.f > 1e-3);
    const back = rows.filter((row) => row.depth === depth && row.path === 'down').map(({ f }) => f);
    const returns =
      back.length === 0 ? '' : `, and as lambda falls again comes back to at most ${Math.max(0, ...back).toFixed(2)}`;
    return `L = ${depth} falls to 0 from ${Math.min(...alive.map(({ f }) => f)).toFixed(2)}${returns}`;
  });
  const alt = `Fixed points of deep linear networks over lambda to the L + 1 over beta squared, gradient descent on the curve of S20: ${ends.join('; ')}.`;
  return chart(spec, { alt });
}
