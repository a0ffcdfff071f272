import type { Readable, Writable } from 'node:stream';

export interface Incoming {
  id?: number | string;
  method?: string;
  params?: Record<string, unknown>;
}

/** JSON-RPC's own numbers. */
export const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;
const PARSE_ERROR = -32700;

export class MethodNotFound extends Error {}

/** The language server protocol's frames over two streams. */
export class Connection {
  readonly #output: Writable;
  #received: Buffer = Buffer.alloc(0);

  /** @param handle answers a request, or takes a notification, whose answer nobody sees */
  constructor(input: Readable, output: Writable, handle: (message: Incoming) => Promise<unknown>) {
    this.#output = output;
    input.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (const message of this.#messages()) void this.#answer(message, handle);
    });
  }

  notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  async #answer(message: Incoming, handle: (message: Incoming) => Promise<unknown>): Promise<void> {
    const { id } = message;
    try {
      const result = await handle(message);
      if (id !== undefined) this.#send({ id, result: result ?? null });
    } catch (error) {
      const code = error instanceof MethodNotFound ? METHOD_NOT_FOUND : INTERNAL_ERROR;
      if (id !== undefined) this.#send({ id, error: { code, message: (error as Error).message } });
    }
  }

  *#messages(): Generator<Incoming> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: *(\d+)/i.exec(this.#received.toString('latin1', 0, end))?.[1] ?? 0);
      if (this.#received.length < end + 4 + length) return;
      const body = this.#received.toString('utf8', end + 4, end + 4 + length);
      this.#received = this.#received.subarray(end + 4 + length);
      try {
        yield JSON.parse(body) as Incoming;
      } catch (error) {
        this.#send({ id: null, error: { code: PARSE_ERROR, message: (error as Error).message } });
      }
    }
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#output.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }
}
