import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS, type CheckName, runCheck } from './check.ts';

for (const name of Object.keys(CHECKS) as CheckName[]) {
  test(`the repository passes the check of its ${name}`, async () => {
    const { passed, output } = await runCheck(name);
    assert.ok(passed, `npm run check says:\n${output}`);
  });
}
