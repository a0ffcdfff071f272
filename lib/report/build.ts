/** Workbooks in, a folder of pages out. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyAssets, writeWhole } from './assets.ts';
import type { Difference } from './difference.ts';
import { execute } from './execute.ts';
import { inputsOf, sharedInputs } from './inputs.ts';
import { isWide, pictureOf, readNotebook, titleOf, verdictOf } from './notebook.ts';
import { TAKE_ALONG_FOLDER } from './outputs.ts';
import { indexPage } from './front.ts';
import { numbersOf, texOf } from './numbers.ts';
import { type Summary, workbookPage } from './page.ts';
import { provenance } from './provenance.ts';

export interface BuildOptions {
  /** Folder of the workbooks. */
  notebooks: string;
  /** Folder to write. Pages of workbooks that are not made this time stay. */
  report: string;
  /** Names of workbooks without `.ipynb`; all of the folder when absent. */
  only?: readonly string[];
  /** Run workbooks again whose logs, code and versions are as they were when their page was made. */
  all?: boolean;
  /** How many workbooks run at once. */
  jobs?: number;
  onProgress?: (name: string, done: number, cells: number) => void;
  /** `unchanged`: the page of an earlier time stands. */
  onDone?: (summary: Summary, unchanged: boolean) => void;
  signal?: AbortSignal;
}

/** `figure-2` before `figure-10`, S1 after all of them, other workbooks last. */
export function compareNames(a: string, b: string): number {
  const rank = (name: string) => (/^figure-\d/.test(name) ? 0 : name.startsWith('figure-') ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

/** Names of the workbooks in `folder`. */
export function workbooksIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .map((file) => file.slice(0, -'.ipynb'.length))
    .toSorted(compareNames);
}

/** The page, the picture and the summary of an executed workbook. */
function writeWorkbook(
  name: string,
  executed: string,
  report: string,
  run: { error?: string; seconds: number },
): Summary {
  const notebook = readNotebook(executed);
  const summary: Summary = { name, title: titleOf(notebook) ?? name, ...run, provenance: provenance([]) };
  try {
    const verdict = verdictOf(notebook);
    if (verdict !== undefined) summary.verdict = verdict;
    summary.provenance = provenance(verdict?.data ?? []);
  } catch (error) {
    summary.error ??= error instanceof Error ? error.message : String(error);
  }
  const picture = pictureOf(notebook);
  for (const extension of ['svg', 'png']) rmSync(join(report, `${name}.${extension}`), { force: true });
  if (picture !== undefined) {
    summary.picture = `${name}.${picture.extension}`;
    summary.wide = isWide(picture);
    writeWhole(join(report, summary.picture), picture.data);
  }
  let page: ReturnType<typeof workbookPage>;
  try {
    page = workbookPage(notebook, summary);
  } catch (error) {
    // Outputs of a kind that nobody can show must not cost the other workbooks their pages.
    summary.error ??= error instanceof Error ? error.message : String(error);
    page = workbookPage({ ...notebook, cells: [] }, summary);
  }
  removeChartFiles(name, report);
  for (const file of page.files) writeWhole(join(report, TAKE_ALONG_FOLDER, file.name), file.data);
  writeWhole(join(report, `${name}.html`), page.html);
  return summary;
}

const summaryFile = (name: string, report: string): string => join(report, 'workbooks', `${name}.json`);

/** The summary of a page that was made before, to its end; undefined where anything of it is missing. */
function earlier(name: string, report: string): Summary | undefined {
  const [page, file] = [join(report, `${name}.html`), summaryFile(name, report)];
  if (!existsSync(page) || !existsSync(file)) return undefined;
  const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary;
  if (summary.error !== undefined) return undefined;
  return summary.picture === undefined || existsSync(join(report, summary.picture)) ? summary : undefined;
}

/** A workbook made anew may have fewer charts than before. */
function removeChartFiles(name: string, report: string): void {
  const folder = join(report, TAKE_ALONG_FOLDER);
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const rest = file.startsWith(`${name}-chart-`) ? file.slice(`${name}-chart-`.length) : '';
    if (/^\d+\.(csv|svg|png)$/.test(rest)) rmSync(join(folder, file), { force: true });
  }
}

function removeWorkbook(name: string, report: string): void {
  removeChartFiles(name, report);
  for (const file of [
    `${name}.html`,
    `${name}.svg`,
    `${name}.png`,
    `workbooks/${name}.json`,
    `workbooks/${name}.ipynb`,
  ]) {
    rmSync(join(report, file), { force: true });
  }
}

/** The first page and the numbers of all workbooks, with what moved since another report where that is asked for. */
export function writeFront(report: string, summaries: readonly Summary[], difference?: Difference): void {
  const numbers = numbersOf(summaries);
  writeWhole(join(report, 'numbers.json'), `${JSON.stringify(numbers, null, 2)}\n`);
  writeWhole(join(report, 'numbers.tex'), texOf(numbers));
  if (difference === undefined) rmSync(join(report, 'difference.json'), { force: true });
  else writeWhole(join(report, 'difference.json'), `${JSON.stringify(difference, null, 2)}\n`);
  writeWhole(join(report, 'index.html'), indexPage(summaries, difference));
}

/**
 * Executes workbooks and writes the report. One that fails is told in its summary and does not stop the others; one whose inputs are as they
 * were when its page was made is not run again. Resolves to the summaries of those that were asked for. Rejects for a name that is no workbook, and when aborted.
 */
export async function build(options: BuildOptions): Promise<Summary[]> {
  const { notebooks, report, jobs = 2, signal } = options;
  const all = workbooksIn(notebooks);
  if (all.length === 0) throw new Error(`${notebooks} holds no workbook (*.ipynb)`);
  const wanted = options.only?.length ? options.only : all;
  for (const name of wanted) {
    if (!all.includes(name)) throw new Error(`there is no workbook "${name}"; there are ${all.join(', ')}`);
  }
  for (const folder of ['workbooks', TAKE_ALONG_FOLDER]) mkdirSync(join(report, folder), { recursive: true });
  copyAssets(report);

  const shared = sharedInputs();
  const made: Summary[] = [];
  const queue = [...wanted];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      signal?.throwIfAborted();
      const workbook = join(notebooks, `${name}.ipynb`);
      const executed = join(report, 'workbooks', `${name}.ipynb`);
      const current = name;
      const before = options.all ? undefined : earlier(name, report);
      if (before !== undefined && before.inputs === inputsOf(workbook, before.verdict?.data, shared)) {
        made.push(before);
        options.onDone?.(before, true);
        continue;
      }
      const run = await execute(workbook, executed, {
        onProgress: (done, cells) => options.onProgress?.(current, done, cells),
        ...(signal ? { signal } : {}),
      });
      const summary = writeWorkbook(name, executed, report, run);
      // After the run: only now is it known which logs the workbook reads.
      summary.inputs = inputsOf(workbook, summary.verdict?.data, shared);
      writeWhole(summaryFile(name, report), `${JSON.stringify(summary, null, 2)}\n`);
      made.push(summary);
      options.onDone?.(summary, false);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, wanted.length) }, worker));

  const known = workbooksIn(join(report, 'workbooks'));
  for (const name of known.filter((each) => !all.includes(each))) removeWorkbook(name, report);
  const summaryFiles = known
    .map((name) => summaryFile(name, report))
    .filter((file) => all.some((name) => file.endsWith(`${name}.json`)) && existsSync(file));
  const summaries = summaryFiles.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Summary);
  writeFront(report, summaries);
  return made.toSorted((a, b) => compareNames(a.name, b.name));
}
