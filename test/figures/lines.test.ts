import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contest } from '../../lib/analysis/index.ts';
import { autoL2Panel, lines } from '../../lib/figures/index.ts';
import type { LinePanel } from '../../lib/figures/index.ts';
import { plantedSweep } from '../analysis/planted.ts';

const panel = (title: string, series: LinePanel['series']): LinePanel => ({
  title,
  x: { title: 'x' },
  y: { title: 'y' },
  series,
});
const line = (name: string, ys: readonly number[]) => ({ name, points: ys.map((y, x) => ({ x, y })) });
const textOf = async (panels: readonly LinePanel[], sameY = false) =>
  JSON.stringify((await lines(panels, { colours: 'contrast', sameY, alt: 'test' })).spec);
/** Every different domain of numbers in a specification. */
const domains = (text: string) => new Set(text.match(/"domain":\[-?[\d.]+,-?[\d.]+\]/g));

test('the legend names what is drawn, and colours do not move with what is not', async () => {
  const [one, two] = [panel('one', [line('a', [1, 2])]), panel('two', [line('b', [1, 2])])];
  const whole = await textOf([one, two]);
  const [, second] = /"range":\["(#\w+)","(#\w+)"\]/.exec(whole)!.slice(1);
  const half = await textOf([panel('one', [line('a', [])]), two]);
  assert.ok(half.includes('"domain":["b"]'), half);
  assert.ok(half.includes(`"range":["${second}"]`), half);
});

test('panels end at their own values, with sameY at the same', async () => {
  const panels = [panel('one', [line('a', [0, 2])]), panel('two', [line('a', [0, 5])])];
  // That of x, which both share, and those of y.
  assert.equal(domains(await textOf(panels)).size, 3);
  assert.equal(domains(await textOf(panels, true)).size, 2);
});

test('AutoL2 over several seeds is the mean in a band from the lowest to the highest, over one a line alone', async () => {
  const runs = plantedSweep('wrn-autol2', ({ seed }) => ({ peak: 500, max: 0.5 + 0.02 * seed, fit: 30 }));
  const some = runs.filter(({ header: { config } }) => config.schedule.kind === 'constant' && config.seed < 3);
  const draw = (of: typeof some) => {
    const all = contest(of);
    return autoL2Panel(all, [all.auto!], 'panel');
  };
  const three = draw(some);
  const last = three.series[0]!.points.at(-1)!;
  assert.ok(Math.abs(last.high! - last.low! - 0.04) < 1e-6, JSON.stringify(last));
  assert.ok(Math.abs(last.y - (last.high! + last.low!) / 2) < 1e-6, JSON.stringify(last));
  assert.match(await textOf([three]), /"type":"area"/);
  const one = draw(some.filter(({ header }) => header.config.seed === 0));
  assert.doesNotMatch(await textOf([one]), /"type":"area"/);
});

test('a series has a shape or dashes of its own beside its colour, and the legend shows them', async () => {
  const dashed = { ...line('b', [2, 1]), mark: 'dashed' } as const;
  const { svg, spec } = await lines([panel('one', [line('a', [1, 2]), line('c', [2, 3]), dashed])], { alt: 'test' });
  const text = JSON.stringify(spec);
  assert.ok(text.includes('"range":["circle","square","stroke"]'), text);
  assert.match(svg.split('role-legend-symbol').slice(1).join(''), /stroke-dasharray="4,3"/);
});

test('titles of panels in a row stand at one height, also where only one has a second line', async () => {
  const { svg } = await lines(
    [{ ...panel('with', [line('a', [1, 2])]), subtitle: 'second line' }, panel('without', [line('a', [1, 2])])],
    { alt: 'test' },
  );
  const heights = ['with', 'without'].map((title) => svg.split(`>${title}<`)[0]!.lastIndexOf('translate('));
  const of = (at: number) => /translate\([-\d.]+,([-\d.]+)\)/.exec(svg.slice(at))?.[1];
  assert.equal(of(heights[0]!), of(heights[1]!));
});

test('seeds stand as dots beside the mean, series that share a place side by side, and the hover tells the place itself', async () => {
  const mean = (name: string) => ({
    name,
    points: [
      { x: 1, y: 2, low: 1.5, high: 2.5, seeds: [1, 2, 3] },
      { x: 10, y: 2 },
    ],
  });
  const beside = { ...panel('one', [mean('a'), mean('b')]), x: { title: 'x', log: true }, beside: true };
  const text = await textOf([beside]);
  assert.ok(text.includes('"y":1') && text.includes('"y":3'), 'dots');
  const places = new Set([...text.matchAll(/"x":1,"at":([\d.]+)/g)].map(([, at]) => at));
  assert.equal(places.size, 2);
  assert.match(text, /"tooltip":\[\{"field":"name".*?\{"field":"x"/);
});

test('series named by a number run from dark to light in the order of their numbers', async () => {
  const text = await textOf([panel('one', [line('λ = 0.1', [1, 2]), line('λ = 0', [1, 2]), line('λ = 0.01', [1, 2])])]);
  assert.ok(text.includes('"domain":["λ = 0","λ = 0.01","λ = 0.1"]'));
});
