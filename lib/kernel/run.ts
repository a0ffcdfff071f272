import type { Kernel } from './kernel.ts';
import { launchSession } from './session/process.ts';
import { readConnectionFile } from './wire/connection.ts';

/**
 * Runs a kernel until it is told to shut down.
 * The order is what makes a start short: the session's process starts beside all that follows, then the ports are bound
 * (a client that finds them closed tries again only after 0.1 s or more), then the type server reads its libraries, and
 * only then the rest is loaded.
 */
export async function runKernel(connectionFile: string): Promise<void> {
  let kernel: Kernel | undefined;
  process.on('SIGINT', () => kernel?.interrupt());
  process.on('SIGTERM', () => (kernel === undefined ? process.exit() : kernel.shutdown(false)));
  const parent = process.ppid;
  const info = readConnectionFile(connectionFile);
  const folder = process.cwd();
  const launched = launchSession(folder);
  const { Sockets } = await import('./wire/index.ts');
  const sockets = new Sockets(info, log);
  const bound = sockets.bind(info);
  // Awaited below; a failure must not count as unhandled until then.
  bound.catch(() => {});
  const { NotebookTypes } = await import('./language/types.ts');
  const types = new NotebookTypes(folder);
  const { Kernel } = await import('./kernel.ts');
  await bound;
  kernel = new Kernel({ info, sockets, types, launched, folder });
  kernel.listen();
  process.on('uncaughtException', (error) => log(`survived: ${error.stack}`));
  // A kernel whose starter is gone has nobody to stop it.
  setInterval(() => {
    if (process.ppid !== parent) kernel?.shutdown(false);
  }, 1000).unref();
}

function log(line: string): void {
  process.stderr.write(`[typescript kernel] ${line}\n`);
}
