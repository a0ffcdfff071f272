import { Router } from 'zeromq';
import type { Security } from './curve.ts';
import { Codec, type Message } from './message.ts';
import { Sender } from './sender.ts';

/** A ROUTER socket that takes requests and sends replies: the shape of shell and of control. */
export class RequestSocket {
  readonly #socket: Router;
  readonly #sender: Sender;
  readonly #codec: Codec;
  readonly #log: (line: string) => void;

  constructor(codec: Codec, log: (line: string) => void, security: Security) {
    // Handover: a client that comes back under its old identity takes the place of its former self.
    const options = { linger: 1000, sendHighWaterMark: 0, receiveHighWaterMark: 0, handover: true };
    this.#socket = new Router({ ...options, ...security });
    this.#codec = codec;
    this.#log = log;
    this.#sender = new Sender(this.#socket, log);
  }

  async bind(address: string): Promise<void> {
    await this.#socket.bind(address);
  }

  /** Calls back for every sound message until the socket is closed; drops and logs the others. */
  async listen(onMessage: (message: Message) => void): Promise<void> {
    for await (const frames of this.#socket) {
      try {
        onMessage(this.#codec.decode(frames));
      } catch (error) {
        this.#log(`a message was dropped: ${(error as Error).message}`);
      }
    }
  }

  /** Resolves when all that has come in so far has been handed on. */
  async drained(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.#socket.closed && this.#socket.readable);
  }

  send(message: Message): void {
    this.#sender.send(this.#codec.encode(message));
  }

  flush(): Promise<void> {
    return this.#sender.flush();
  }

  close(): void {
    this.#socket.close();
  }
}
