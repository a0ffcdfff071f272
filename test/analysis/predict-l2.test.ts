import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measureC, predictL2 } from '../../lib/analysis/index.ts';
import { readRun } from '../../lib/runs/index.ts';
import { writeSynthetic } from './support.ts';

const root = mkdtempSync(join(tmpdir(), 'l2-dynamics-predict-'));
after(() => rmSync(root, { recursive: true }));

test('c is t* in epochs times lambda, and predicts lambda = c / T', () => {
  const run = readRun(writeSynthetic(root, { eta: 0.1, lambda: 0.02, peak: 300, steps: 1000, fit: 30 }));
  const best = Math.min(...run.measures.map(({ testError }) => testError));
  const star = run.measures.find(({ testError }) => testError <= best + 0.005 + 1e-9);
  assert.equal(measureC(run), (star?.epoch ?? NaN) * 0.02);
  assert.ok(Math.abs(predictL2({ c: 0.00656, epochs: 50 }) - 1.31e-4) < 1e-6, "the paper's prediction for 50 epochs");
});

test('a run without a t* gives an error that says why, never a number', () => {
  const rising = readRun(writeSynthetic(root, { eta: 0.1, lambda: 0.03, peak: 90_000, steps: 1000, fit: 30 }));
  assert.throws(() => measureC(rising), /no c in .*: t\* lies in the second half of the run.*train longer/);
  const free = readRun(writeSynthetic(root, { eta: 0.1, lambda: 0, peak: 300, steps: 1000, fit: 30 }));
  assert.throws(() => measureC(free), /lambda is 0: there is no decay to time/);
  assert.throws(() => predictL2({ c: 0, epochs: 10 }), /positive c and epochs, got 0 and 10/);
});
