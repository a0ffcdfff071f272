import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { decode } from 'fast-png';
import { fitFactor, loadSweep, summarizeRun } from '../../lib/analysis/index.ts';
import type { Sweep } from '../../lib/analysis/index.ts';
import {
  chart,
  collapse,
  etaLambdaPanels,
  exploreCurves,
  lines,
  PLOTLY_MIME,
  renderPng,
  sequence,
  VEGA_LITE_MIME,
} from '../../lib/figures/index.ts';
import type { MimeBundle } from '../../lib/figures/index.ts';
import { paperLaw, plantedSweep } from '../analysis/planted.ts';
import { writeSyntheticSweep } from '../analysis/support.ts';
import { temporaryFolder } from '../runs/support.ts';

const folder = temporaryFolder();
let sweep: Sweep;
before(() => {
  writeSyntheticSweep(folder);
  sweep = loadSweep('fc-eta-lambda', 'desk', [folder]);
});

function c() {
  const included = sweep.summaries.filter((summary) => summary.included);
  return fitFactor(
    included.map((summary) => summary.tStarEpochs),
    included.map((summary) => 1 / (summary.eta * summary.lambda)),
  ).factor;
}

function display(value: object): MimeBundle {
  return (value as Record<symbol, () => MimeBundle>)[Symbol.for('Jupyter.display')]!();
}

/** Compares with test/figures/snapshots/<name>.json; `--test-update-snapshots` writes it anew. */
function sameSpec(t: TestContext, name: string, spec: object): void {
  const path = join(import.meta.dirname, 'snapshots', `${name}.json`);
  t.assert.fileSnapshot(spec, path, { serializers: [(value) => `${JSON.stringify(value, undefined, 1)}\n`] });
}

test('the panels of figure 2 have the specification that was looked at', async (t) => {
  sameSpec(t, 'figure-2-panels', (await etaLambdaPanels(sweep.summaries, { c: c() })).spec);
});

test('where no run reaches training accuracy 1 there is no panel (c), and the title says so', async () => {
  const unfitted = sweep.summaries.map((summary) => ({ ...summary, fitStep: NaN, fitTestAccuracy: NaN }));
  assert.match(
    JSON.stringify((await etaLambdaPanels(unfitted)).spec),
    /no run reaches training accuracy 1, hence no \(c\)/,
  );
  assert.doesNotMatch(JSON.stringify((await etaLambdaPanels(sweep.summaries)).spec), /empty/);
});

test('the collapse has the specification that was looked at', async (t) => {
  sameSpec(t, 'figure-2-collapse', (await collapse(sweep.summaries, c())).spec);
});

test('a chart shows itself live, as SVG, as PNG and in words, and as nothing that would hide these', async () => {
  const figure = await etaLambdaPanels(sweep.summaries, { c: c() });
  const bundle = display(figure);
  assert.deepEqual(Object.keys(bundle), [VEGA_LITE_MIME, 'image/svg+xml', 'image/png', 'text/plain']);
  assert.match(String(bundle['image/svg+xml']), /^<svg role="img" aria-label="Three panels over 117 runs/);
  assert.equal(String(bundle['image/svg+xml']).match(/ (?:role|aria-[a-z]+)=/g)!.length, 2, 'one role, one label');
  assert.match(String(bundle['text/plain']), /maximum test accuracy lies between 0\.7673 and 0\.83/);
  const png = decode(Buffer.from(String(bundle['image/png']), 'base64'));
  assert.equal(png.width, 840);
});

test('the picture carries every learning rate in its legend and every finished run as a point', async () => {
  const { svg } = await etaLambdaPanels(sweep.summaries, { c: c() });
  for (const eta of new Set(sweep.summaries.map((summary) => summary.eta)))
    assert.ok(svg.includes(`>${eta}</text>`), `${eta} is not in the legend`);
  const panels = svg
    .split('mark-symbol')
    .slice(1)
    .map((part) => part.split('</g>')[0]!.split(/<path|<circle/).length - 1);
  const finished = sweep.summaries.filter((summary) => summary.outcome === 'finished');
  const included = finished.filter((summary) => summary.included);
  const fitted = finished.filter((summary) => Number.isFinite(summary.fitTestAccuracy));
  // t* = 0 has no place on a logarithmic axis.
  const timed = finished.filter((summary) => summary.tStar > 0);
  const drawn = panels.filter((points) => points > 1);
  assert.deepEqual(drawn.slice(0, 6), [
    finished.length - included.length,
    included.length,
    timed.length - included.length,
    included.length,
    fitted.length,
    fitted.length,
  ]);
});

test('a PNG has text on a machine without any font', () => {
  const draw = (text: string) =>
    decode(
      renderPng(
        `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><rect width="80" height="30" fill="#fff"/><text x="5" y="20" font-family="Inter, sans-serif">${text}</text></svg>`,
      ),
    );
  const ink = (text: string) => draw(text).data.filter((value) => value < 128).length;
  for (const text of ['η λ t*', '10⁻³', '≤ ±']) assert.ok(ink(text) > 60, `${text} left ${ink(text)} dark values`);
  assert.equal(ink(''), 0);
});

test('a specification that vega would only warn about is an error', async () => {
  const values = [{ a: 1, b: 0 }];
  await assert.rejects(
    chart(
      {
        data: { values },
        mark: 'bar',
        encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'log', domain: [0, 1] } } },
      } as never,
      { alt: 'x' },
    ),
    /vega-lite does not accept the chart/,
  );
});

