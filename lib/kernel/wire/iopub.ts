import { XPublisher } from 'zeromq';
import type { Security } from './curve.ts';
import { Codec, type Content, type Header } from './message.ts';
import { Sender } from './sender.ts';

export interface PublishOptions {
  metadata?: Content;
  buffers?: Buffer[];
}

/** What every front end sees: status, streams, displays, results, errors. */
export class IopubSocket {
  readonly #socket: XPublisher;
  readonly #sender: Sender;
  readonly #codec: Codec;

  constructor(codec: Codec, log: (line: string) => void, security: Security) {
    // sendHighWaterMark 0: nothing is held back or dropped, however fast a cell prints.
    const options = { linger: 1000, sendHighWaterMark: 0, sendTimeout: 0, verbosity: 'allSubs' } as const;
    this.#socket = new XPublisher({ ...options, ...security });
    this.#codec = codec;
    this.#sender = new Sender(this.#socket, log);
  }

  async bind(address: string): Promise<void> {
    await this.#socket.bind(address);
  }

  /** Greets every new subscription with iopub_welcome (protocol 5.4), so that a client knows it misses nothing. */
  async listen(): Promise<void> {
    for await (const [frame] of this.#socket) {
      if (frame === undefined || frame[0] !== 1) continue;
      const topic = frame.subarray(1);
      const message = this.#codec.message(
        'iopub_welcome',
        { subscription: topic.toString() },
        { identities: [Buffer.from(topic)] },
      );
      this.#sender.send(this.#codec.encode(message));
    }
  }

  publish(type: string, content: Content, parent: Header | undefined, options: PublishOptions = {}): void {
    const identities = [Buffer.from(`kernel.${this.#codec.session}.${type}`)];
    const message = this.#codec.message(type, content, { identities, parent: parent ?? {}, ...options });
    this.#sender.send(this.#codec.encode(message));
  }

  get waiting(): number {
    return this.#sender.waiting;
  }

  flush(): Promise<void> {
    return this.#sender.flush();
  }

  close(): void {
    this.#socket.close();
  }
}
