// A checkout with nothing set up, and a PATH that holds only what a test allows.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../lib/runs/index.ts';

export { ROOT };

export interface Outcome {
  code: number | null;
  output: string;
}

/** Runs a program to its end; stdout and stderr together. */
export function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd = ROOT,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

export interface Checkout extends Disposable {
  root: string;
  setup: string;
  /** An environment whose PATH holds the machine's programs of these names and the given scripts, and nothing else. */
  env(programs: string[], scripts?: Record<string, string>): NodeJS.ProcessEnv;
}

/** A copy of the repository's set-up alone. */
export function bareCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'l2-dynamics-checkout-'));
  for (const name of ['environment', 'package.json', 'package-lock.json', '.npmrc', 'lib/kernel/package.json']) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  let count = 0;
  return {
    root,
    setup: join(root, 'environment', 'setup.mjs'),
    env(programs, scripts = {}) {
      const bin = join(root, `bin-${count++}`);
      mkdirSync(bin);
      for (const program of programs) symlinkSync(realProgram(program), join(bin, program));
      for (const [name, text] of Object.entries(scripts)) {
        writeFileSync(join(bin, name), text);
        chmodSync(join(bin, name), 0o755);
      }
      return { PATH: bin, HOME: root, L2_DYNAMICS_CACHE: join(root, 'cache') };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Where a program really is: a version manager's stand-in would look for its own tools on the PATH. */
export function realProgram(name: string): string {
  if (name === 'node') return process.execPath;
  if (name === 'python3')
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}
