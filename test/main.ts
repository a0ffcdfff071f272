// npm test [-- group, test file, folder of tests or file of lib ...]: every test in one run of node's test runner, whose summary is the last thing printed.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/runs/index.ts';
import { testsOf } from './imports.ts';

/** Groups in the order they are listed; a file belongs to the first whose pattern it matches. `unit` takes all the others. */
const GROUPS: Record<string, RegExp> = {
  check: /^test\/check\.test\.ts$/,
  environment: /^test\/environment\//,
  kernel: /^test\/kernel\//,
  notebooks: /^test\/notebooks\//,
  browser: /^test\/browser\//,
  slurm: /^test\/slurm\//,
  resume: /\/[^/]*resume[^/]*\.test\.ts$/,
  unit: /./,
};

/** The files a long run should begin with, so that the last one running is a short one. */
const LONG_FIRST = ['slurm', 'resume', 'notebooks', 'kernel', 'environment', 'browser', 'check', 'unit'];

/** A group that this machine cannot run, named by whoever calls; said at the end. */
const LEFT_OUT = process.env['L2_DYNAMICS_LEAVE_OUT'];

const groupOf = (file: string) => Object.keys(GROUPS).find((name) => GROUPS[name]?.test(file)) ?? 'unit';

/** The test files that `wanted` (names of groups, paths) asks for; all of them when it asks for nothing. */
function select(wanted: string[]): string[] {
  const all = globSync('test/**/*.test.ts', { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => wanted.length > 0 || groupOf(file) !== LEFT_OUT);
  const rank = (file: string) => LONG_FIRST.indexOf(groupOf(file));
  all.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  if (wanted.length === 0) return all;
  const chosen = wanted.flatMap((name) => {
    if (name in GROUPS) {
      const files = all.filter((file) => groupOf(file) === name);
      if (files.length === 0) throw new Error(`the group "${name}" has no test file`);
      return files;
    }
    if (/^lib\/.*\.ts$/.test(name)) {
      const covering = testsOf(name, all);
      if (covering.length === 0) throw new Error(`no test reaches ${name}, or it is not there`);
      console.log(`${name} is covered by ${covering.join(', ')}`);
      return covering;
    }
    const files = all.filter((file) => file === name || file.startsWith(`${name.replace(/\/$/, '')}/`));
    if (files.length === 0) {
      throw new Error(
        `"${name}" is neither a group (${Object.keys(GROUPS).join(', ')}) nor a test file or a folder of them`,
      );
    }
    return files;
  });
  return [...new Set(chosen)];
}

async function main(args: string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith('--'));
  const files = select(args.filter((arg) => !arg.startsWith('--')));
  const scratch = mkdtempSync(join(tmpdir(), 'l2-dynamics-test-'));
  const skippedFile = join(scratch, 'skipped');
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${join(ROOT, 'test', 'skipped.ts')}`, `--test-reporter-destination=${skippedFile}`],
  ];
  const limits = ['--test-concurrency=2', '--test-timeout=900000'];
  const child = spawn(process.execPath, ['--test', ...limits, ...reporters, ...options, ...files], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  const skipped = existsSync(skippedFile) ? readFileSync(skippedFile, 'utf8') : '';
  rmSync(scratch, { recursive: true, force: true });
  if (LEFT_OUT) console.error(`\nNOT RUN on this machine: the group ${LEFT_OUT}`);
  if (skipped === '' || process.env['CI'] !== 'true') return code;
  console.error(`\nWith CI=true a test that is skipped has failed:\n${skipped}`);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
