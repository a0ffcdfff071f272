import { deserialize, serialize } from 'node:v8';

export type MimeBundle = Record<string, unknown>;

export interface CellCode {
  id: number;
  /** JavaScript for REPL mode, made by language/rewrite.ts. */
  code: string;
  /** Names of which only the running session can say what they are. */
  unknown: string[];
  /** The cell as the user wrote it. */
  source: string;
  executionCount: number;
  /** Source maps from `code` back to `source`, to be followed one after the other. */
  maps: string[];
  allowStdin: boolean;
  /** Whether it is one of the notebook's numbered cells, which In and Out know. */
  numbered: boolean;
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
  | { question: 'members' | 'value'; argument: { expression: string } }
  /** Which of the names a cell was to declare it has not come to declare; answered with a list of them. */
  | { question: 'unbound'; argument: { names: string[] } };

/** From the session process to the kernel; `cell` is the cell that started what now speaks. */
export type FromSession =
  | { type: 'ready' }
  | { type: 'stream'; cell: number; name: 'stdout' | 'stderr'; text: string }
  | { type: 'display'; cell: number; data: MimeBundle; metadata: MimeBundle; displayId?: string; update: boolean }
  | { type: 'clear'; cell: number; wait: boolean }
  /** Any message of the iopub channel, as Deno.jupyter.broadcast sends them. */
  | { type: 'publish'; cell: number; kind: string; content: MimeBundle; metadata: MimeBundle; buffers: Uint8Array[] }
  | { type: 'result'; cell: number; data: MimeBundle; metadata: MimeBundle }
  | { type: 'error'; cell: number; report: ErrorReport }
  | { type: 'done'; cell: number; status: 'ok' | 'error'; report?: ErrorReport }
  | { type: 'input'; cell: number; prompt: string; password: boolean }
  | { type: 'comm'; cell: number; comm: CommMessage }
  | { type: 'answer'; id: number; value: unknown }
  /** The local files that cells have imported so far, directly or not. */
  | { type: 'files'; paths: string[] }
  /** The main thread will not come back; the process is of no use any more. */
  | { type: 'lost'; reason: string }
  | { type: 'debugEvent'; event: string; body: Record<string, unknown> };

/**
 * The session's end of its channel: not the first numbers, which code may write to by mistake, and the last one that Node
 * keeps from what the session starts.
 */
export const CHANNEL_FD = 15;

/** What each message begins with: whatever else comes through the channel is passed over. */
const MAGIC = Buffer.from('\u0000\u0002kernel\u0002\u0000');
const HEAD = MAGIC.length + 4;
/** More is no message but something that looks like the beginning of one. */
const LARGEST = 2 ** 31 - 1;

/** One message as bytes: a sign, its length in four, then V8's own serialization, which carries buffers as they are. */
export function frame(message: ToSession | FromSession): Buffer {
  const body = serialize(message);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([MAGIC, length, body]);
}

/** Collects bytes and hands out whole messages; bytes that belong to none are passed over. */
export class Unframer<T> {
  #chunks: Buffer[] = [];
  #size = 0;
  /** So many bytes there must be before anything can be done. */
  #wanted = HEAD;

  push(chunk: Buffer): T[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const messages: T[] = [];
    while (this.#size >= this.#wanted) {
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const start = all.indexOf(MAGIC);
      if (start !== 0) {
        // The last bytes may be the first ones of a sign.
        this.#keep(all.subarray(start < 0 ? all.length - MAGIC.length + 1 : start));
        this.#wanted = HEAD;
        continue;
      }
      const length = all.readUInt32LE(MAGIC.length);
      if (length > LARGEST) this.#keep(all.subarray(1));
      else if (all.length < HEAD + length) {
        this.#keep(all);
        this.#wanted = HEAD + length;
        return messages;
      } else {
        const message = read(all.subarray(HEAD, HEAD + length));
        if (message !== undefined) messages.push(message as T);
        this.#keep(all.subarray(message === undefined ? MAGIC.length : HEAD + length));
      }
      this.#wanted = HEAD;
    }
    return messages;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }
}

function read(body: Buffer): unknown {
  try {
    return deserialize(body);
  } catch {
    return undefined;
  }
}

/** Between the session's main thread and its controller thread, besides what goes to the kernel as it is. */
export type ToMain =
  ({ type: 'cell' } & CellCode) | { type: 'go'; cell: number } | { type: 'interrupt'; serial: number } | ToSession;
export type FromMain =
  | FromSession
  | { type: 'interrupted'; serial: number }
  | { type: 'begun'; cell: number }
  /** A session of the thread's own lets it go on after a pause. */
  | { type: 'resumes' }
  /** The cell has started a process, and does not stand still until it ends. */
  | { type: 'child'; cell: number; pid: number }
  | { type: 'end'; cell: number; status: 'ok' | 'error'; report?: ErrorReport };

/** What cells can put out without end. */
export const isOutput = ({ type }: FromMain): boolean =>
  type === 'stream' || type === 'display' || type === 'error' || type === 'comm' || type === 'clear';

/** Written on the raw stdout and stderr after each cell, so that the kernel knows that it has read all of it. */
export const MARK = (nonce: string): string => `\u0000\u0001${nonce}\u0001\u0000`;
