import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, freemem, hostname, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Content, Handler } from './kernel.ts';

interface Process {
  parent: number;
  /** Bytes: its own share of what it holds resident. */
  memory: number;
  /** Seconds of processor time since it began. */
  seconds: number;
}

let last: { at: number; seconds: number } | undefined;

/** ipykernel's `usage_request`, which front ends show as the kernel's use of memory and processors. */
export const usage: Handler = async (): Promise<Content> => {
  const own = [...(await descendants(process.pid)).values()];
  const seconds = own.reduce((sum, each) => sum + each.seconds, 0);
  const now = { at: performance.now() / 1000, seconds };
  // As psutil has it: percent of one processor since it was asked last, 0 the first time.
  const cpu = last === undefined ? 0 : (100 * Math.max(0, seconds - last.seconds)) / Math.max(now.at - last.at, 1e-3);
  last = now;
  const [total, available] = [totalmem(), availableMemory()];
  const used = total - available;
  return {
    hostname: hostname(),
    pid: process.pid,
    cpu_count: cpus().length,
    kernel_cpu: cpu,
    kernel_memory: own.reduce((sum, each) => sum + each.memory, 0),
    host_cpu_percent: Math.min(100, (100 * (loadavg()[0] ?? 0)) / Math.max(1, cpus().length)),
    host_virtual_memory: { total, available, used, free: freemem(), percent: Math.round((1000 * used) / total) / 10 },
  };
};

/** A process and all that it started, directly or not. */
async function descendants(root: number): Promise<Map<number, Process>> {
  const all = process.platform === 'linux' ? fromProc() : await fromPs();
  const found = new Map<number, Process>();
  const todo = [root];
  for (let pid = todo.pop(); pid !== undefined; pid = todo.pop()) {
    const known = all.get(pid);
    if (known !== undefined) found.set(pid, { ...known, memory: shareOf(pid) ?? known.memory });
    for (const [child, { parent }] of all) if (parent === pid) todo.push(child);
  }
  return found;
}

const TICKS = 100;

function fromProc(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      // The name, in parentheses, may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      const [parent = 0, user = 0, system = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]];
      found.set(Number(name), { parent, memory: pages * 4096, seconds: (user + system) / TICKS });
    } catch {
      // It has ended in the meantime.
    }
  }
  return found;
}

/** Proportional set size: pages that several processes share count once in their sum. */
function shareOf(pid: number): number | undefined {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

async function fromPs(): Promise<Map<number, Process>> {
  const itself: [number, Process] = [
    process.pid,
    { parent: 0, memory: process.memoryUsage.rss(), seconds: process.cpuUsage().user / 1e6 },
  ];
  try {
    const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=,time=']);
    return new Map(
      stdout
        .trim()
        .split('\n')
        .map((line): [number, Process] => {
          const [pid, parent, rss, time = ''] = line.trim().split(/\s+/);
          const seconds = time.split(/[:-]/).reduce((sum, each) => sum * 60 + Number(each), 0);
          return [Number(pid), { parent: Number(parent), memory: Number(rss) * 1024, seconds }];
        }),
    );
  } catch {
    return new Map([itself]);
  }
}

function availableMemory(): number {
  try {
    return Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
  } catch {
    return freemem();
  }
}
