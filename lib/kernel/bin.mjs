#!/usr/bin/env node
// The way in, of Jupyter and of npx: to the sources where they are, else to what was built of them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(`this kernel needs Node 24 or newer, this is ${process.version} (${process.execPath})`);
  process.exit(1);
}
const isSource = existsSync(new URL('main.ts', import.meta.url));
if (isSource && process.argv[2] === 'install') fetchDependencies();
if (!isSource && !existsSync(new URL('dist/main.js', import.meta.url))) {
  console.error('this copy of the kernel was packed without being built: npm pack --ignore-scripts=false');
  process.exit(1);
}
await import(isSource ? './cached.mjs' : './dist/cached.mjs');
await import(isSource ? './main.ts' : './dist/main.js');

/** npx links a folder as it is, without what it needs. */
function fetchDependencies() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const require = createRequire(import.meta.url);
  const missing = Object.keys(dependencies).filter((name) =>
    require.resolve.paths(name).every((folder) => !existsSync(`${folder}/${name}/package.json`)),
  );
  if (missing.length === 0) return;
  console.error(`fetching ${missing.join(', ')} ...`);
  const options = { cwd: new URL('.', import.meta.url), stdio: ['ignore', 'inherit', 'inherit'] };
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, error } = spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (status === 0) return;
  console.error(`npm could not fetch them (${error?.message ?? `exit code ${status}`}); nothing was installed`);
  process.exit(1);
}
