import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

// Read when lib/runs is loaded: an empty checkout.
const empty = mkdtempSync(join(tmpdir(), 'l2-dynamics-empty-'));
after(() => rmSync(empty, { recursive: true, force: true }));
process.env['L2_DYNAMICS_DATA'] = empty;
const figures = await import('../../lib/figures/index.ts');
const { openFigure, Markdown } = figures;

const PICTURES = [
  () => figures.pictureS1(openFigure('S1')),
  () => figures.pictureS2(openFigure('S2')),
  () => figures.pictureOfPrediction(openFigure('S3')),
  () => figures.pictureOfPrediction(openFigure('S4')),
  () => figures.pictureS5(openFigure('S5')),
  () => figures.lawPictureS5(openFigure('S5')),
  () => figures.pictureS6(openFigure('S6')),
  () => figures.pictureS7(openFigure('S7')),
  () => figures.pictureS8(openFigure('S8')),
  () => figures.pictureS9(openFigure('S9')),
  () => figures.pictureS10(openFigure('S10')),
  () => figures.pictureS11(openFigure('S11')),
  () => figures.pictureS12(openFigure('S12')),
];

test('without logs every picture of the supplement says which command makes them', async () => {
  for (const picture of PICTURES) {
    const shown = await picture();
    assert.ok(shown.length > 0, picture.toString());
    for (const each of shown) {
      assert.ok(each instanceof Markdown, picture.toString());
      assert.match(each.text, /npm run train -- [\w-]+ --preset desk/);
      assert.doesNotMatch(each.text, /NaN|undefined/);
    }
  }
});

test('without logs every table of the supplement is there and holds no NaN', () => {
  const tables = [
    figures.tableS1(openFigure('S1')),
    ...figures.tablesS2(openFigure('S2')),
    ...figures.tablesOfPrediction(openFigure('S3')),
    ...figures.tablesOfPrediction(openFigure('S4')),
    figures.tableS6(openFigure('S6')),
    figures.tableS7(openFigure('S7')),
    ...figures.tablesS8(openFigure('S8')),
    ...figures.tablesS9(openFigure('S9')),
    ...figures.tablesS10(openFigure('S10')),
    ...figures.tablesS11(openFigure('S11')),
    ...figures.tablesS12(openFigure('S12')),
  ];
  for (const { text } of tables) assert.doesNotMatch(text, /NaN|undefined/);
});

test('a figure says every rule that changed for it, with its date and the logs seen before, and both readings of its parts', () => {
  for (const figure of ['1', '2', 'S7', 'S12'] as const) {
    const { text } = figures.ruleChanges(figure);
    assert.match(text, /2026-11-29/);
    assert.match(text, /a6eaa1f/);
  }
  assert.match(figures.ruleChanges('S7').text, /2026-11-25 .*4076dad/);
  const { conclusion } = openFigure('S9');
  const { text } = figures.readingsBeside(conclusion);
  assert.match(text, /before 2026-11-29/);
  assert.match(text, /now: AutoL2 ends higher/);
});
