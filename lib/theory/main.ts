/** `node lib/theory/main.ts <sweep> [--preset desk|smoke|paper] [--only TEXT]`: the theory's runs, one after the other, into data/runs. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { theorySweeps } from './experiments/index.ts';
import { recordTheoryRun, theoryFile } from './record.ts';

const { values, positionals } = parseArgs({
  options: {
    preset: { type: 'string', default: 'desk' },
    only: { type: 'string', default: '' },
    root: { type: 'string', default: join(import.meta.dirname, '../../data/runs') },
  },
  allowPositionals: true,
});
const { preset, only, root } = values;
const chosen = theorySweeps.find(({ sweep }) => sweep.name === positionals[0]);
if (!chosen || !(preset === 'desk' || preset === 'smoke' || preset === 'paper')) {
  const known = theorySweeps.map(({ sweep }) => `  ${sweep.name.padEnd(16)} ${sweep.title}`).join('\n');
  console.error(
    `usage: node lib/theory/main.ts <sweep> [--preset desk|smoke|paper] [--only TEXT] [--root FOLDER]\n${known}`,
  );
  process.exit(2);
}

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
process.once('SIGTERM', () => controller.abort());
const { experiment } = chosen;
const plans = chosen.sweep.runs(preset).map((run) => ({ sweep: chosen.sweep.name, preset, ...run }));
const mine = plans.filter((plan) => theoryFile(plan, root).includes(only));
for (const [index, plan] of mine.entries()) {
  const file = theoryFile(plan, root);
  let shown = 0;
  const end = await recordTheoryRun(plan, experiment, {
    root,
    signal: controller.signal,
    onProgress({ step, steps }) {
      if (!process.stderr.isTTY || performance.now() - shown < 200) return;
      shown = performance.now();
      process.stderr.write(`\r\x1b[K[${index + 1}/${mine.length}] step ${step} of ${steps}`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(`[${index + 1}/${mine.length}] ${file}: ${end.reason} at step ${end.step}, ${end.seconds} s`);
  if (controller.signal.aborted) process.exit(130);
}
