import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const KERNEL_NAME = 'typescript';

/** Writes the kernelspec, so that Jupyter starts this very folder's kernel with this very Node. */
export function install(args: readonly string[]): string {
  const folder = specFolder(args);
  mkdirSync(folder, { recursive: true });
  const spec = {
    argv: [process.execPath, ...entryPoint(), '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'message',
    kernel_protocol_version: '5.5',
    env: {},
    metadata: { debugger: true },
  };
  writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  return folder;
}

export function uninstall(args: readonly string[]): string {
  const folder = specFolder(args);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function entryPoint(): string[] {
  return ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./bin.mjs', import.meta.url))];
}

function specFolder(args: readonly string[]): string {
  return join(dataFolder(args), 'kernels', KERNEL_NAME);
}

/** Where Jupyter looks for kernels: its "data" folders. */
function dataFolder(args: readonly string[]): string {
  const [option = '--user', value, ...rest] = args;
  if (option === '--prefix') {
    if (value === undefined) throw new Error('--prefix needs a folder, e.g. --prefix .venv');
    if (rest.length > 0) throw new Error(`unexpected argument "${rest[0]}"`);
    return join(resolve(value), 'share', 'jupyter');
  }
  if (value !== undefined) throw new Error(`unexpected argument "${value}"`);
  if (option === '--sys-prefix') return join(pythonPrefix(), 'share', 'jupyter');
  if (option !== '--user') {
    throw new Error(`"${option}" is not an option of install; expected --user, --sys-prefix or --prefix DIR`);
  }
  if (process.env['JUPYTER_DATA_DIR']) return process.env['JUPYTER_DATA_DIR'];
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Jupyter');
  if (platform() === 'win32') return join(process.env['APPDATA'] ?? homedir(), 'jupyter');
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'jupyter');
}

function pythonPrefix(): string {
  for (const python of ['python3', 'python']) {
    try {
      return execFileSync(python, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim();
    } catch {
      // The next name may be there.
    }
  }
  throw new Error(
    '--sys-prefix needs the Python of your Jupyter on the PATH as python3; or name its folder with --prefix',
  );
}
