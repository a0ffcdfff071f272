/** The process in which cells run. Its main thread belongs to the user's code; the controller thread talks. */
import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import { installModuleHooks } from './modules.ts';
import { Runtime } from './runtime.ts';

const { port1, port2 } = new MessageChannel();
const inputGate = new SharedArrayBuffer(4);
const folder = process.cwd();
const runtime = new Runtime(port1, inputGate, folder, process.env['KERNEL_NONCE'] ?? randomUUID());
delete process.env['KERNEL_NONCE'];
installModuleHooks(runtime.modules);
runtime.install();

// The kernel decides about interrupts; a signal to the whole process group must not end the session.
process.on('SIGINT', () => {});

new Worker(new URL('./start-controller.mjs', import.meta.url), {
  workerData: { port: port2, inputGate, nonce: runtime.nonce },
  transferList: [port2],
  env: process.env,
}).on('error', (error) => {
  process.stderr.write(`the session's controller failed: ${error.stack}\n`);
  process.exit(70);
});
