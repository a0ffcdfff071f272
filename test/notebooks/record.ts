/** `npm run notebooks [-- figure-2 ...]`: executes workbooks with our kernel and commits their outputs to the files in notebooks/. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workbooksIn } from '../../lib/report/build.ts';
import { execute } from '../../lib/report/execute.ts';
import { pictureOf, readNotebook } from '../../lib/report/notebook.ts';
import { ROOT } from '../../lib/runs/index.ts';
import { codeCells } from './outputs.ts';
import { writeBetween } from '../readme.ts';
import { picturesOfReadme } from './pictures.ts';
import { FOLDER, README } from './places.ts';
import { citationAbstract, verdictsOfWorkbooks, writeAbstract } from './verdicts.ts';

/** A workbook should stay below this. */
const LIMIT = 1_000_000;

/** A notebook as Jupyter's server saves it: the same bytes as after "save", so that running a workbook changes only what came out otherwise. */
function asJupyterSaves(file: string): string {
  const write = 'import nbformat, sys; nbformat.write(nbformat.read(sys.argv[1], as_version=4), sys.argv[1])';
  execFileSync(join(ROOT, '.venv', 'bin', 'python'), ['-c', write, file]);
  return readFileSync(file, 'utf8');
}

async function record(name: string): Promise<boolean> {
  const file = join(FOLDER, `${name}.ipynb`);
  const scratch = mkdtempSync(join(tmpdir(), 'l2-dynamics-notebook-'));
  try {
    const result = join(scratch, 'executed.ipynb');
    const { error, seconds } = await execute(file, result);
    if (error !== undefined) {
      console.error(`${name}: ${error}. The workbook is left as it was.`);
      return false;
    }
    const workbook = readNotebook(file);
    const made = codeCells(readNotebook(result));
    codeCells(workbook).forEach((cell, i) => {
      cell.outputs = made[i]!.outputs ?? [];
      cell.execution_count = made[i]!.execution_count ?? null;
    });
    // As the kernel describes its language: JupyterLab writes that into a notebook that it opens, and would call it changed.
    workbook.metadata['language_info'] = readNotebook(result).metadata['language_info'];
    writeFileSync(result, JSON.stringify(workbook));
    const text = asJupyterSaves(result);
    writeFileSync(file, text);
    const place = picturesOfReadme().find((picture) => picture.name === name);
    const picture = pictureOf(workbook);
    if (place && picture) writeFileSync(place.file, picture.data);
    const size = Buffer.byteLength(text);
    console.log(
      `${name}: ${seconds.toFixed(1)} s, ${(size / 1000).toFixed(0)} kB${size > LIMIT ? ': above 1 MB, too large' : ''}`,
    );
    return size <= LIMIT;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const all = workbooksIn(FOLDER);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no workbook ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exitCode = 1;
} else {
  const queue = wanted.length > 0 ? [...wanted] : all;
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift())
      if (!(await record(name))) process.exitCode = 1;
  };
  await Promise.all([worker(), worker()]);
  writeBetween(README, 'verdicts', verdictsOfWorkbooks());
  writeAbstract(citationAbstract());
}
