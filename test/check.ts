// npm run check: format (notebooks, too), lint (with types, no warnings allowed) and types.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../lib/runs/index.ts';

const tool = (...parts: string[]) => join(ROOT, 'node_modules', ...parts);

/** Each check: a Node program with its arguments. (`.bin/tsc` may be tslab's older compiler, hence the full path.) */
export const CHECKS = {
  format: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  notebooks: [join(ROOT, 'environment', 'run.mjs'), join(ROOT, 'test', 'notebooks', 'format.ts')],
  lint: [tool('oxlint', 'bin', 'oxlint'), '--type-aware', '--deny-warnings', '.'],
  types: [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', '.'],
} as const satisfies Record<string, readonly string[]>;

export type CheckName = keyof typeof CHECKS;

/** Runs one check. `output` is what it had to say. */
export function runCheck(name: CheckName): Promise<{ passed: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, CHECKS[name], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  });
}

async function main(): Promise<void> {
  for (const name of Object.keys(CHECKS) as CheckName[]) {
    const start = performance.now();
    const { passed, output } = await runCheck(name);
    if (!passed) process.stdout.write(output);
    console.log(
      `${name.padEnd(7)} ${passed ? 'passed' : 'FAILED'}  ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    if (!passed) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
