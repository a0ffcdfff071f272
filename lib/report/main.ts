// npm run figures [-- figure-2 ...]: runs the workbooks from the raw logs and writes report/index.html.
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { NOTEBOOKS, REPORT } from '../runs/index.ts';
import { writeWhole } from './assets.ts';
import { build } from './build.ts';
import { readReport } from './made.ts';
import { PDF_NAME, pdfOf } from './pdf.ts';
import type { Summary } from './page.ts';

const HELP = `npm run figures [-- <workbook> ... [--all] [--jobs N] [--pdf] [--notebooks FOLDER] [--report FOLDER]]

Runs the workbooks of notebooks/ (all, or those named, e.g. figure-2) and writes report/index.html. A workbook whose logs, code and
versions are as they were when its page was made is not run again; with --all it is. --pdf prints all of it into report/l2-dynamics.pdf.
--notebooks makes the report of a folder of your own, in its folder report unless --report names another.`;

interface Arguments {
  only: string[];
  jobs: number;
  all: boolean;
  pdf: boolean;
  notebooks: string;
  report: string;
}

function parse(args: readonly string[]): Arguments {
  const only: string[] = [];
  let all = false;
  let pdf = false;
  const folders: { notebooks?: string; report?: string } = {};
  let jobs = Math.max(1, Math.min(4, availableParallelism()));
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '--jobs') {
      jobs = Number(args[++i]);
      if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs needs a whole number above 0, not ${args[i]}`);
    } else if (arg === '--notebooks' || arg === '--report') {
      const folder = args[++i];
      if (folder === undefined) throw new Error(`${arg} needs a folder`);
      // npm runs scripts in the package's folder; a relative path means the folder the user is in.
      folders[arg === '--report' ? 'report' : 'notebooks'] = resolve(process.env['INIT_CWD'] ?? '', folder);
    } else if (arg === '--all') all = true;
    else if (arg === '--pdf') pdf = true;
    else if (arg.startsWith('-')) throw new Error(`"${arg}" is not an option\n\n${HELP}`);
    else only.push(arg.replace(/^notebooks\//, '').replace(/\.ipynb$/, ''));
  }
  const { notebooks = NOTEBOOKS } = folders;
  const report = folders.report ?? (notebooks === NOTEBOOKS ? REPORT : join(notebooks, 'report'));
  return { only, jobs, all, pdf, notebooks, report };
}

const told = (summary: Summary): string =>
  summary.error === undefined ? (summary.verdict?.verdict ?? 'made') : `FAILED: ${summary.error}`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(HELP);
    return;
  }
  const { only, jobs, all, pdf, notebooks, report } = parse(args);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  const state = new Map<string, string>();
  const { isTTY, columns } = process.stderr;
  const status = () => {
    const line = [...state].map(([name, cells]) => `${name} ${cells}`).join('   ');
    if (isTTY) process.stderr.write(`\r\u001b[K${line.slice(0, columns - 1)}`);
  };
  const start = performance.now();
  const made = await build({
    notebooks,
    report,
    only,
    jobs,
    all,
    signal: stop.signal,
    onProgress: (name, done, cells) => {
      state.set(name, `cell ${done} of ${cells}`);
      status();
    },
    onDone: (summary, unchanged) => {
      state.delete(summary.name);
      if (isTTY) process.stderr.write('\r\u001b[K');
      const time = unchanged ? 'unchanged' : `${summary.seconds.toFixed(1).padStart(7)} s`;
      console.log(`${summary.name.padEnd(16)} ${time}  ${told(summary)}`);
      status();
    },
  });
  const failed = made.filter((summary) => summary.error !== undefined).length;
  console.log(
    `${made.length} workbook${made.length === 1 ? '' : 's'} in ${((performance.now() - start) / 1000).toFixed(1)} s${failed > 0 ? `, ${failed} FAILED` : ''}`,
  );
  // One of an earlier time would show other figures.
  rmSync(join(report, PDF_NAME), { force: true });
  if (pdf) {
    const file = join(report, PDF_NAME);
    const content = Buffer.from(await pdfOf(readReport(report)));
    writeWhole(file, content);
    console.log(`${file}  ${(content.length / 1e6).toFixed(2)} MB`);
  }
  console.log(`open ${join(report, 'index.html')}`);
  if (failed > 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
