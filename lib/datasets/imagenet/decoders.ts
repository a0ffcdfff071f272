/** Processes that decode images while the step runs, which blocks this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DatasetError } from '../store.ts';
import type { FromDecoder, ToDecoder } from './child.ts';
import type { DecodeItem } from './decode.ts';

/** Images a message: little enough to spread a small batch, enough to keep messages rare. */
const CHUNK = 8;

interface Waiting {
  decoder: number;
  resolve(pixels: Uint8Array): void;
  reject(error: Error): void;
}

export interface DecodersOptions {
  /** Pixels a side of the result. */
  side: number;
  /** Default: `$L2_DYNAMICS_DECODERS`, or one less than the cores. */
  processes?: number;
}

export class Decoders {
  readonly #side: number;
  readonly #children: ChildProcess[];
  readonly #load: number[];
  readonly #waiting = new Map<number, Waiting>();
  #tasks = 0;
  #closed = false;

  constructor({ side, processes }: DecodersOptions) {
    const asked = process.env['L2_DYNAMICS_DECODERS'];
    const count = processes ?? (asked ? Number(asked) : Math.max(1, availableParallelism() - 1));
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`L2_DYNAMICS_DECODERS: expected a whole number of processes from 1, got ${asked ?? count}`);
    }
    this.#side = side;
    this.#load = Array.from({ length: count }, () => 0);
    this.#children = this.#load.map((_, i) => this.#start(i));
  }

  #start(decoder: number): ChildProcess {
    const child = fork(join(import.meta.dirname, 'child.ts'), {
      serialization: 'advanced',
      // Settings of a test runner or debugger are not for it.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (answer: FromDecoder) => {
      const waiting = this.#take(answer.id);
      if ('pixels' in answer) waiting?.resolve(answer.pixels);
      else waiting?.reject(new DatasetError(answer.file, answer.message));
    });
    child.on('error', (error) => this.#fail(decoder, error.message));
    child.on('exit', (code, signal) => this.#fail(decoder, signal ?? `code ${code}`));
    // Idle decoders must not keep a program alive that forgot to close them.
    child.unref();
    child.channel?.unref();
    return child;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) this.#load[waiting.decoder]!--;
    if (this.#waiting.size === 0) for (const child of this.#children) child.channel?.unref();
    return waiting;
  }

  #fail(decoder: number, why: string): void {
    if (this.#closed) return;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.decoder === decoder)
        this.#take(id)?.reject(new Error(`a process that decodes images ended (${why})`));
    }
  }

  #send(items: DecodeItem[]): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new Error('these decoders are closed'));
    const decoder = this.#load.indexOf(Math.min(...this.#load));
    const child = this.#children[decoder]!;
    const id = this.#tasks++;
    this.#load[decoder]!++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { decoder, resolve, reject });
      child.channel?.ref();
      const task: ToDecoder = { id, items, side: this.#side };
      child.send(task, (error) => {
        if (error) this.#take(id)?.reject(new Error(`a process that decodes images is gone (${error.message})`));
      });
    });
  }

  /** [n * side * side * 3] bytes of n images, in order. @throws DatasetError naming a damaged image */
  async decode(items: readonly DecodeItem[]): Promise<Uint8Array> {
    const size = this.#side * this.#side * 3;
    const pixels = new Uint8Array(items.length * size);
    const chunks = Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) => i * CHUNK);
    await Promise.all(
      chunks.map(async (start) => {
        pixels.set(await this.#send(items.slice(start, start + CHUNK)), start * size);
      }),
    );
    return pixels;
  }

  /** Ends the processes; what is still asked for is refused. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new Error('these decoders are closed'));
    for (const child of this.#children) child.kill();
  }
}
