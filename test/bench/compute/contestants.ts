/** Who is measured, and the processes they run in. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '../../../environment/venv.mjs';
import { threadEnvironment } from '../../../lib/compute/threads.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
export const cache = fileURLToPath(new URL('../../../.cache/bench', import.meta.url));

export interface Contestant {
  id: string;
  title: string;
  /** Peer whose Python environment it needs; none for ours. */
  peer?: 'jax' | 'tensorflow' | 'torch';
  arguments: string[];
  /** Only in the rows without convolutions, which XLA makes inside a loop of slow code: 33 s a step instead of 0.8. */
  onlyDense?: boolean;
}

export const CONTESTANTS: Contestant[] = [
  { id: 'ours', title: 'lib/compute', arguments: ['ours.ts', 'compiled'] },
  { id: 'tfjs', title: 'tfjs eager', arguments: ['ours.ts', 'eager'] },
  { id: 'jax', title: 'JAX jit', peer: 'jax', arguments: ['peers/jax_peer.py', 'jit'] },
  { id: 'jax-loop', title: 'JAX fori_loop', peer: 'jax', arguments: ['peers/jax_peer.py', 'loop'], onlyDense: true },
  { id: 'torch', title: 'PyTorch eager', peer: 'torch', arguments: ['peers/torch_peer.py', 'eager'] },
  { id: 'torch-compile', title: 'PyTorch compiled', peer: 'torch', arguments: ['peers/torch_peer.py', 'compiled'] },
  { id: 'tf', title: 'tf.function', peer: 'tensorflow', arguments: ['peers/tensorflow_peer.py', 'function'] },
  { id: 'tf-xla', title: 'tf.function, XLA', peer: 'tensorflow', arguments: ['peers/tensorflow_peer.py', 'xla'] },
];

/** Makes a peer's Python environment from its locked requirements, unless it is there. */
export function preparePeer(peer: string): void {
  pythonEnvironment(join(cache, peer), join(here, 'peers', `${peer}.txt`));
}

/** JAX has no setting of its own for the number of threads: it takes those of the CPUs it may use, or one. */
export const xlaFlags = (threads: number): string =>
  threads === 1 ? '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1' : '';

/** A contestant's process; it computes only while a request is open. */
export class Runner {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: AsyncIterator<string>;
  readonly #lines: Interface;
  #errors = '';

  constructor({ peer, arguments: [script, ...args] }: Contestant, threads: number) {
    const command = peer ? join(cache, peer, 'bin', 'python') : process.execPath;
    this.#child = spawn(command, [join(here, script ?? ''), ...args], {
      env: {
        ...process.env,
        ...threadEnvironment(threads),
        PYTHONUNBUFFERED: '1',
        XLA_FLAGS: xlaFlags(threads),
      },
    });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#replies = this.#lines[Symbol.asyncIterator]();
  }

  async #ask(request: object): Promise<Record<string, number>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#replies.next();
    if (done) throw new Error(this.#errors.trim().split('\n').at(-1) ?? 'the process ended without a word');
    return JSON.parse(value as string) as Record<string, number>;
  }

  /** @throws where the first step is not done after `limitMs` */
  async build(name: string, limitMs: number): Promise<Record<string, number>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no first step within ${limitMs / 1000} s`)), limitMs);
    });
    try {
      return await Promise.race([this.#ask({ build: name }), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** `loss` is null where it is not finite. */
  run(steps: number): Promise<{ ms: number; loss: number | null; memory: number }> {
    return this.#ask({ run: steps }) as Promise<{ ms: number; loss: number | null; memory: number }>;
  }

  /** Resolves when the process has ended: the next one needs its memory. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
    await ended;
  }
}
