import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../runs/index.ts';

export interface Execution {
  /** Absent when every cell ran. */
  error?: string;
  seconds: number;
}

export interface ExecuteOptions {
  /** Called after each code cell. */
  onProgress?: (done: number, cells: number) => void;
  /** Ends the kernel and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Further environment of the kernel, e.g. L2_DYNAMICS_DATA. */
  env?: Record<string, string>;
}

/**
 * Runs the workbook at `workbook` with our kernel, without its cells tagged `live`, and writes it with outputs to `result`.
 * A cell that fails is told in `error`; the outputs up to it are written all the same. Rejects when Jupyter is not set up.
 */
export async function execute(workbook: string, result: string, options: ExecuteOptions = {}): Promise<Execution> {
  const python = join(ROOT, '.venv', 'bin', 'python');
  if (!existsSync(python)) throw new Error(`${python} is missing: "npm run setup" makes it`);
  const start = performance.now();
  const child = spawn(python, [join(ROOT, 'lib', 'report', 'execute.py'), workbook, result], {
    cwd: ROOT,
    env: { ...process.env, ...options.env, JUPYTER_PREFER_ENV_PATH: '1', PYTHONUTF8: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', stop);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    const [done, cells] = chunk.toString().trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
    if (done !== undefined && cells !== undefined) options.onProgress?.(done, cells);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  options.signal?.removeEventListener('abort', stop);
  options.signal?.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  if (code === 0) return { seconds };
  return { error: errors.trim().split('\n').at(-1) ?? `execute.py ended with exit code ${code}`, seconds };
}
