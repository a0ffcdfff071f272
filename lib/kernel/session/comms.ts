import { randomUUID } from 'node:crypto';
import { Map, Set } from './intrinsics.ts';
import type { CommMessage } from './protocol.ts';

type Handler = (data: unknown, buffers: Uint8Array[]) => void;
type Send = (comm: CommMessage) => void;

interface SendOptions {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** One line between a cell and something in the front end. */
export class Comm {
  readonly id: string;
  readonly target: string;
  readonly #send: Send;
  readonly #onMessage = new Set<Handler>();
  readonly #onClose = new Set<Handler>();

  constructor(id: string, target: string, send: Send) {
    this.id = id;
    this.target = target;
    this.#send = send;
  }

  send(data: unknown, { metadata = {}, buffers = [] }: SendOptions = {}): void {
    this.#send({ kind: 'msg', commId: this.id, data, metadata, buffers });
  }

  close(data: unknown = {}): void {
    this.#send({ kind: 'close', commId: this.id, data, buffers: [] });
  }

  /** @returns a function that takes the handler away again */
  onMessage(handler: Handler): () => void {
    this.#onMessage.add(handler);
    return () => void this.#onMessage.delete(handler);
  }

  onClose(handler: Handler): () => void {
    this.#onClose.add(handler);
    return () => void this.#onClose.delete(handler);
  }

  /** @internal called with what the front end sent */
  receive(kind: 'msg' | 'close', data: unknown, buffers: Uint8Array[]): void {
    for (const handler of kind === 'msg' ? this.#onMessage : this.#onClose) handler(data, buffers);
  }
}

type Target = (comm: Comm, data: unknown, buffers: Uint8Array[]) => void;

/** `cell.comms`: custom messages both ways, protocol 5.5, "Custom messages". */
export class Comms {
  readonly #send: Send;
  readonly #targets = new Map<string, Target>();
  readonly #open = new Map<string, Comm>();

  constructor(send: Send) {
    this.#send = (comm) => {
      if (comm.kind === 'close') this.#open.delete(comm.commId);
      send(comm);
    };
  }

  registerTarget(name: string, target: Target): void {
    this.#targets.set(name, target);
  }

  unregisterTarget(name: string): void {
    this.#targets.delete(name);
  }

  open(target: string, data: unknown = {}, { metadata = {}, buffers = [] }: SendOptions = {}): Comm {
    const comm = new Comm(randomUUID().replaceAll('-', ''), target, this.#send);
    this.#open.set(comm.id, comm);
    this.#send({ kind: 'open', commId: comm.id, target, data, metadata, buffers });
    return comm;
  }

  /** @internal called with what the front end sent */
  receive({ kind, commId, target = '', data, buffers }: CommMessage): void {
    if (kind === 'open') {
      const handler = this.#targets.get(target);
      const comm = new Comm(commId, target, this.#send);
      if (handler === undefined) comm.close();
      else {
        this.#open.set(commId, comm);
        handler(comm, data, buffers);
      }
      return;
    }
    const comm = this.#open.get(commId);
    if (kind === 'close') this.#open.delete(commId);
    comm?.receive(kind, data, buffers);
  }
}
