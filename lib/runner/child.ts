/** One run in a process of its own: tfjs-node does not survive in a second worker thread, and a crash takes one run only. */
import type { RunConfig, RunEnd } from '../runs/index.ts';
import type { Network } from '../training/index.ts';
import type { FromChild, Plan, ToChild } from './messages.ts';

/** Milliseconds between progress messages. */
const PROGRESS_MS = 200;

const abort = new AbortController();
// Ctrl-C in a terminal reaches the whole process group: the pool decides, and tells us.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => abort.abort());
// The pool is gone, killed perhaps: stop in order, with a checkpoint.
process.on('disconnect', () => abort.abort());

process.on('message', (message: ToChild) => {
  if (message.kind === 'stop') abort.abort();
  else void run(message);
});

async function run({ plan, root }: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  let last: FromChild;
  try {
    last = { kind: 'end', end: await record(plan, root) };
  } catch (error) {
    last = { kind: 'error', message: errorText(error) };
  }
  if (!process.connected) process.exit();
  process.send!(last, () => process.exit());
}

/** A theory sweep has an experiment of its own; every other is training. */
async function record(plan: Plan, root: string): Promise<RunEnd> {
  const started = performance.now();
  let sent = 0;
  const report = (step: number, seconds: number): void => {
    if (performance.now() - sent < PROGRESS_MS) return;
    sent = performance.now();
    send({ kind: 'progress', step, seconds });
  };
  // Imported only now: loading TensorFlow takes a while, and its failure should be a message.
  const { theorySweeps } = await import('../theory/experiments/index.ts');
  const theory = theorySweeps.find(({ sweep }) => sweep.name === plan.sweep);
  if (theory) {
    const { recordTheoryRun } = await import('../theory/record.ts');
    return recordTheoryRun(plan, theory.experiment, {
      root,
      signal: abort.signal,
      onProgress: ({ step }) => report(step, (performance.now() - started) / 1000),
    });
  }
  const network = plan.definition === undefined ? undefined : await ownNetworkOf(plan.definition, plan);
  const { recordRun } = await import('../training/index.ts');
  return recordRun(plan, {
    root,
    signal: abort.signal,
    ...(network && { network }),
    ...(plan.until && { until: plan.until }),
    onEvent(event) {
      if (event.kind === 'progress') report(event.step, event.seconds);
    },
  });
}

/** The network of a sweep of one's own; what is wrong with its definition shows before the run has a file. */
async function ownNetworkOf(definition: string, { config }: Plan): Promise<(config: RunConfig) => Network> {
  const { openDefinition } = await import('../own/load.ts');
  const { checkModel, ownNetwork } = await import('../own/network.ts');
  const sweep = await openDefinition(definition);
  checkModel(sweep, config);
  return (given) => ownNetwork(sweep, given);
}

function send(message: FromChild): void {
  if (process.connected) process.send!(message, () => undefined);
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
