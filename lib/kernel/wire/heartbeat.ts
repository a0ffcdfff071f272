import { Router } from 'zeromq';
import type { Security } from './curve.ts';
import { Sender } from './sender.ts';

/** Echoes what comes in. Cells run in another process, so the echo never waits for one. */
export class HeartbeatSocket {
  readonly #socket: Router;
  readonly #sender: Sender;

  constructor(log: (line: string) => void, security: Security) {
    this.#socket = new Router({ linger: 0, ...security });
    this.#sender = new Sender(this.#socket, log);
  }

  async bind(address: string): Promise<void> {
    await this.#socket.bind(address);
  }

  async listen(): Promise<void> {
    for await (const frames of this.#socket) this.#sender.send(frames);
  }

  close(): void {
    this.#socket.close();
  }
}
