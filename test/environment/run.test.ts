// What every npm command goes through: set-up that finds everything done, then the script with Node 24 in its place.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packagesMatchLock } from '../../environment/setup.mjs';
import { realProgram, ROOT, run } from './checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'l2-dynamics-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const runner = join(ROOT, 'environment', 'run.mjs');

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('a second set-up finds every step done', async () => {
  const { code, output } = await run(process.execPath, [join(ROOT, 'environment', 'setup.mjs')]);
  assert.equal(code, 0, output);
  const steps = output.split('\n').filter((line) => /^ {2}\S/.test(line));
  assert.ok(steps.length >= 6, output);
  for (const line of steps) assert.match(line, /up to date$|skipped: /);
});

test('packages count as there while the list, the versions and the folders say so, also in a workspace', () => {
  const root = join(folder, 'packages');
  const paths = ['node_modules/a', 'lib/part/node_modules/a'];
  for (const path of paths) mkdirSync(join(root, path), { recursive: true });
  const list = (version: string) =>
    JSON.stringify({ packages: Object.fromEntries(paths.map((path) => [path, { version }])) });
  writeFileSync(join(root, 'package-lock.json'), list('1.0.0'));
  assert.equal(packagesMatchLock(root), false);
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), list('0.9.0'));
  assert.equal(packagesMatchLock(root), false);
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), list('1.0.0'));
  assert.equal(packagesMatchLock(root), true);
  rmSync(join(root, 'lib'), { recursive: true });
  assert.equal(packagesMatchLock(root), false);
});

test('a TypeScript file runs with Node 24, its arguments and its exit code', async () => {
  const file = script(
    'say.ts',
    `const parts: string[] = process.argv.slice(2);
    console.log(process.versions.node.split('.')[0] as string, ...parts);
    process.exit(7);`,
  );
  const { code, output } = await run(process.execPath, [runner, file, 'one', 'two words']);
  assert.equal(code, 7);
  assert.match(output, /^(2[4-9]|[3-9]\d) one two words\n$/, 'set-up that has nothing to do says nothing');
});

test('without a script the usage is told', async () => {
  const { code, output } = await run(process.execPath, [runner]);
  assert.equal(code, 1);
  assert.match(output, /usage: node environment\/run\.mjs <script>/);
});

const counter = `
let count = 0;
process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(3); });
process.on('SIGINT', () => count++);
setTimeout(() => { console.log('SIGINT ' + count); process.exit(4); }, 60_000).unref();
process.on('SIGUSR2', () => { console.log('SIGINT ' + count); process.exit(5); });
setInterval(() => {}, 1000);
console.log('ready ' + process.pid);`;

test('a signal reaches the script, whose exit code is passed on', async () => {
  const child = spawn(process.execPath, [runner, script('signals.mjs', counter)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (/ready \d+\n$/.test(output)) child.kill('SIGTERM');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 3);
  assert.match(output, /got SIGTERM/);
});

test('Ctrl-C at a terminal reaches the script once, not a second time through its parent', async () => {
  const file = script('terminal.mjs', counter);
  const inTerminal = `
import os, pty, re, signal, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
output = b''
while not re.search(rb'ready (\\d+)', output):
    output += os.read(terminal, 1000)
os.write(terminal, b'\\x03')
time.sleep(1)
os.kill(int(re.search(rb'ready (\\d+)', output)[1]), signal.SIGUSR2)
try:
    while chunk := os.read(terminal, 1000):
        output += chunk
except OSError:
    pass
print(output.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const { output } = await run(realProgram('python3'), ['-c', inTerminal, process.execPath, runner, file]);
  assert.match(output, /SIGINT 1\b[\s\S]* 5\n$/);
});
