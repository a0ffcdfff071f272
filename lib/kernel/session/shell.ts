import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Runs a command line in the user's shell; its output is the cell's output.
 * @throws Error with the exit code or the signal where it fails
 */
export function runShell(command: string, signal: AbortSignal): Promise<void> {
  // What it prints is seen by the user: it may have colours.
  const { FORCE_COLOR: colours } = process.env;
  const env = { ...process.env, ...(colours === undefined ? {} : { FORCE_COLOR: colours }) };
  return run(command, signal, env, (chunk) => process.stdout.write(chunk));
}

/**
 * Runs a command line and gives the lines that it prints.
 * @throws Error with the exit code or the signal where it fails
 */
export async function captureShell(command: string, signal: AbortSignal): Promise<string[]> {
  const chunks: Buffer[] = [];
  await run(command, signal, { ...process.env }, (chunk) => chunks.push(chunk));
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  return text === '' ? [] : text.split(/\r?\n/);
}

function run(
  command: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv,
  printed: (chunk: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    const stop = (): void => {
      // The shell's own children as well: they share its process group.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop);
    child.stdout?.on('data', printed);
    child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    child.on('error', reject);
    child.on('close', (code, ending) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error(`"${command.trim()}" failed: ${ending === null ? `exit code ${code}` : ending}`));
    });
  });
}
