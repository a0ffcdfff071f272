import { ChildProcess, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

type Spawn = (this: ChildProcess, ...options: unknown[]) => unknown;

/** Tells of every process that is started without waiting for it, so that an interrupt knows whose it is. */
export function watchChildren(started: (pid: number) => void): void {
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const { spawn } = prototype;
  prototype.spawn = function (...options) {
    const result = spawn.apply(this, options);
    if (this.pid !== undefined) started(this.pid);
    return result;
  };
}

/** Processes by the process that started them; on Windows, which has no such thing as SIGINT for a process, none. */
function processTree(): Map<number, number[]> {
  const tree = new Map<number, number[]>();
  for (const [pid, parent] of process.platform === 'linux' ? readProc() : askPs()) {
    tree.set(parent, [...(tree.get(parent) ?? []), pid]);
  }
  return tree;
}

function readProc(): [number, number][] {
  const found: [number, number][] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name, in parentheses, may hold anything; the state and the parent follow.
      const parent = /.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      if (parent !== undefined) found.push([Number(name), Number(parent)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function askPs(): [number, number][] {
  if (process.platform === 'win32') return [];
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

/**
 * Sends SIGINT to children of this process and to all that they have started.
 * @param chosen which of the children, by their pids
 */
export function interruptChildren(chosen: (pid: number) => boolean): void {
  const tree = processTree();
  const todo = (tree.get(process.pid) ?? []).filter(chosen);
  for (let pid = todo.shift(); pid !== undefined; pid = todo.shift()) {
    todo.push(...(tree.get(pid) ?? []));
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      // It has ended, or is another user's.
    }
  }
}

/** So long is looked at whether a worker thread computes. */
const LOOKED_AT = 150;

/** The worker threads of cells: an interrupt ends those of its cell that compute, and tells of others. */
export class Workers {
  readonly #cells = new Map<Worker, number>();

  watch(cell: () => number): void {
    process.on('worker', (worker: Worker) => {
      this.#cells.set(worker, cell());
      worker.once('exit', () => this.#cells.delete(worker));
    });
  }

  /** @param tell says it under the interrupted cell */
  interrupt(cells: ReadonlySet<number>, tell: (text: string) => void): void {
    for (const [worker, cell] of this.#cells) {
      const before = worker.performance.eventLoopUtilization();
      setTimeout(() => {
        if (!this.#cells.has(worker)) return;
        const { active, idle } = worker.performance.eventLoopUtilization();
        const { utilization } = worker.performance.eventLoopUtilization(before);
        // One that computes before its event loop has begun has no utilization at all.
        if (active + idle > 0 && utilization < 0.9) return;
        if (cells.has(cell)) {
          tell(`the interrupt ended worker thread ${worker.threadId}, which was computing\n`);
          void worker.terminate();
        } else tell(`worker thread ${worker.threadId} of an earlier cell goes on computing; its terminate() ends it\n`);
      }, LOOKED_AT).unref();
    }
  }
}
