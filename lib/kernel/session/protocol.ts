import { deserialize, serialize } from 'node:v8';

export type MimeBundle = Record<string, unknown>;

export interface CellCode {
  id: number;
  /** JavaScript for REPL mode, made by language/rewrite.ts. */
  code: string;
  /** The cell as the user wrote it. */
  source: string;
  executionCount: number;
  /** Source maps from `code` back to `source`, to be followed one after the other. */
  maps: string[];
  allowStdin: boolean;
  /** By which the debugger knows the cell: no file, a name made from its source. */
  path: string;
}

export interface ErrorReport {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface CommMessage {
  kind: 'open' | 'msg' | 'close';
  commId: string;
  target?: string;
  data: unknown;
  metadata?: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** From the kernel to the session process. */
export type ToSession =
  | ({ type: 'run' } & CellCode)
  | { type: 'interrupt' }
  | { type: 'input'; value: string }
  | ({ type: 'ask'; id: number } & Question);

/** What the kernel asks the session's main thread; it answers when its event loop is free. */
export type Question =
  | { question: 'comm'; argument: { cell: number; comm: CommMessage } }
  /** Property names of a run-time value, or the value as text; answered even while a cell computes. */
  | { question: 'debug'; argument: { command: string; arguments: Record<string, unknown> } }
  | { question: 'members' | 'value'; argument: { expression: string } };

/** From the session process to the kernel; `cell` is the cell that started what now speaks. */
export type FromSession =
  | { type: 'ready' }
  | { type: 'stream'; cell: number; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; cell: number; data: MimeBundle; metadata: MimeBundle; displayId?: string; update: boolean }
  | { type: 'clear'; cell: number; wait: boolean }
  | { type: 'result'; cell: number; data: MimeBundle; metadata: MimeBundle }
  | { type: 'error'; cell: number; report: ErrorReport }
  | { type: 'done'; cell: number; status: 'ok' | 'error'; report?: ErrorReport }
  | { type: 'input'; cell: number; prompt: string; password: boolean }
  | { type: 'comm'; cell: number; comm: CommMessage }
  | { type: 'answer'; id: number; value: unknown }
  /** The local files that cells have imported so far, directly or not. */
  | { type: 'files'; paths: string[] }
  | { type: 'debugEvent'; event: string; body: Record<string, unknown> };

/** One message as bytes: its length in four, then V8's own serialization, which carries buffers as they are. */
export function frame(message: ToSession | FromSession): Buffer {
  const body = serialize(message);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Collects bytes and hands out whole messages. */
export class Unframer<T> {
  #chunks: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): T[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: T[] = [];
    for (;;) {
      const length = this.#peekLength();
      if (length === undefined || this.#size < 4 + length) return messages;
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      messages.push(deserialize(all.subarray(4, 4 + length)) as T);
      const rest = all.subarray(4 + length);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#size = rest.length;
    }
  }

  #peekLength(): number | undefined {
    if (this.#size < 4) return undefined;
    if ((this.#chunks[0] as Buffer).length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] as Buffer).readUInt32LE(0);
  }
}

/** Between the session's main thread and its controller thread, besides what goes to the kernel as it is. */
export type ToMain =
  ({ type: 'cell' } & CellCode) | { type: 'go'; cell: number } | { type: 'interrupt'; serial: number } | ToSession;
export type FromMain =
  | FromSession
  | { type: 'interrupted'; serial: number }
  | { type: 'begun'; cell: number }
  | { type: 'end'; cell: number; status: 'ok' | 'error'; report?: ErrorReport };

/** Written on the raw stdout and stderr after each cell, so that the kernel knows that it has read all of it. */
export const MARK = (nonce: string): string => `\u0000\u0001${nonce}\u0001\u0000`;
