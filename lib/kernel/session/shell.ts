import { spawn } from 'node:child_process';

/**
 * Runs a command line in the user's shell; its output is the cell's output.
 * @throws Error with the exit code or the signal where it fails
 */
export function runShell(command: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = (): void => {
      // The shell's own children as well: they share its process group.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop);
    child.stdout.on('data', (chunk: Buffer) => process.stdout.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    child.on('error', reject);
    child.on('close', (code, ending) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error(`"${command.trim()}" failed: ${ending === null ? `exit code ${code}` : ending}`));
    });
  });
}
