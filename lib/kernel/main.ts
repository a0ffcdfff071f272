import { PACKAGE } from './name.mjs';

const HELP = `${PACKAGE}: TypeScript for Jupyter

  install [--user | --sys-prefix | --prefix DIR]     make the kernel "TypeScript" known to Jupyter
  uninstall [--user | --sys-prefix | --prefix DIR]   take it away again
  lsp                                                serve an editor over stdin and stdout: types while typing
  CONNECTION_FILE                                    run a kernel (Jupyter does this)
`;

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  // Loaded one by one: a kernel's start waits for nothing that it does not need.
  if (command === 'install' || command === 'uninstall') {
    const { install, uninstall } = await import('./install.ts');
    if (command === 'install') {
      // What cannot be loaded here could not run either; and the first start finds the compile cache filled.
      await Promise.all([import('./run.ts'), import('./kernel.ts'), import('./session/runtime.ts')]);
      console.log(`kernelspec written: ${install(rest)}`);
    }
    if (command === 'uninstall') console.log(`kernelspec removed: ${uninstall(rest)}`);
  } else if (command === 'lsp') (await import('./lsp/main.ts')).serve();
  else if (command === '--version') console.log((await import('./messages/kernel-info.ts')).KERNEL_VERSION);
  else if (command === undefined || command.startsWith('-')) console.log(HELP);
  else await (await import('./run.ts')).runKernel(command);
}

await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  // Said outright: a session that has been started already would keep the process.
  process.exit(1);
});
