// node environment/run.mjs <script> [arguments]: set-up, then the script with Node 24. Its exit code becomes ours.
import { resolve } from 'node:path';
import { become } from './become.mjs';
import { ROOT, runMain, setup } from './setup.mjs';
import { SetupError } from './steps.mjs';

const [script, ...args] = process.argv.slice(2);
await runMain(async () => {
  if (script === undefined) throw new SetupError('usage: node environment/run.mjs <script> [arguments]');
  const { node } = await setup();
  return become(node, [resolve(ROOT, script), ...args], { cwd: ROOT });
});
