// npm run bench -- kernel [kernel ...]: our kernel beside ipykernel, Deno's and stock tslab in one run: checks and latencies.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = join(root, '.venv', 'bin', 'python');
const peers = join(root, '.cache', 'kernel-peers');
const suite = join(root, 'test', 'kernel', 'suite');
const kernelspecs = join(peers, 'share', 'jupyter');

/** null: not to be measured with this kernel. */
type Latencies = Record<string, number | string | null>;
interface Check {
  name: string;
  status: 'ok' | 'failed' | 'skipped';
}

/** What issue and README promise; where a number is above, the table shows both. */
const AIMS: Record<string, number> = {
  'start to first result, ms': 350,
  '1+1, ms': 10,
  'completion, ms': 20,
  '10,000 prints, ms': 300,
  'resident, MB': 300,
  'interrupt of training, ms': 100,
};
const SHOWN = { ok: 'yes', failed: 'no', skipped: '-' };

export async function benchKernels(wanted: string[]): Promise<void> {
  const kernels = wanted.length > 0 ? wanted : ['typescript', 'python3', 'deno', 'tslab'];
  prepare(kernels);
  const load = loadavg()[0] as number;
  const latencies: (Latencies | undefined)[] = [];
  const checks: Check[][] = [];
  for (const kernel of kernels) {
    process.stderr.write(`measuring ${kernel} ...\n`);
    const measured = run([join(root, 'test', 'bench', 'kernel.py'), kernel], root, kernel);
    latencies.push(parse<Latencies>((await measured).text)[0]);
  }
  for (const kernel of kernels) {
    process.stderr.write(`checking ${kernel} ...\n`);
    checks.push(parse<Check>((await run(['run.py', 'check_common'], suite, kernel)).text));
  }
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`);
  const busiest = Math.max(load, loadavg()[0] as number);
  if (busiest > 1) {
    console.log(`NOT A QUIET MACHINE: a load of up to ${busiest.toFixed(1)}, that of the measured kernels included`);
  }
  const measures = Object.keys(latencies.find((each) => each !== undefined) ?? {}).filter((name) => name !== 'kernel');
  const names = [...new Set(checks.flat().map(({ name }) => name))];
  const width = Math.max(...[...measures, ...names].map((name) => name.length));
  const line = (name: string, values: string[]): void =>
    console.log(`${name.padEnd(width)}${values.map((value) => value.padStart(11)).join('')}`);
  line('', [...kernels, 'aim']);
  for (const name of measures) {
    const values = latencies.map((row) => {
      const value = row?.[name];
      return typeof value === 'number' ? value.toFixed(1) : value === null ? '-' : 'failed';
    });
    line(name, [...values, String(AIMS[name] ?? '')]);
  }
  for (const name of names) {
    const statuses = checks.map((list) => list.find((check) => check.name === name)?.status);
    line(
      name,
      statuses.map((status) => (status === undefined ? 'not run' : SHOWN[status])),
    );
  }
  const passed = checks.map((list) => list.filter(({ status }) => status === 'ok').length);
  const applied = checks.map((list) => names.length - list.filter(({ status }) => status === 'skipped').length);
  line(
    'checks passed, of those that apply',
    passed.map((count, at) => `${count}/${applied[at]}`),
  );
}

/** Fetches Deno (PyPI's `deno`, pinned by hash) and writes the kernelspecs that the peers' own installers write. */
function prepare(kernels: readonly string[]): void {
  const deno = join(peers, 'deno', 'bin', 'deno');
  if (kernels.includes('deno') && !existsSync(deno)) {
    process.stderr.write('fetching Deno ...\n');
    const target = ['--target', join(peers, 'deno'), '--require-hashes', '--only-binary', ':all:', '--no-deps'];
    const requirements = ['--requirement', join(root, 'test', 'bench', 'kernel-peers.txt')];
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...target, ...requirements];
    const { status } = spawnSync(python, args, { stdio: 'inherit' });
    if (status !== 0) throw new Error('pip could not fetch Deno; name the other kernels to do without');
  }
  const specs = {
    deno: [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'],
    tslab: [
      process.execPath,
      join(root, 'node_modules/tslab/bin/tslab'),
      'kernel',
      '--config-path',
      '{connection_file}',
    ],
  };
  for (const [name, argv] of Object.entries(specs)) {
    const folder = join(kernelspecs, 'kernels', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'kernel.json'), JSON.stringify({ argv, display_name: name, language: 'typescript' }));
  }
}

const parse = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);

/** A peer may fail: what it printed until then is its result. */
function run(args: string[], cwd: string, kernel: string): Promise<{ text: string }> {
  return new Promise((resolve, reject) => {
    const log = join(peers, `${kernel}.log`);
    const env = { ...process.env, KERNEL_UNDER_TEST: kernel, JUPYTER_PATH: kernelspecs, TYPESCRIPT_KERNEL_DEBUG: '' };
    const child = spawn(python, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 400_000 });
    let text = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      writeFileSync(log, `${existsSync(log) ? readFileSync(log, 'utf8').slice(-200_000) : ''}${errors}${text}`);
      if (code !== 0) process.stderr.write(`${kernel}: ${args.at(-1)} ended with ${code}, see ${log}\n`);
      resolve({ text });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchKernels(process.argv.slice(2));
