// node environment/run.mjs test/notebooks/format.ts [--write]: code cells as prettier writes them, at most LINES lines of COLUMNS columns each.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { workbooksIn } from '../../lib/report/build.ts';
import { textOf, type Notebook } from '../../lib/report/notebook.ts';
import { FOLDER } from './places.ts';

/** A cell does one thing: what needs more belongs to lib. */
export const LINES = 12;
export const COLUMNS = 100;

/** Workbooks that are still to be rewritten: neither formatted nor measured yet. */
const LONG: readonly string[] = ['figure-5', 'theory', 'your-own-model', 'your-own-sweep'];

/** A cell that writes a file is that file: of any length, formatted below its first line. */
const FILE = /^%%writefile .*\n/;

/** A code cell as prettier writes it, by the repository's own settings; one with lines for the shell stays as it is. Throws prettier's SyntaxError where it is no TypeScript. */
export async function formatted(source: string): Promise<string> {
  const first = FILE.exec(source)?.[0];
  if (first !== undefined) return first + (await formatted(source.slice(first.length)));
  if (/^[%!]/m.test(source)) return source;
  const config = await resolveConfig(join(FOLDER, 'cell.ts'));
  const text = await format(source, { ...config, parser: 'typescript', printWidth: COLUMNS });
  return text.trimEnd();
}

/** What is to be said of a code cell: too long, too wide. Import lines count for width alone. */
export function lengthFaults(source: string): string[] {
  const lines = source.split('\n');
  const body = source.replaceAll(/^import [^;]*;$/gm, '').trim();
  const count = body === '' || FILE.test(source) ? 0 : body.split('\n').length;
  const widest = Math.max(...lines.map((line) => line.length));
  return [
    ...(count > LINES ? [`${count} lines, at most ${LINES}: move what it does to lib`] : []),
    ...(widest > COLUMNS ? [`a line of ${widest} columns, at most ${COLUMNS}`] : []),
  ];
}

/** Formats a workbook's code cells in place, leaving outputs; returns faults by cell. */
export async function formatNotebook(notebook: Notebook): Promise<{ changed: number[]; faults: string[] }> {
  const changed: number[] = [];
  const faults: string[] = [];
  for (const [i, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== 'code') continue;
    const source = textOf(cell.source);
    const better = await formatted(source);
    if (better !== source) changed.push(i);
    cell.source = better.split(/(?<=\n)/);
    faults.push(...lengthFaults(better).map((fault) => `cell ${i}: ${fault}`));
  }
  return { changed, faults };
}

async function main(write: boolean): Promise<void> {
  for (const name of workbooksIn(FOLDER).filter((each) => !LONG.includes(each))) {
    const file = join(FOLDER, `${name}.ipynb`);
    const notebook = JSON.parse(readFileSync(file, 'utf8')) as Notebook;
    const { changed, faults } = await formatNotebook(notebook);
    const said = faults.map((fault) => `${basename(file)}, ${fault}`);
    if (changed.length > 0 && write) writeFileSync(file, `${JSON.stringify(notebook, undefined, 1)}\n`);
    else if (changed.length > 0)
      said.push(`${basename(file)}, cells ${changed.join(', ')}: npm run format formats them`);
    if (said.length > 0) process.exitCode = 1;
    for (const line of said) console.log(line);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--write'));
