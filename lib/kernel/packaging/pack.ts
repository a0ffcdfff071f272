// node packaging/pack.ts [--to DIR] [--wheel] [--platform linux-x64]: the npm package, and with --wheel PyPI's as well.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildWheel } from './wheel.ts';

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '.' },
    wheel: { type: 'boolean', default: false },
    platform: { type: 'string', default: `${process.platform}-${process.arch}` },
  },
});
const target = resolve(values.to);
mkdirSync(target, { recursive: true });
const work = mkdtempSync(join(realpathSync(tmpdir()), 'typescript-kernel-pack-'));
try {
  const tarball = packNpm(join(work, 'source'), target);
  console.log(tarball);
  if (values.wheel) console.log(buildWheel(tarball, values.platform, join(work, 'wheel'), target));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Packs a copy: what is built on the way never lies beside the sources. */
function packNpm(copy: string, target: string): string {
  cpSync(fileURLToPath(new URL('..', import.meta.url)), copy, {
    recursive: true,
    filter: (path) => !/^(node_modules|dist|__pycache__)$/.test(basename(path)),
  });
  const args = ['pack', '--json', '--ignore-scripts=false', '--pack-destination', target];
  const said = execFileSync('npm', args, { cwd: copy, encoding: 'utf8', shell: process.platform === 'win32' });
  const report = JSON.parse(said.slice(said.search(/^[[{]/m))) as
    { filename: string }[] | Record<string, { filename: string }>;
  const [packed] = Object.values(report);
  if (packed === undefined) throw new Error(`npm pack said nothing of a file: ${said}`);
  return join(target, packed.filename);
}
