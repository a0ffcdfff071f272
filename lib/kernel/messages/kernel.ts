import { inspect } from 'node:util';
import type { NotebookTypes } from '../language/index.ts';
import type { OutputPublisher } from '../output.ts';
import type { SessionProcess } from '../session/process.ts';
import type { Content, Header, Message } from '../wire/index.ts';

/** What the families of messages see of the kernel. */
export interface KernelContext {
  readonly folder: string;
  readonly output: OutputPublisher;
  readonly types: NotebookTypes;
  readonly session: SessionProcess;
  /** Asks the front end that sent the request for a line of input. */
  askInput(request: Message, prompt: string, password: boolean): void;
  /** Remembers which request a cell belongs to, for all that it will ever put out. */
  adopt(cell: number, request: Message, silent: boolean): void;
  restartSession(): void;
  interrupt(): void;
  shutdown(restart: boolean): void;
  log(line: string): void;
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