test('a logarithmic axis of less than two powers of ten has labels up to its last, and reaches what it is told to', async () => {
  const draw = (reach: readonly number[]) =>
    lines(
      [
        {
          title: 'planted',
          x: { title: 'x', log: true, reach },
          y: { title: 'y', log: true },
          series: [{ name: 'a', points: [20, 63, 250].map((y, i) => ({ x: 2 + i, y })) }],
        },
      ],
      { alt: 'planted' },
    );
  const { svg } = await draw([]);
  for (const label of [20, 50, 100, 200]) assert.ok(svg.includes(`>${label}</text>`), `no label ${label}`);
  assert.ok(!svg.includes('>30</text>'));
  assert.ok(!svg.includes('>9</text>'));
  assert.ok((await draw([9])).svg.includes('>10</text>'));
});

test('the axes of the three panels have labels where values span less than two powers of ten', async () => {
  const narrow = plantedSweep('fc-mse-eta-lambda', paperLaw({ c: 0.7 })).map(summarizeRun);
  const near = narrow.filter(({ tStarEpochs }) => tStarEpochs > 1500 && tStarEpochs < 9000);
  assert.ok(near.length > 2, `${near.length} runs`);
  const { svg } = await etaLambdaPanels(near);
  for (const label of [2000, 5000]) assert.ok(svg.includes(`>${label}</text>`), `no label ${label}`);
});

test('without a finished run there is a message instead of an empty chart', () => {
  assert.throws(() => etaLambdaPanels([]), /no finished run to draw/);
});

test('runs without L2 stand at a place of their own, labelled 0', async () => {
  const some = sweep.summaries.filter((summary) => summary.eta === 0.5);
  const without = { ...some[0]!, lambda: 0, included: false };
  const { svg, spec } = await etaLambdaPanels([...some, without], { c: c() });
  assert.match(JSON.stringify(spec), /"lambda":0,"at":0.0001/);
  assert.match(svg, />0<\/text>/);
  // A diverged run is not drawn: it takes no place either.
  const diverged = { ...some[0]!, lambda: 1e-5, included: false, outcome: 'diverged' as const };
  const same = await etaLambdaPanels([...some, without, diverged], { c: c() });
  assert.equal(JSON.stringify(same.spec), JSON.stringify(spec));
  assert.match((await etaLambdaPanels([without])).svg, />0<\/text>/);
});

test('the explorer holds every curve once a measured quantity, and a picture for other front ends', async () => {
  const bundle = display(await exploreCurves(sweep.runs, 'curves'));
  assert.deepEqual(Object.keys(bundle), [PLOTLY_MIME, 'image/svg+xml', 'text/plain']);
  interface Packed {
    dtype: string;
    bdata: string;
  }
  const { data, layout } = bundle[PLOTLY_MIME] as {
    data: { x: Packed; y: Packed; showlegend: boolean }[];
    layout: { updatemenus: { buttons: { args: [Record<string, Packed[]>] }[] }[] };
  };
  const values = ({ bdata }: Packed) => [...new Float32Array(Uint8Array.from(Buffer.from(bdata, 'base64')).buffer)];
  const drawable = sweep.runs
    .filter((run) => run.measures.filter((measure) => Number.isFinite(measure.testError)).length > 2)
    .sort((a, b) => a.header.config.eta - b.header.config.eta || a.header.config.lambda - b.header.config.lambda);
  assert.equal(data.length, drawable.length);
  drawable.forEach((run, i) => {
    const { eta, lambda } = run.header.config;
    const later = run.measures.filter((measure) => measure.step > 0);
    assert.deepEqual(
      values(data[i]!.x),
      later.map((measure) => Math.fround(measure.epoch * eta * lambda)),
    );
    assert.deepEqual(
      values(data[i]!.y),
      later.map((measure) => Math.fround(1 - measure.testError)),
    );
  });
  assert.equal(
    data.filter((trace) => trace.showlegend).length,
    new Set(drawable.map((run) => run.header.config.eta)).size,
  );
  for (const { buttons } of layout.updatemenus)
    for (const { args } of buttons)
      for (const curves of Object.values(args[0])) assert.equal(curves.length, data.length);
  assert.ok(JSON.stringify(bundle).length < 400_000);
});

test("the explorer names a curve's seed where there are several", async () => {
  const one = sweep.runs.filter((run) => run.header.config.eta === sweep.runs[0]!.header.config.eta);
  const again = one.map((run) => ({ ...run, header: { ...run.header, config: { ...run.header.config, seed: 7 } } }));
  const labels = (figure: { data: object[] }) =>
    figure.data.map((trace) => (trace as { hovertemplate: string }).hovertemplate);
  assert.ok(labels(await exploreCurves(one, 'curves')).every((label) => !label.includes('seed')));
  const both = labels(await exploreCurves([...one, ...again], 'curves'));
  assert.equal(both.length, new Set(both).size);
  assert.ok(both.some((label) => /, seed 7</.test(label)));
});

test('a chart saves as SVG, PNG and JSON, and refuses other endings', async () => {
  const figure = await collapse(sweep.summaries, c());
  const place = temporaryFolder();
  for (const ending of ['svg', 'png', 'json']) await figure.save(join(place, `a.${ending}`));
  assert.deepEqual(JSON.parse(fs.readFileSync(join(place, 'a.json'), 'utf8')), JSON.parse(JSON.stringify(figure.spec)));
  assert.equal(decode(fs.readFileSync(join(place, 'a.png'))).depth, 8);
  await assert.rejects(figure.save(join(place, 'a.pdf')), /name it .svg, .png or .json/);
});

test('colours grow lighter with eta and none is too pale for white paper', () => {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const values = sequence(17).map(luminance);
  assert.deepEqual(
    [...values].sort((a, b) => a - b),
    values,
  );
  assert.ok(values.at(-1)! < 0.6, `the lightest has luminance ${values.at(-1)}`);
});
