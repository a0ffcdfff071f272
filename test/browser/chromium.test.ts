import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { browserProgram } from '../../lib/report/browser.ts';

test('whoever asks for the browser while it is being unpacked gets one that starts, and nothing else is left behind', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'l2-dynamics-browser-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const asked = [browserProgram(join(scratch, 'browser')), browserProgram(join(scratch, 'browser'))];
  const version = await Promise.race(
    asked.map(async (program) => execFileSync(await program, ['--version'], { encoding: 'utf8' })),
  );
  assert.match(version, /Chrom/);
  assert.equal(new Set(await Promise.all(asked)).size, 1);
  assert.deepEqual(readdirSync(scratch), ['browser']);
});
