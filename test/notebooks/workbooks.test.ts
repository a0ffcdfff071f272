import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execute } from '../../lib/report/execute.ts';
import { pictureOf, readNotebook, textOf, titleOf, verdictOf } from '../../lib/report/notebook.ts';
import { readBetween } from '../readme.ts';
import { temporaryFolder } from '../runs/support.ts';
import { codeCells, comparable } from './outputs.ts';
import { picturesOfReadme } from './pictures.ts';
import { FOLDER, README } from './places.ts';
import { citationAbstract, readAbstract, verdictsOfWorkbooks } from './verdicts.ts';

const scratch = temporaryFolder();

test('the pictures in the README are those of the committed workbooks', () => {
  const pictures = picturesOfReadme();
  assert.ok(pictures.some(({ name }) => name === 'figure-2'));
  for (const { name, file } of pictures)
    assert.equal(readFileSync(file, 'utf8'), pictureOf(readNotebook(join(FOLDER, `${name}.ipynb`)))?.data.toString());
});

test('the verdicts in the README and in CITATION.cff are those of the committed workbooks', () => {
  assert.equal(readBetween(README, 'verdicts'), verdictsOfWorkbooks());
  assert.equal(readAbstract(), citationAbstract());
});

// Two at a time: a workbook waits for its kernel to start as long as it computes.
describe('workbooks', { concurrency: 2 }, () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb'))) {
    const isFigure = name.startsWith('figure-') || name === 'theory.ipynb';
    test(`${name} is whole: a title${isFigure ? ', a verdict' : ''}, every cell executed in order, no error, below 1 MB`, () => {
      const workbook = readNotebook(join(FOLDER, name));
      assert.ok(titleOf(workbook), 'no # heading');
      assert.equal(verdictOf(workbook) !== undefined, isFigure, 'a verdict is what figures have');
      assert.deepEqual(
        codeCells(workbook).map((cell) => cell.execution_count),
        codeCells(workbook).map((_, i) => i + 1),
      );
      for (const cell of codeCells(workbook))
        for (const output of cell.outputs ?? []) assert.notEqual(output.output_type, 'error', textOf(cell.source));
      assert.ok(statSync(join(FOLDER, name)).size < 1_000_000);
    });

    test(`${name} executed anew has the outputs that are committed (npm run notebooks writes them)`, async () => {
      const result = join(scratch, name);
      const { error } = await execute(join(FOLDER, name), result);
      assert.equal(error, undefined);
      const committed = codeCells(readNotebook(join(FOLDER, name)));
      const made = codeCells(readNotebook(result));
      assert.equal(made.length, committed.length);
      committed.forEach((cell, i) => {
        assert.equal(textOf(made[i]!.source), textOf(cell.source));
        assert.deepEqual(
          (made[i]!.outputs ?? []).map(comparable),
          (cell.outputs ?? []).map(comparable),
          `outputs of the cell\n${textOf(cell.source)}`,
        );
      });
    });
  }
});
