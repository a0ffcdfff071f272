// npm run export -- [folder ...] --format parquet: logs for other tools.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DATA_FOLDERS, readRuns } from '../runs/index.ts';
import { exportRuns, FORMATS } from './write.ts';

const HELP = `npm run export -- [folder ...] --format ${FORMATS.join('|')} [--out FOLDER] [--sweep NAME] [--preset NAME]

  folder      of logs, <folder>/<sweep>/<preset>/*.jsonl (default data/runs and data/local)
  --out       where to write (default ./export-<format>)

parquet, csv   runs and measures, one row a run or a measurement
tensorboard    event files: tensorboard --logdir <out>
mlflow         a file store: mlflow ui --backend-store-uri <out>

Damaged logs are named and left out, and the command then exits with 1.`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      out: { type: 'string' },
      sweep: { type: 'string' },
      preset: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const format = FORMATS.find((known) => known === values.format);
  if (!format)
    throw new RangeError(`--format ${values.format ?? 'is missing'}: expected ${FORMATS.join(', ')}\n\n${HELP}`);
  // npm runs scripts in the package's folder; a relative path means the folder the user is in.
  const given = (path: string): string => resolve(process.env['INIT_CWD'] ?? '', path);
  const folders = positionals.length > 0 ? positionals.map(given) : DATA_FOLDERS;
  const missing = positionals.length > 0 ? folders.find((folder) => !existsSync(folder)) : undefined;
  if (missing !== undefined) throw new RangeError(`${missing}: there is no such folder`);
  const { sweep, preset } = values;
  const { runs, problems } = readRuns(folders, {
    ...(sweep !== undefined && { sweep }),
    ...(preset !== undefined && { preset }),
  });
  for (const problem of problems) console.error(problem.message);
  if (runs.length === 0)
    throw new RangeError(`there is no run in ${folders.join(', ')}: expected <folder>/<sweep>/<preset>/*.jsonl`);
  const out = given(values.out ?? `export-${format}`);
  const files = exportRuns(runs, format, out);
  console.log(`${runs.length} runs in ${files} files of ${out}`);
  return problems.length > 0 ? 1 : 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
