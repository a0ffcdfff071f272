// The kernel as a front end sees it: the checks under suite/, in Python because Jupyter's own client is, each a subtest here.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Check {
  name: string;
  status: 'ok' | 'failed' | 'skipped';
  detail: string;
  seconds: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test/kernel/suite');
const python = join(root, process.platform === 'win32' ? '.venv/Scripts/python.exe' : '.venv/bin/python');
const modules = globSync('check_*.py', { cwd: folder })
  .map((file) => basename(file, '.py'))
  .sort();

function runModule(name: string): Promise<{ checks: Check[]; code: number | null; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['run.py', name], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let lines = '';
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => (lines += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      const checks = lines
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Check);
      resolve({ checks, code, log });
    });
  });
}

suite('the kernel through jupyter_client', { concurrency: 2 }, () => {
  before(() => {
    assert.ok(existsSync(python), `${python} does not exist: run "npm run setup"`);
    execFileSync(process.execPath, [join(root, 'lib/kernel/main.ts'), 'install', '--prefix', join(root, '.venv')]);
  });

  for (const name of modules) {
    test(name.replace('check_', ''), async (t) => {
      const { checks, code, log } = await runModule(name);
      for (const check of checks) {
        await t.test(check.name, { skip: check.status === 'skipped' ? check.detail : false }, () => {
          assert.equal(check.status, 'ok', check.detail);
        });
      }
      assert.equal(code, 0, log);
      assert.ok(checks.length > 0, `no check ran: ${log}`);
    });
  }
});
