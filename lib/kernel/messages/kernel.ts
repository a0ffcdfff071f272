import { inspect } from 'node:util';
import type { CellNames, NotebookTypes } from '../language/index.ts';
import type { History } from '../history.ts';
import type { OutputPublisher } from '../output.ts';
import type { SessionProcess } from '../session/process.ts';
import type { MimeBundle } from '../session/protocol.ts';
import type { OpenComms } from './comm.ts';
import type { DumpedCells } from './debug.ts';
import type { Content, Header, Message } from '../wire/index.ts';

/** Whether a cell's outputs are published, dropped, or kept for the kernel itself. */
export type OutputMode = 'shown' | 'silent' | 'captured';

/** Further queues of cells beside the main one, protocol 5.5. */
export interface Subshells {
  create(id: string): void;
  list(): string[];
  delete(id: string): boolean;
}

/** What the families of messages see of the kernel. */
export interface KernelContext {
  readonly folder: string;
  readonly output: OutputPublisher;
  readonly types: NotebookTypes;
  /** What the cells of the present session have declared. */
  readonly names: CellNames;
  readonly session: SessionProcess;
  /** Asks the front end that sent the request for a line of input. */
  askInput(request: Message, prompt: string, password: boolean): void;
  readonly history: History;
  readonly comms: OpenComms;
  readonly dumped: DumpedCells;
  readonly debugging: { attached: boolean; stopped: boolean };
  readLocalFile(path: string): Promise<string | undefined>;
  readonly subshells: Subshells;
  /** Gives a cell its number and remembers which request it belongs to, for all that it will ever put out. */
  adopt(request: Message, mode: OutputMode): number;
  /** What a cell adopted as `captured` gave as its result. */
  captured(cell: number): MimeBundle | undefined;
  restartSession(): void;
  /** Resolves when all that has reached the kernel's sockets by now has been read. */
  received(): Promise<void>;
  /** Milliseconds, by the clock that `sent` goes by. */
  now(): number;
  /** When a request was sent, as far as its date says so. */
  sent(request: Message): number | undefined;
  interrupt(): void;
  shutdown(restart: boolean): void;
  log(line: string): void;
  /** Logs what only somebody who looks for a fault wants to know. */
  trace(line: string): void;
}

/** Answers one request: the content of the reply, or nothing where the protocol knows no reply. */
export type Handler = (request: Message, kernel: KernelContext) => Promise<Content | undefined> | Content | undefined;

export type { Content, Header, Message };

export function textField(content: Content, name: string): string {
  const value = content[name];
  return typeof value === 'string' ? value : '';
}

/** The shape of a reply to a request that could not be answered. */
export function errorReply(error: unknown): Content {
  const { name, message } = error instanceof Error ? error : new Error(inspect(error));
  return { status: 'error', ename: name, evalue: message, traceback: [] };
}
