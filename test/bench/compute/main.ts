/**
 * npm run bench -- compute [--smoke] [--cases fc-64,...] [--only ours,jax,...] [--threads n] [--repeats n] [--write]
 * All contestants of a case are up at once and take turns, so that a slow minute of the machine hits them alike.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { threadEnvironment } from '../../../lib/compute/threads.ts';
import { CASES, flops } from './cases.ts';
import { CONTESTANTS, preparePeer, Runner, type Contestant } from './contestants.ts';
import { fullTable, median, shortTable, writeBetween, type Measurement, type Result } from './report.ts';

const root = new URL('../../../', import.meta.url);
const TITLES = Object.fromEntries(CONTESTANTS.map(({ id, title }) => [id, title]));
/** Steps before the losses are compared: enough for a different network, loss or update to show. */
const COMPARED_STEPS = 5;

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Chosen entries of a list, or all. */
function choose(list: readonly string[], wanted: string | undefined, what: string): string[] {
  if (wanted === undefined) return [...list];
  const chosen = wanted.split(',');
  const unknown = chosen.filter((name) => !list.includes(name));
  if (unknown.length > 0) throw new Error(`no ${what} ${unknown.join(', ')}; there are ${list.join(', ')}`);
  return chosen;
}

/** A measurement of TensorFlow's product of 1024 x 1024 matrices in this process, flop a second. */
async function matmul(threads: number): Promise<() => number> {
  Object.assign(process.env, threadEnvironment(threads)); // before TensorFlow is loaded
  const { tf } = await import('../../../lib/compute/index.ts');
  const a = tf.ones([1024, 1024]);
  return () => {
    const start = performance.now();
    tf.tidy(() => tf.matMul(a as never, a as never).dataSync());
    return (2 * 1024 ** 3) / ((performance.now() - start) / 1000);
  };
}

async function measureCase(
  name: string,
  contestants: readonly Contestant[],
  { threads, repeats, sliceMs, onRepeat }: { threads: number; repeats: number; sliceMs: number; onRepeat(): void },
): Promise<Result['cases'][number]> {
  const { title } = CASES[name]!;
  const runners = new Map<string, Runner>();
  const found = new Map<string, Omit<Measurement, 'stepsACall'> & { steps: number }>();
  const failures: Record<string, string> = {};
  const attempt = async (id: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      failures[id] = message(error);
      runners.get(id)?.close();
      runners.delete(id);
      found.delete(id);
    }
  };
  try {
    for (const contestant of contestants) {
      const { id } = contestant;
      await attempt(id, async () => {
        const runner = new Runner(contestant, threads);
        runners.set(id, runner);
        const { firstStep } = await runner.build(name);
        const { loss } = await runner.run(COMPARED_STEPS);
        const { ms } = await runner.run(COMPARED_STEPS);
        const steps = Math.max(1, Math.round((sliceMs * COMPARED_STEPS) / ms));
        found.set(id, { contestant: id, ms: [], loss, memory: 0, firstStep: firstStep!, steps });
      });
    }
    for (let repeat = 0; repeat < repeats; repeat++) {
      onRepeat();
      process.stdout.write(`\r${title}: repeat ${repeat + 1} of ${repeats} `);
      for (const [id, runner] of runners) {
        await attempt(id, async () => {
          const measurement = found.get(id)!;
          const { ms, memory } = await runner.run(measurement.steps);
          measurement.ms.push(ms / measurement.steps);
          measurement.memory = memory;
        });
      }
    }
  } finally {
    for (const runner of runners.values()) runner.close();
  }
  const measurements = [...found.values()].map(({ steps, ...measurement }) => ({ ...measurement, stepsACall: steps }));
  console.log(measurements.map((m) => `${TITLES[m.contestant]} ${median(m.ms).toPrecision(3)}`).join(', '), 'ms');
  for (const [id, why] of Object.entries(failures)) console.log(`  ${TITLES[id]} failed: ${why}`);
  return { name, title, flops: flops(CASES[name]!), measurements, failures };
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      smoke: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      cases: { type: 'string' },
      only: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      repeats: { type: 'string' },
    },
  });
  const { smoke } = values;
  if (smoke && values.write) throw new Error('--smoke only shows that the bench runs: its numbers are not written');
  const threads = Number(values.threads);
  const repeats = Number(values.repeats ?? (smoke ? 2 : 9));
  const names = choose(Object.keys(CASES), values.cases ?? (smoke ? 'fc-64' : undefined), 'case');
  const ids = choose(
    CONTESTANTS.map(({ id }) => id),
    values.only,
    'contestant',
  );
  const contestants = CONTESTANTS.filter(({ id }) => ids.includes(id));
  const load = loadavg()[0] ?? 0;
  const peers = new Set(contestants.flatMap(({ peer }) => (peer ? [peer] : [])));
  for (const peer of peers) preparePeer(peer);
  const result: Result = {
    date: new Date().toISOString(),
    command: ['npm run bench -- compute', ...args].join(' '),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    cores: availableParallelism(),
    threads,
    load,
    repeats,
    peak: 0,
    cases: [],
  };
  const product = await matmul(threads);
  const onRepeat = () => {
    for (let i = 0; i < 5; i++) result.peak = Math.max(result.peak, product());
  };
  for (const name of names) {
    result.cases.push(await measureCase(name, contestants, { threads, repeats, sliceMs: smoke ? 20 : 500, onRepeat }));
  }
  console.log(`\n${fullTable(result, TITLES)}`);
  if (smoke) return;
  mkdirSync(new URL('.cache/bench/', root), { recursive: true });
  writeFileSync(new URL('.cache/bench/compute.json', root), JSON.stringify(result, undefined, 1));
  if (!values.write) return;
  const pages = [new URL('lib/compute/BENCH.md', root), new URL('README.md', root)] as const;
  writeBetween(pages[0], 'bench', fullTable(result, TITLES));
  writeBetween(pages[1], 'bench-compute', shortTable(result, TITLES));
  const prettier = fileURLToPath(new URL('node_modules/prettier/bin/prettier.cjs', root));
  execFileSync(process.execPath, [
    prettier,
    '--write',
    '--log-level',
    'warn',
    ...pages.map((page) => fileURLToPath(page)),
  ]);
}
