/** The process in which cells run. Its main thread belongs to the user's code; the controller thread talks. */
import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';

// The kernel decides about interrupts; a signal to the whole process group must not end the session.
process.on('SIGINT', () => {});

const { port1, port2 } = new MessageChannel();
const inputGate = new SharedArrayBuffer(4);
const outflow = new SharedArrayBuffer(4);
const nonce = process.env['KERNEL_NONCE'] ?? randomUUID();
delete process.env['KERNEL_NONCE'];

// First, since the thread starts while this one reads the runtime.
new Worker(new URL('./start-controller.mjs', import.meta.url), {
  workerData: { port: port2, inputGate, outflow, nonce },
  transferList: [port2],
  env: process.env,
}).on('error', (error) => {
  process.stderr.write(`the session's controller failed: ${error.stack}\n`);
  process.exit(70);
});

const [{ installModuleHooks }, { Runtime }, { Outflow }] = await Promise.all([
  import('./modules.ts'),
  import('./runtime.ts'),
  import('./flow.ts'),
]);
const runtime = new Runtime(port1, inputGate, new Outflow(outflow), process.cwd());
installModuleHooks(runtime.modules);
runtime.install();
port1.postMessage({ type: 'ready' });
