import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashConfig, planFile, readRun, verifyRuns } from '../../lib/runs/index.ts';
import { theorySweeps } from '../../lib/theory/experiments/index.ts';
import { recordTheoryRun } from '../../lib/theory/record.ts';
import { temporaryFolder } from '../runs/support.ts';

describe('the sweeps of the theory', () => {
  for (const { sweep, experiment } of theorySweeps) {
    it(`${sweep.name}: no configuration twice, and a smoke run verifies and is repeated to the bit`, async () => {
      for (const preset of ['paper', 'desk', 'smoke'] as const) {
        const hashes = sweep.runs(preset).map(({ config }) => hashConfig(config));
        assert.equal(new Set(hashes).size, hashes.length);
      }
      const [roots, run] = [[temporaryFolder(), temporaryFolder()] as const, sweep.runs('smoke').at(-1)!];
      const plan = { sweep: sweep.name, preset: 'smoke', ...run };
      const observed = [];
      for (const root of roots) {
        assert.equal((await recordTheoryRun(plan, experiment, { root })).reason, 'finished');
        assert.deepEqual(verifyRuns([root]).problems, []);
        observed.push(readRun(planFile(plan, root)).observations.map(({ step, values }) => ({ step, values })));
      }
      assert.deepEqual(observed[0], observed[1]);
      assert.equal((await recordTheoryRun(plan, experiment, { root: roots[0] })).reason, 'finished');
    });
  }

  it('a stopped run goes on from its checkpoint and ends like one never stopped', async () => {
    const { sweep, experiment } = theorySweeps.find((one) => one.sweep.name === 'relu-two-layer')!;
    const [stopped, whole] = [temporaryFolder(), temporaryFolder()];
    const plan = { sweep: sweep.name, preset: 'smoke', ...sweep.runs('smoke').at(-1)! };
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }): void => void (step === 12 && controller.abort());
    assert.equal(
      (await recordTheoryRun(plan, experiment, { root: stopped, signal: controller.signal, onProgress })).reason,
      'stopped',
    );
    assert.equal((await recordTheoryRun(plan, experiment, { root: stopped })).reason, 'finished');
    await recordTheoryRun(plan, experiment, { root: whole });
    const [a, b] = [stopped, whole].map((root) => readRun(planFile(plan, root)));
    assert.equal(a!.events[0]!.step, 12);
    assert.deepEqual(
      a!.observations.map(({ values }) => values),
      b!.observations.map(({ values }) => values),
    );
  });
});
