/** Figure S8: performance over eta and lambda, where lines of equal eta lambda are to be seen, and over lambda and length. */

import type { TopLevelSpec } from 'vega-lite';
import type { GridPoint } from '../analysis/index.ts';
import { chart, NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { sequence, short } from './theme.ts';

/** The products eta lambda that several cells have, each a step of eta up and one of lambda down from the next: diagonals of the table. */
function diagonals(grid: readonly GridPoint[]): number[] {
  const places = (['eta', 'lambda'] as const).map((key) =>
    [...new Set(grid.map((point) => point[key]))].sort((a, b) => a - b),
  );
  const products = new Map<number, GridPoint[]>();
  for (const point of grid) {
    const product = short(point.eta * point.lambda);
    products.set(product, [...(products.get(product) ?? []), point]);
  }
  const sum = ({ eta, lambda }: GridPoint) => places[0]!.indexOf(eta) + places[1]!.indexOf(lambda);
  return [...products]
    .filter(([, points]) => points.length > 1 && new Set(points.map(sum)).size === 1)
    .map(([product]) => product);
}

/** Relative luminance of a colour #rrggbb (WCAG 2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Two tables of coloured cells: (a) eta x lambda at one length, (b) lambda x length at one eta. */
export function rowsChart(grid: readonly GridPoint[], stretched: readonly GridPoint[]): Promise<Chart> {
  if (grid.length + stretched.length === 0) throw new NothingToDraw('no finished run to draw');
  const rounded = ({ eta, lambda, steps, accuracy }: GridPoint) => ({
    eta,
    lambda,
    steps,
    accuracy: short(accuracy.value),
    pace: short(eta * lambda),
    words: `η = ${eta}, λ = ${lambda}, ${steps} steps: best test accuracy ${accuracy.value.toFixed(3)}`,
  });
  const all = [...grid, ...stretched].map(({ accuracy }) => accuracy.value);
  const colours = sequence(9);
  const shared = diagonals(grid);
  const least = Math.min(...all);
  // White digits on the cells that are darker than white and black tell apart alike, black ones on the others: 4.5:1 at least.
  const lightest = colours.findIndex((colour) => luminance(colour) > 0.179);
  const turn = short(least + ((Math.max(...all) - least) * (lightest - 0.5)) / (colours.length - 1), 6);
  const color = {
    field: 'accuracy',
    type: 'quantitative',
    title: 'maximum test accuracy',
    scale: { range: colours, domain: [Math.min(...all), Math.max(...all)] },
    legend: { orient: 'bottom', gradientLength: 240, format: '.3f' },
  };
  const panel = (
    points: readonly GridPoint[],
    x: { field: string; title: string },
    y: { field: string; title: string },
    [title, subtitle]: readonly [string, string],
    along = false,
  ) => ({
    title: { text: title, subtitle },
    width: { step: 58 },
    height: { step: 34 },
    data: { values: points.map(rounded) },
    encoding: {
      x: { type: 'ordinal', axis: { labelAngle: 0 }, ...x },
      y: { type: 'ordinal', sort: 'descending', ...y },
    },
    layer: [
      { mark: { type: 'rect', stroke: '#ffffff' }, encoding: { color, tooltip: { field: 'words' } } },
      ...(along
        ? [
            {
              mark: { type: 'line', color: '#ffffff', strokeWidth: 1.5, strokeDash: [2, 3], opacity: 0.55 },
              // In the order of lambda: a line joins the cells of one product.
              transform: [{ filter: { field: 'pace', oneOf: shared } }],
              encoding: { detail: { field: 'pace' }, order: { field: 'lambda', type: 'quantitative' } },
            },
          ]
        : []),
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'accuracy', type: 'quantitative', format: '.3f' },
          color: { condition: { test: `datum.accuracy < ${turn}`, value: '#ffffff' }, value: '#000000' },
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
        ['(a)  Over η and λ', `${grid[0]?.steps} steps${shared.length > 0 ? '; dotted: equal η λ' : ''}`],
        shared.length > 0,
      ),
    stretched.length > 0 &&
      panel(stretched, lambda, { field: 'steps', title: 'length, steps' }, [
        '(b)  Over λ and length',
        `η = ${stretched[0]?.eta}`,
      ]),
  ].filter((each) => each !== false);
  const best = [...grid, ...stretched].reduce((top, next) => (next.accuracy.value > top.accuracy.value ? next : top));
  const alt = `Maximum test accuracy of ${grid.length} settings of η and λ at one length, and of ${stretched.length} of λ and length at one η; the best is ${best.accuracy.value.toFixed(3)} at η = ${best.eta}, λ = ${best.lambda}, ${best.steps} steps.`;
  return chart({ hconcat: panels, spacing: 30 } as unknown as TopLevelSpec, { alt });
}
