import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { execute } from '../../lib/report/execute.ts';
import { readNotebook, verdictOf } from '../../lib/report/notebook.ts';
import { COMMITTED_LOGS } from '../../lib/runs/index.ts';
import { writePlanted } from '../analysis/planted.ts';
import type { Law } from '../analysis/planted.ts';
import { temporaryFolder } from '../runs/support.ts';
import { codeCells, comparable } from './outputs.ts';
import { FOLDER } from './places.ts';

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
  const result = join(scratch, `${name}-${basename(folder)}.ipynb`);
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
    // The end of the path only: a verdict's paths are relative to the repository.
    const [from, to] = [changed, whole].map((folder) => `${basename(scratch)}/${basename(folder)}`);
    assert.equal((await shownOn(changed, 'figure-4')).text.replaceAll(from!, to!), before.text);
  });
});

describe('the workbooks of the theory without their logs', { concurrency: 2 }, () => {
  const [harmed, empty] = [join(scratch, 'harmed'), join(scratch, 'empty')];
  /** Damages the first log whose name begins so, and removes the second; returns their names. */
  const harm = (sweep: string, damage: string, remove: string): [string, string] => {
    const place = join(harmed, sweep, 'desk');
    const [damaged, missing] = [damage, remove].map((name) =>
      readdirSync(place).find((file) => file.startsWith(name))!,
    );
    writeFileSync(join(place, damaged!), 'damaged\n');
    rmSync(join(place, missing!));
    return [damaged!, missing!];
  };
  before(() => {
    mkdirSync(empty);
    for (const sweep of ['relu-two-layer', 'kernel-decay', 'kernel-kinks', 'deep-kernel-decay', 'deep-linear'])
      cpSync(join(COMMITTED_LOGS, sweep), join(harmed, sweep), { recursive: true });
  });

  test('figure 5 without its kernel and one run: says which, with the command, and that 5c is undecided', async () => {
    const [damaged, missing] = harm('relu-two-layer', 'observe=kernel', 'observe=function,width=100000,lambda=1-');
    const { text, verdict } = await shownOn(harmed, 'figure-5');
    assert.equal(verdict, 'shown in part');
    assert.ok(text.includes(damaged) && text.includes(missing));
    assert.match(text, /undecided: 5c /);
    assert.match(text, /npm run train -- relu-two-layer --preset desk --only observe=function,width=100000,lambda=1/);
  });

  test('the theory with damaged and missing runs of every sweep: says which, and judges the others', async () => {
    const named = [
      ...harm('kernel-decay', 'power=1,width=16384,seed=0', 'power=2,width=16384,seed=1'),
      ...harm('kernel-kinks', 'width=16384,seed=4', 'width=256,seed=5'),
      ...harm('deep-linear', 'parameterization=ntk,depth=1,path=fresh-', 'parameterization=ntk,depth=2,path=continued'),
    ];
    rmSync(join(harmed, 'deep-kernel-decay'), { recursive: true });
    const { text, verdict } = await shownOn(harmed, 'theory');
    for (const name of named) assert.ok(text.includes(name), `${name} is not named`);
    assert.match(text, /deep-kernel-decay, preset desk: 0 of 57 runs/);
    assert.equal(verdict, 'shown in part');
  });

  test('without any log figure 5 has its equations only, the theory its lemma 1, which is computed', async () => {
    const figure = await shownOn(empty, 'figure-5');
    assert.equal(figure.verdict, 'shown in part');
    assert.match(figure.text, /undecided: 5c .*npm run train -- relu-two-layer --preset desk/);
    const all = await shownOn(empty, 'theory');
    assert.equal(all.verdict, 'shown in part');
    assert.match(all.text, /1 of 6 parts shown/);
    for (const sweep of ['kernel-decay', 'kernel-kinks', 'deep-kernel-decay', 'deep-linear'])
      assert.ok(all.text.includes(`npm run train -- ${sweep} --preset desk`), `no command for ${sweep}`);
  });
});
