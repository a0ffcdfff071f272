/** How the bench talks to a framework's process: JSON lines in, JSON lines out. Only one process computes at a time. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A framework under measurement. */
export interface Contestant {
  /** Sets the case up and does its first step. */
  build(name: string): void;
  /** Steps in a row; returns the loss before the last one. */
  run(steps: number): number;
}

const peakMemory = (): number => {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return line ? Number(line[1]) * 1024 : 0;
};

/** Serves one contestant until its input ends. */
export async function serve(contestant: Contestant): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { build: string } | { run: number };
    const start = performance.now();
    let reply: object;
    if ('build' in request) {
      contestant.build(request.build);
      reply = { firstStep: performance.now() }; // since the process began
    } else {
      const loss = contestant.run(request.run);
      reply = { ms: performance.now() - start, loss, memory: peakMemory() };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
