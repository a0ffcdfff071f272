/** Sends in order: zeromq.js throws EBUSY when a second send begins while one waits. */
export class Sender {
  readonly #socket: { send(frames: Buffer[]): Promise<void> };
  readonly #log: (line: string) => void;
  #queue: Buffer[][] = [];
  #running: Promise<void> | undefined;

  constructor(socket: { send(frames: Buffer[]): Promise<void> }, log: (line: string) => void) {
    this.#socket = socket;
    this.#log = log;
  }

  send(frames: Buffer[]): void {
    this.#queue.push(frames);
    this.#running ??= this.#drain();
  }

  /** Messages that are still to be given to the transport. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when all that was handed over has been given to the transport. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      for (const frames of batch) {
        try {
          await this.#socket.send(frames);
        } catch (error) {
          this.#log(`a message was not sent: ${(error as Error).message}`);
        }
      }
    }
    this.#running = undefined;
  }
}
