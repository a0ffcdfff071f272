import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../../lib/runs/index.ts';

test('a workbook that has read its logs, hence loaded danfo.js and its tfjs in JavaScript alone, can still train', async () => {
  const code = `await import('danfojs-node');
    const { backend, tf } = await import('./lib/compute/index.ts');
    console.log(tf.getBackend(), tf.ones([4, 4]).sum().dataSync()[0]);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: ROOT,
  });
  assert.match(stdout, /tensorflow 16/);
});
