import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from '../../lib/report/build.ts';
import { NOTEBOOKS, ROOT, verifyRuns } from '../../lib/runs/index.ts';

// Inside the repository: a page names no logs outside.
mkdirSync(join(ROOT, '.cache'), { recursive: true });
const scratch = mkdtempSync(join(ROOT, '.cache', 'own-notebook-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Cell {
  cell_type: string;
  metadata: { tags?: string[] };
  source: string[];
}

test('the notebook of a sweep of one’s own runs from nothing to a page with its verdict, at smoke size', async () => {
  const [notebooks, local] = [join(scratch, 'study'), join(scratch, 'local')];
  for (const folder of [notebooks, local]) mkdirSync(folder);
  const notebook = JSON.parse(readFileSync(join(NOTEBOOKS, 'your-own-sweep.ipynb'), 'utf8')) as { cells: Cell[] };
  assert.ok(notebook.cells.length <= 20, `${notebook.cells.length} cells`);
  const changed = (source: string): string =>
    source
      .replaceAll('../../lib/', `${ROOT}/lib/`)
      .replaceAll('../lib/', `${ROOT}/lib/`)
      .replaceAll('../data/local/', `${local}/`)
      .replaceAll(`preset = 'desk'`, `preset = 'smoke'`);
  for (const cell of notebook.cells) {
    cell.source = [changed(cell.source.join(''))];
    // As the notebook itself says: without the tag its cells are run.
    delete cell.metadata.tags;
  }
  writeFileSync(join(notebooks, 'your-own-sweep.ipynb'), JSON.stringify(notebook));

  process.env['L2_DYNAMICS_DATA'] = local;
  const report = join(notebooks, 'report');
  const [summary] = await build({ notebooks, report });
  assert.equal(summary?.error, undefined);
  assert.match(summary?.verdict?.summary ?? '', /after 2000 steps λ = [\d.e-]+ \(c\/T\) reaches 0\.\d+/);
  assert.equal(summary?.provenance.data.length, 4);
  const page = readFileSync(join(report, 'your-own-sweep.html'), 'utf8');
  assert.match(page, /<strong>The claim:<\/strong>/);
  assert.ok(existsSync(join(report, 'index.html')));

  const { runs, problems } = verifyRuns([local]);
  assert.deepEqual(problems, []);
  assert.equal(runs.length, 4);
  assert.deepEqual(readdirSync(local).sort(), ['words', 'words-predicted', 'words-sweep.ts']);
});
