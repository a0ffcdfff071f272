// npm run handover: the report as one zip and as one HTML file.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWhole } from '../report/assets.ts';
import { build, writeFront } from '../report/build.ts';
import { differenceOf } from '../report/difference.ts';
import { differenceText } from '../report/difference-html.ts';
import { HANDOVER, NOTEBOOKS, REPORT } from '../runs/index.ts';
import { summariesAt } from './against.ts';
import { readReport } from '../report/made.ts';
import { singleFile } from './single.ts';
import { zipOf } from './zip.ts';

const HELP = `npm run handover [-- --out <folder>] [--against <zip or folder>]

Brings the report up to date (npm run figures), then writes into handover/, or <folder>:
  l2-dynamics-report.zip   report, data and pictures of every chart, workbooks with outputs, checksums of the logs; an RO-Crate
  l2-dynamics-report.html  the report as one file for a mail: no network, charts live, data to save

--against <another handover or report>: the first page and the terminal say which verdicts, parts of claims and numbers moved, and by which logs`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { out: { type: 'string' }, against: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  // Before anything is written: it may be the handover that is about to be replaced.
  const before = values.against === undefined ? undefined : summariesAt(values.against);
  const out = resolve(values.out ?? HANDOVER);
  const summaries = await build({
    notebooks: NOTEBOOKS,
    report: REPORT,
    onDone: ({ name, error }, unchanged) => {
      if (error !== undefined) console.error(`${name}: FAILED: ${error}`);
      else if (!unchanged) console.log(`${name}: made`);
    },
  });
  const made = readReport(REPORT);
  const now = made.map(({ summary }) => summary);
  const difference = before === undefined ? undefined : differenceOf(before, now);
  writeFront(REPORT, now, difference);
  if (difference !== undefined) console.log(differenceText(difference));
  mkdirSync(out, { recursive: true });
  const write = (name: string, data: string | Uint8Array) => {
    const content = Buffer.from(data as Uint8Array);
    writeWhole(join(out, name), content);
    console.log(`${join(out, name)}  ${megabytes(content.length)}`);
  };
  write('l2-dynamics-report.zip', zipOf(REPORT, made));
  write('l2-dynamics-report.html', singleFile(made, difference));
  const failed = summaries.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return;
  console.error(`${failed.map(({ name }) => name).join(', ')} failed: their pages in the handover say so`);
  process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
