// npm run bench -- kernel [kernel ...]: our kernel beside the others that the Jupyter of .venv knows, in one run.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = join(root, '.venv', 'bin', 'python');

type Row = { kernel: string } & Record<string, number | string>;

/** What issue and README promise; where a number is above, the table says so. */
const AIMS: Record<string, number> = {
  'start to first result, ms': 350,
  '1+1, ms': 10,
  'completion, ms': 20,
  '10,000 prints, ms': 300,
  'resident, MB': 300,
};

export async function benchKernels(wanted: string[]): Promise<void> {
  const kernels = wanted.length > 0 ? wanted : installed();
  const rows: Row[] = [];
  for (const kernel of kernels) {
    process.stderr.write(`measuring ${kernel} ...\n`);
    const output = await run([join(root, 'test', 'bench', 'kernel.py'), kernel]);
    rows.push(JSON.parse(output.trim()) as Row);
  }
  const [first] = rows;
  if (first === undefined) return;
  const measures = Object.keys(first).filter((name) => name !== 'kernel');
  const width = Math.max(...measures.map((name) => name.length));
  const cells = (values: string[]): string => values.map((value) => value.padStart(14)).join('');
  console.log(`${' '.repeat(width)}${cells([...kernels, 'aim'])}`);
  for (const name of measures) {
    const values = rows.map((row) => Number(row[name]).toFixed(1));
    console.log(`${name.padEnd(width)}${cells([...values, String(AIMS[name] ?? '')])}`);
  }
}

function installed(): string[] {
  const list = execFileSync(python, ['-m', 'jupyter_client.kernelspecapp', 'list', '--json'], { encoding: 'utf8' });
  const names = Object.keys((JSON.parse(list) as { kernelspecs: object }).kernelspecs);
  return ['typescript', ...['python3', 'deno', 'tslab'].filter((name) => names.includes(name))];
}

function run(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${args.join(' ')} failed with ${code}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchKernels(process.argv.slice(2));
