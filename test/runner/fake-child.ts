/** Stands in for lib/runner/child.ts: writes true run files, trains nothing. `config.behaviour` says what happens. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunWriter, hashConfig, readRun, runPath, type RunEnd } from '../../lib/runs/index.ts';
import type { FromChild, ToChild } from '../../lib/runner/messages.ts';
import { exampleHeader, exampleMeasure } from './support.ts';

const STEP_MS = 20;
let stopped = false;
process.on('disconnect', () => (stopped = true));
process.on('message', (message: ToChild) => {
  if (message.kind === 'stop') stopped = true;
  else void run(message);
});

async function run({ plan, root }: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  const { config } = plan;
  let last: FromChild;
  try {
    if (config['behaviour'] === 'crash') {
      console.error('last words');
      process.kill(process.pid, 'SIGKILL');
      await sleep(10_000);
    }
    if (config['behaviour'] === 'throw') throw new Error('the learning rate is a banana');
    const { sweep, preset } = plan;
    const header = { ...exampleHeader(config, Number(process.env['TF_NUM_INTRAOP_THREADS'])), sweep, preset };
    const file = runPath(root, { ...plan, hash: hashConfig(config) }, plan.varying);
    const from = existsSync(file) ? (readRun(file).measures.at(-1)?.step ?? -1) + 1 : 0;
    const writer = existsSync(file)
      ? RunWriter.resume(file, { step: from, expected: { threads: header.threads } })
      : RunWriter.create(file, header);
    let end: RunEnd | undefined;
    for (let step = from; !end; step++) {
      if (stopped) end = { kind: 'end', reason: 'stopped', step, seconds: step };
      else if (step > config.steps)
        end = { kind: 'end', reason: 'finished', step: config.steps, seconds: config.steps };
      else {
        writer.measure(exampleMeasure(config, step));
        process.send?.({ kind: 'progress', step, seconds: step } satisfies FromChild);
        await sleep(STEP_MS);
      }
    }
    writer.end(end);
    last = { kind: 'end', end };
  } catch (error) {
    last = { kind: 'error', message: (error as Error).message };
  }
  if (!process.connected) process.exit();
  process.send!(last, () => process.exit());
}
