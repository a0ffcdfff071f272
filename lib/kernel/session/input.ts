import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Error } from './intrinsics.ts';
import { InterruptError } from './interrupt.ts';
import { NO_INPUT } from './stdin.ts';
import type { ToMain } from './protocol.ts';

export interface Asker {
  port: MessagePort;
  gate: SharedArrayBuffer;
  cell(): number;
  allowed(): boolean;
  /** Takes what else comes in while the thread waits for an answer. */
  receive(message: ToMain): void;
}

/** `prompt`, `confirm`, `alert` and `password` as in browsers: they wait, by the front end's stdin. */
export function inputFunctions(asker: Asker): Record<string, (message?: string, byDefault?: string) => unknown> {
  const ask = (prompt: string, password = false): string => {
    if (!asker.allowed()) {
      throw new Error(NO_INPUT);
    }
    const gate = new Int32Array(asker.gate);
    Atomics.store(gate, 0, 0);
    asker.port.postMessage({ type: 'input', cell: asker.cell(), prompt, password });
    Atomics.wait(gate, 0, 0);
    if (Atomics.load(gate, 0) === -1) throw new InterruptError();
    for (;;) {
      const received: { message: ToMain } | undefined = receiveMessageOnPort(asker.port);
      if (received === undefined) return '';
      if (received.message.type === 'input') return received.message.value;
      asker.receive(received.message);
    }
  };
  return {
    prompt: (message = '', byDefault = '') => ask(message) || byDefault,
    confirm: (message = '') => /^y(es)?$/i.test(ask(`${message} [y/N] `).trim()),
    alert: (message = '') => void ask(`${message} [Enter] `),
    password: (message = 'Password: ') => ask(message, true),
  };
}
