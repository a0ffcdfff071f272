import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execute } from '../../lib/report/execute.ts';
import { readNotebook, verdictOf } from '../../lib/report/notebook.ts';
import { writePlanted } from '../analysis/planted.ts';
import type { Law } from '../analysis/planted.ts';
import { temporaryFolder } from '../runs/support.ts';
import { codeCells, comparable } from './outputs.ts';

const FOLDER = fileURLToPath(new URL('../../notebooks/', import.meta.url));
const BEST = 1e-3;
const scratch = temporaryFolder();
const [whole, changed] = [join(scratch, 'whole'), join(scratch, 'changed')];

const narrow =
  (height: number): Law =>
  ({ lambda }) => ({
    peak: 1000 * Math.min(1, BEST / Math.max(lambda, BEST)),
    max: height - 0.02 * Math.log10(Math.max(lambda, 1e-6) / BEST) ** 2,
    fit: Infinity,
  });

/** What a workbook shows on the logs of a folder, as text; rejects when a cell fails. */
async function shownOn(folder: string, name: string): Promise<{ text: string; verdict: string | undefined }> {
  const result = join(scratch, `${name}-${folder === whole ? 'whole' : 'changed'}.ipynb`);
  const { error } = await execute(join(FOLDER, `${name}.ipynb`), result, { env: { L2_DYNAMICS_DATA: folder } });
  assert.equal(error, undefined);
  const notebook = readNotebook(result);
  const outputs = codeCells(notebook).map((cell) => (cell.outputs ?? []).map(comparable));
  return { text: JSON.stringify(outputs), verdict: verdictOf(notebook)?.verdict };
}

describe('workbooks on logs that were altered', { concurrency: 2 }, () => {
  let damaged = '';
  let missing = '';
  before(() => {
    writePlanted(whole, 'fc-narrow-lambda', narrow(0.5));
    writePlanted(whole, 'wrn-momentum-lambda', ({ lambda }) => ({ peak: 0.3 / lambda, max: 0.6, fit: 30 }));
    cpSync(whole, changed, { recursive: true });
    const place = join(changed, 'fc-narrow-lambda', 'desk');
    rmSync(place, { recursive: true });
    writePlanted(changed, 'fc-narrow-lambda', narrow(0.4));
    [damaged, missing] = readdirSync(place).sort() as [string, string];
    writeFileSync(join(place, damaged), 'damaged\n');
    rmSync(join(place, missing));
  });

  test('an altered, a damaged and a missing log: the workbook that uses them says which, with the command, and goes on', async () => {
    const before = await shownOn(whole, 'figure-S7');
    assert.equal(before.verdict, 'shown');
    const after = await shownOn(changed, 'figure-S7');
    assert.notEqual(after.text, before.text);
    assert.ok(after.text.includes(damaged), `${damaged} is not named`);
    assert.ok(after.text.includes(missing), `${missing} is not named`);
    const settings = missing.replace(/-[0-9a-f]{8}\.jsonl$/, '');
    assert.ok(after.text.includes(`npm run train -- fc-narrow-lambda --preset desk --only ${settings}`));
  });

  test('a workbook that does not use them shows what it showed before', async () => {
    const before = await shownOn(whole, 'figure-4');
    assert.equal(before.verdict, 'shown');
    assert.equal((await shownOn(changed, 'figure-4')).text.replaceAll(changed, whole), before.text);
  });
});
