import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Duplex, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { pathWithNode } from './node-path.ts';
import {
  CHANNEL_FD,
  frame,
  MARK,
  Unframer,
  type CellCode,
  type ErrorReport,
  type FromSession,
  type Question,
  type ToSession,
} from './protocol.ts';
import { beginningOf, Quieted } from './quiet.ts';

export interface Outcome {
  status: 'ok' | 'error' | 'died';
  report?: ErrorReport;
  /** How the process ended, where it did: an exit code or the name of a signal. */
  ending?: string;
}

export interface SessionEvents {
  /** Everything that the session says besides the end of a cell. */
  message(message: FromSession): void;
  /** What reached stdout or stderr past JavaScript: native code, child processes. */
  raw(name: 'stdout' | 'stderr', text: string): void;
  /** The process ended without being told to. */
  died(ending: string): void;
}

const NODE_OPTIONS = [
  '--disable-warning=ExperimentalWarning',
  // Ending a loop inside a timer leaves Node's async hook stack as it was then, which is no reason to end the process.
  '--no-force-async-hooks-checks',
  ...['--require', fileURLToPath(new URL('./preload.cjs', import.meta.url))],
];

export interface LaunchedSession {
  process: ChildProcess;
  nonce: string;
}

/** Starts a session's process; what it says waits for the `SessionProcess` made of it. */
export function launchSession(folder: string): LaunchedSession {
  const nonce = randomUUID();
  const start = fileURLToPath(new URL('./start.mjs', import.meta.url));
  const child = spawn(process.execPath, [...NODE_OPTIONS, start], {
    cwd: folder,
    env: { ...process.env, PATH: pathWithNode(process.env['PATH'] ?? ''), KERNEL_NONCE: nonce },
    stdio: ['ignore', 'pipe', 'pipe', ...Array<'ignore'>(CHANNEL_FD - 3).fill('ignore'), 'pipe'],
    // Its own process group: what cells start ends with the session.
    detached: true,
  });
  return { process: child, nonce };
}

/** The kernel's side of one session process. */
export class SessionProcess {
  readonly #process: ChildProcess;
  readonly #channel: Duplex;
  readonly #running = new Map<number, (outcome: Outcome) => void>();
  readonly #asked = new Map<number, (value: unknown) => void>();
  readonly #raw: RawReader[];
  #asks = 0;
  #ended = false;
  #stopping = false;

  constructor({ process: child, nonce }: LaunchedSession, events: SessionEvents) {
    this.#process = child;
    this.#channel = (this.#process.stdio as readonly unknown[])[CHANNEL_FD] as Duplex;
    this.#channel.on('error', () => {});
    const { stdout, stderr } = this.#process as { stdout: Readable; stderr: Readable };
    this.#raw = [
      new RawReader(stdout, nonce, (text) => events.raw('stdout', text)),
      new RawReader(stderr, nonce, (text) => events.raw('stderr', text)),
    ];
    const unframer = new Unframer<FromSession>();
    this.#channel.on('data', (chunk: Buffer) => {
      for (const message of unframer.push(chunk)) {
        if (message.type === 'done') void this.#finish(message.cell, message);
        else if (message.type === 'answer') this.#answer(message.id, message.value);
        else if (message.type === 'lost') this.#end(message.reason, events);
        else events.message(message);
      }
    });
    // Without its channel the process can neither be told anything nor say it.
    this.#channel.once('close', () =>
      setTimeout(() => this.#end('its connection to the kernel was closed', events), 1000),
    );
    this.#process.once('error', (error) => this.#end(error.message, events));
    this.#process.once('close', (code, signal) => this.#end(signal ?? `exit code ${code}`, events));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the cell has ended and all of its output has been handed on. */
  run(cell: CellCode): Promise<Outcome> {
    if (this.#ended) return Promise.resolve({ status: 'died', ending: 'before the cell began' });
    return new Promise((resolve) => {
      this.#running.set(cell.id, resolve);
      this.send({ type: 'run', ...cell });
    });
  }

  ask<Q extends Question['question']>(
    question: Q,
    argument: (Question & { question: Q })['argument'],
  ): Promise<unknown> {
    if (this.#ended) return Promise.resolve(undefined);
    const id = ++this.#asks;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.send({ type: 'ask', id, question, argument } as ToSession);
    });
  }

  send(message: ToSession): void {
    if (!this.#ended) this.#channel.write(frame(message));
  }

  /** Takes nothing more from the session until that has happened. */
  holdUntil(done: Promise<void>): void {
    if (this.#channel.isPaused()) return;
    this.#channel.pause();
    const goOn = (): void => void this.#channel.resume();
    done.then(goOn, goOn);
  }

  /** Ends the process and what it started. */
  stop(): void {
    this.#stopping = true;
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  async #finish(cell: number, outcome: Outcome): Promise<void> {
    await Promise.all(this.#raw.map((reader) => reader.nextMark()));
    const resolve = this.#running.get(cell);
    this.#running.delete(cell);
    resolve?.(
      outcome.report === undefined ? { status: outcome.status } : { status: outcome.status, report: outcome.report },
    );
  }

  #answer(id: number, value: unknown): void {
    this.#asked.get(id)?.(value);
    this.#asked.delete(id);
  }

  #end(ending: string, events: SessionEvents): void {
    if (this.#ended) return;
    this.#ended = true;
    const expected = this.#stopping;
    // What the process had started would otherwise live on without anyone to stop it.
    this.stop();
    for (const reader of this.#raw) reader.flush();
    for (const resolve of this.#running.values()) resolve({ status: 'died', ending });
    for (const resolve of this.#asked.values()) resolve(undefined);
    this.#running.clear();
    this.#asked.clear();
    if (!expected) events.died(ending);
  }
}

const MARK_PATIENCE = 1000;

/** Reads a raw pipe as text and takes the marks out of it that the session writes after each cell. */
class RawReader {
  readonly #mark: string;
  readonly #decoder = new StringDecoder('utf8');
  readonly #emit: (text: string) => void;
  readonly #quieted = new Quieted();
  #held = '';
  #marks = 0;
  #waiting: (() => void)[] = [];

  constructor(stream: Readable, nonce: string, emit: (text: string) => void) {
    this.#mark = MARK(nonce);
    this.#emit = emit;
    stream.on('data', (chunk: Buffer) => this.#push(this.#decoder.write(chunk)));
  }

  /** Resolves at the next mark; after a while without, since a cell may have closed its own stdout. */
  nextMark(): Promise<void> {
    if (this.#marks > 0) {
      this.#marks--;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, MARK_PATIENCE);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  flush(): void {
    const rest = this.#quieted.push(this.#held) + this.#quieted.flush();
    if (rest !== '') this.#emit(rest);
    this.#held = '';
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #push(text: string): void {
    this.#held += text;
    for (let at = this.#held.indexOf(this.#mark); at >= 0; at = this.#held.indexOf(this.#mark)) {
      const before = this.#held.slice(0, at);
      this.#held = this.#held.slice(at + this.#mark.length);
      const shown = this.#quieted.push(before) + this.#quieted.flush();
      if (shown !== '') this.#emit(shown);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#marks++;
      else waiting();
    }
    const keep = beginningOf(this.#mark, this.#held);
    const ready = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    if (ready !== '') this.#hand(ready);
  }

  /** Node says this on exit because the controller's inspector is connected; it is no output of the cell. */
  #hand(text: string): void {
    const own = this.#quieted.push(text).replace('Waiting for the debugger to disconnect...\n', '');
    if (own !== '') this.#emit(own);
  }
}
