/** One session of a run that run.test.ts kills: run-once.ts <root>. Says `training` at the first event. */
import { ownNetwork } from '../../lib/own/network.ts';
import { recordRun } from '../../lib/training/index.ts';
import sweep from './tiny.ts';

const own = await sweep;
const { config, varying } = own.runs('desk').at(-1)!;
let told = false;
const end = await recordRun(
  { sweep: own.name, preset: 'desk', config, varying },
  {
    root: process.argv[2]!,
    checkpointEvery: 0.05,
    network: (given) => ownNetwork(own, given),
    onEvent() {
      if (!told) process.send?.('training');
      told = true;
    },
  },
);
process.send?.(end.reason);
process.disconnect?.();
