/** Figure S8: performance over eta and lambda, where lines of equal eta lambda are to be seen, and over lambda and length. */

import type { TopLevelSpec } from 'vega-lite';
import type { GridPoint } from '../analysis/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { sequence, short } from './theme.ts';

/** Whether a step of eta up and one of lambda down leave eta lambda as it is, wherever the grid has both. */
function diagonals(grid: readonly GridPoint[]): boolean {
  const ratios = (['eta', 'lambda'] as const).map((key) => {
    const values = [...new Set(grid.map((point) => point[key]))].sort((a, b) => a - b);
    return new Set(values.slice(1).map((value, i) => (value / values[i]!).toPrecision(6)));
  });
  return ratios.every(({ size }) => size === 1) && [...ratios[0]!][0] === [...ratios[1]!][0];
}

/** Two tables of coloured cells: (a) eta x lambda at one length, (b) lambda x length at one eta. */
export function rowsChart(grid: readonly GridPoint[], stretched: readonly GridPoint[]): Promise<Chart> {
  if (grid.length + stretched.length === 0) throw new NothingToDraw('no finished run to draw');
  const rounded = ({ eta, lambda, steps, accuracy }: GridPoint) => ({
    eta,
    lambda,
    steps,
    accuracy: short(accuracy.value),
  });
  const all = [...grid, ...stretched].map(({ accuracy }) => accuracy.value);
  const middle = (Math.min(...all) + Math.max(...all)) / 2;
  const color = {
    field: 'accuracy',
    type: 'quantitative',
    title: 'maximum test accuracy',
    scale: { range: sequence(9), domain: [Math.min(...all), Math.max(...all)] },
    legend: { orient: 'bottom', gradientLength: 240, format: '.3f' },
  };
  const panel = (points: readonly GridPoint[], x: object, y: object, title: string, subtitle: string) => ({
    title: { text: title, subtitle },
    width: { step: 58 },
    height: { step: 34 },
    data: { values: points.map(rounded) },
    encoding: {
      x: { type: 'ordinal', axis: { labelAngle: 0 }, ...x },
      y: { type: 'ordinal', sort: 'descending', ...y },
    },
    layer: [
      { mark: { type: 'rect', stroke: '#ffffff' }, encoding: { color } },
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'accuracy', type: 'quantitative', format: '.3f' },
          color: { condition: { test: `datum.accuracy < ${middle}`, value: '#ffffff' }, value: '#24292f' },
        },
      },
    ],
  });
  const lambda = { field: 'lambda', title: 'L2 coefficient λ' };
  const panels = [
    grid.length > 0 &&
      panel(
        grid,
        lambda,
        { field: 'eta', title: 'learning rate η' },
        '(a)  Over η and λ',
        `${grid[0]?.steps} steps${diagonals(grid) ? '; equal η λ on falling diagonals' : ''}`,
      ),
    stretched.length > 0 &&
      panel(
        stretched,
        lambda,
        { field: 'steps', title: 'length, steps' },
        '(b)  Over λ and length',
        `η = ${stretched[0]?.eta}`,
      ),
  ].filter((each) => each !== false);
  const best = [...grid, ...stretched].reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
  const alt = `Maximum test accuracy of ${grid.length} settings of η and λ at one length, and of ${stretched.length} of λ and length at one η; the best is ${best.accuracy.value.toFixed(3)} at η = ${best.eta}, λ = ${best.lambda}, ${best.steps} steps.`;
  return chart({ hconcat: panels, spacing: 30 } as unknown as TopLevelSpec, { alt });
}
