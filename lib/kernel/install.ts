import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE } from './name.mjs';

export const KERNEL_NAME = 'typescript';

/** What Jupyter is told of the kernel besides how to start it. */
export const KERNELSPEC = {
  display_name: 'TypeScript',
  language: 'typescript',
  interrupt_mode: 'message',
  kernel_protocol_version: '5.5',
  env: {},
  metadata: { debugger: true, supported_encryption: ['curve'] },
};

const LOGO = 'logo-svg.svg';

/**
 * Writes the kernelspec, so that Jupyter starts this very folder's kernel with this very Node.
 * @returns the kernelspec's folder
 * @throws Error where an option is not known, or the folder cannot be written
 */
export function install(args: readonly string[]): string {
  const folder = specFolder(args);
  mkdirSync(folder, { recursive: true });
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', entryPoint(folder), '{connection_file}'];
  copyFileSync(fileURLToPath(new URL(`./${LOGO}`, import.meta.url)), join(folder, LOGO));
  // Last, and whole: Jupyter offers a kernel as soon as this file is there.
  const file = join(folder, 'kernel.json');
  writeFileSync(`${file}.new`, `${JSON.stringify({ argv, ...KERNELSPEC }, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  makeLanguageServerKnown(args, argv.slice(0, -1));
  return folder;
}

/** For jupyterlab-lsp, wherever Jupyter's server has it: it starts what is listed there. */
function makeLanguageServerKnown(args: readonly string[], argv: readonly string[]): void {
  const server = {
    version: 2,
    argv: [...argv, 'lsp'],
    display_name: KERNELSPEC.display_name,
    languages: ['typescript'],
    mime_types: ['text/typescript', 'application/typescript'],
  };
  const file = languageServerFile(args);
  mkdirSync(dirname(file), { recursive: true });
  const config = { LanguageServerManager: { language_servers: { [PACKAGE]: server } } };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
}

/** Where Jupyter looks for settings: its "config" folders. */
function languageServerFile([option = '--user', value = '']: readonly string[]): string {
  const user = process.env['JUPYTER_CONFIG_DIR'] ?? join(homedir(), '.jupyter');
  const prefix = option === '--prefix' ? resolve(value) : pythonPrefix;
  const folder = option === '--user' ? user : join(typeof prefix === 'string' ? prefix : prefix(), 'etc', 'jupyter');
  return join(folder, 'jupyter_server_config.d', `${PACKAGE}.json`);
}

export function uninstall(args: readonly string[]): string {
  const folder = specFolder(args);
  rmSync(languageServerFile(args), { force: true });
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function entryPoint(specFolder: string): string {
  const bin = ['./bin.mjs', '../bin.mjs'].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
  if (bin === undefined) throw new Error(`${PACKAGE} is incomplete: there is no bin.mjs beside it; install it anew`);
  return keep(bin, join(specFolder, 'lib'));
}

/** npx runs packages from a cache that may be emptied at any time: what was fetched so is copied beside the kernelspec. */
function keep(bin: string, folder: string): string {
  const [cache, ...rest] = bin.split(`${sep}node_modules${sep}`);
  if (!cache?.includes(`${sep}_npx${sep}`) || rest.length === 0) return bin;
  rmSync(`${folder}.new`, { recursive: true, force: true });
  cpSync(join(cache, 'node_modules'), join(`${folder}.new`, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(`${folder}.new`, folder);
  return join(folder, 'node_modules', ...rest);
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
