import { Router } from 'zeromq';
import { Sender } from './sender.ts';

/** Echoes what comes in. Cells run in another process, so the echo never waits for one. */
export class HeartbeatSocket {
  readonly #socket = new Router({ linger: 0 });
  readonly #sender: Sender;

  constructor(log: (line: string) => void) {
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
