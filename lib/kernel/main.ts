import { install, uninstall } from './install.ts';
import { Kernel } from './kernel.ts';
import { KERNEL_VERSION } from './messages/kernel-info.ts';
import { readConnectionFile } from './wire/index.ts';

const HELP = `l2-dynamics-kernel ${KERNEL_VERSION}: TypeScript for Jupyter

  install [--user | --sys-prefix | --prefix DIR]     make the kernel "TypeScript" known to Jupyter
  uninstall [--user | --sys-prefix | --prefix DIR]   take it away again
  CONNECTION_FILE                                    run a kernel (Jupyter does this)
`;

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === 'install') console.log(`kernelspec written: ${install(rest)}`);
  else if (command === 'uninstall') console.log(`kernelspec removed: ${uninstall(rest)}`);
  else if (command === '--version') console.log(KERNEL_VERSION);
  else if (command === undefined || command.startsWith('-')) console.log(HELP);
  else await runKernel(command);
}

async function runKernel(connectionFile: string): Promise<void> {
  const info = readConnectionFile(connectionFile);
  const kernel = new Kernel(info, process.cwd());
  process.on('SIGINT', () => kernel.interrupt());
  process.on('SIGTERM', () => kernel.shutdown(false));
  process.on('uncaughtException', (error) => kernel.log(`survived: ${error.stack}`));
  const parent = process.ppid;
  // A kernel whose starter is gone has nobody to stop it.
  setInterval(() => {
    if (process.ppid !== parent) kernel.shutdown(false);
  }, 1000).unref();
  await kernel.start(info);
}

await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
