import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyFault, FAULTS } from './every-fault.ts';
import { temporaryFolder } from './support.ts';

for (const fault of FAULTS) {
  test(`whatever operation fails by ${fault}, the log is whole, the error clear, and the run goes on to the same end`, (t) => {
    const { tried, errors } = everyFault(temporaryFolder(), fault, 5);
    assert.ok(tried >= 15, `${tried} operations tried`);
    assert.ok(errors >= tried / 4, `${errors} of ${tried} told`);
    t.diagnostic(`${tried} operations failed, ${errors} ended the run with an error`);
  });
}
