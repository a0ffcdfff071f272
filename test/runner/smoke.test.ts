import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRun } from '../../lib/runs/index.ts';
import { planRuns, type PlannedRun } from '../../lib/runner/index.ts';
import { trainingSweeps } from '../../lib/sweeps/index.ts';
import { runPool } from '../../lib/runner/pool.ts';
import { temporaryFolder } from './support.ts';

test('the shortest and the longest smoke run of every training sweep train to their end', async (t) => {
  const root = temporaryFolder();
  const runs = trainingSweeps.flatMap((sweep) => {
    const all = planRuns(sweep, 'smoke', root).toSorted((a, b) => a.config.steps - b.config.steps);
    return [all[0], all.at(-1)] as PlannedRun[];
  });
  const failures: string[] = [];
  const outcomes = await runPool(runs, {
    root,
    jobs: 2,
    threads: 1,
    onEvent(event) {
      if (event.kind === 'done' && event.message !== undefined) failures.push(`${event.run.file}: ${event.message}`);
    },
  });
  assert.deepEqual(failures, []);
  for (const [run, outcome] of outcomes) {
    assert.ok(outcome === 'finished' || outcome === 'diverged', `${run.file}: ${outcome}`);
    const { measures, end } = readRun(run.file);
    assert.equal(measures[0]?.step, 0);
    if (outcome === 'finished') {
      assert.equal(end?.step, run.config.steps);
      assert.notEqual(measures.at(-1)?.l2Norm, measures[0]?.l2Norm, `${run.file}: nothing was learnt`);
    }
  }
  t.diagnostic(`${outcomes.size} runs of ${trainingSweeps.length} sweeps`);
});
