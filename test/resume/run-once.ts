/** One session of the run that resume.test.ts kills: run-once.ts <root> <plan>. Says `training` at the first event. */
import { recordRun } from '../../lib/training/index.ts';
import { plans, type PlanName } from './plan.ts';

let told = false;
const end = await recordRun(plans[process.argv[3] as PlanName], {
  root: process.argv[2]!,
  // Far more often than in earnest, so that kills hit the writing of checkpoints too.
  checkpointEvery: 0.03,
  onEvent() {
    if (!told) process.send?.('training');
    told = true;
  },
});
process.send?.(end.reason);
process.disconnect?.();
