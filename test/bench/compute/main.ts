/**
 * npm run bench -- compute [--only fc-64,...,sweep] [--peers ours,jax,...] [--threads n] [--repeats n] [--write] [--smoke]
 * All contestants of a row are up at once and take turns, so that a slow minute of the machine hits them alike.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../../lib/analysis/index.ts';
import { threadEnvironment } from '../../../lib/compute/threads.ts';
import { writeBetween } from '../../readme.ts';
import { CASES, flops } from './cases.ts';
import { CONTESTANTS, preparePeer, Runner, type Contestant } from './contestants.ts';
import { fullTable, progress, shortTable, type Conditions, type Measurement, type Row } from './report.ts';
import { measureSweep, SWEEP, SWEEP_STEPS } from './sweep.ts';

const root = new URL('../../../', import.meta.url);
const TITLES = Object.fromEntries(CONTESTANTS.map(({ id, title }) => [id, title]));
/** Steps before the losses are compared: enough for a different network, loss or update to show. */
const COMPARED_STEPS = 5;
const TURN_MS = 300;
/** No contestant spends more than this on a row after its first step; one that is slower gets fewer turns. */
const BUDGET_MS = 8_000;
/** For the first step, with all its compiling. */
const FIRST_STEP_MS = 150_000;

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
  const { compile, tf } = await import('../../../lib/compute/index.ts');
  const a = tf.eye(1024);
  const product = tf.variable(tf.ones([1024, 1024]));
  const run = () => (product.assign(tf.matMul(a as never, product as never)), []);
  const program = compile({ variables: [product], data: [a], functions: { multiply: { run } } });
  program.repeat('multiply', 1);
  const products = 5;
  return () => {
    const start = performance.now();
    program.repeat('multiply', products);
    return (products * 2 * 1024 ** 3) / ((performance.now() - start) / 1000);
  };
}

interface Options {
  threads: number;
  repeats: number;
  turnMs: number;
  onRepeat(): void;
}

/** One contestant in one row, from its process's start to its last turn. */
class Entry {
  readonly #runner: Runner;
  readonly #heavy: boolean;
  readonly measurement: Measurement;
  #spent = 0;

  constructor(contestant: Contestant, threads: number, heavy: boolean) {
    this.#runner = new Runner(contestant, threads);
    this.#heavy = heavy;
    this.measurement = { contestant: contestant.id, ms: [], stepsACall: 1, loss: NaN, memory: 0, firstStep: 0 };
  }

  async prepare(name: string, turnMs: number): Promise<void> {
    const { measurement } = this;
    const compared = this.#heavy ? 1 : COMPARED_STEPS;
    measurement.firstStep = (await this.#runner.build(name, FIRST_STEP_MS)).firstStep!;
    const { loss, ms: first } = await this.#runner.run(compared);
    if (loss === null || !Number.isFinite(loss)) throw new Error('its loss is not finite');
    measurement.loss = loss;
    this.#spent = first;
    if (first > BUDGET_MS / 3) return;
    const { ms } = await this.#runner.run(compared); // the first call may have compiled once more
    measurement.stepsACall = Math.max(1, Math.round((turnMs * compared) / ms));
    this.#spent += ms;
  }

  async turn(): Promise<void> {
    const { measurement } = this;
    if (measurement.ms.length > 0 && this.#spent > BUDGET_MS) return;
    const { ms, memory } = await this.#runner.run(measurement.stepsACall);
    measurement.ms.push(ms / measurement.stepsACall);
    measurement.memory = memory;
    this.#spent += ms;
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}

async function measureRow(name: string, contestants: readonly Contestant[], options: Options): Promise<Row> {
  const { title, kind, heavy = false } = CASES[name]!;
  const { threads, repeats, turnMs, onRepeat } = options;
  const measurements: Measurement[] = [];
  const failures: Record<string, string> = {};
  /** Contestants that are up together. */
  const group = async (members: readonly Contestant[]) => {
    const entries = new Map<string, Entry>();
    const attempt = async (id: string, act: (entry: Entry) => Promise<void>) => {
      const entry = entries.get(id)!;
      try {
        await act(entry);
      } catch (error) {
        failures[id] = message(error);
        entries.delete(id);
        await entry.close();
      }
    };
    try {
      for (const contestant of members) {
        progress(`${title}: ${contestant.title}`);
        entries.set(contestant.id, new Entry(contestant, threads, heavy));
        await attempt(contestant.id, (entry) => entry.prepare(name, turnMs));
      }
      for (let repeat = 0; repeat < repeats; repeat++) {
        onRepeat();
        progress(`${title}: repeat ${repeat + 1} of ${repeats}`);
        for (const id of entries.keys()) await attempt(id, (entry) => entry.turn());
      }
    } finally {
      for (const entry of entries.values()) await entry.close();
    }
    measurements.push(...[...entries.values()].map(({ measurement }) => measurement));
  };
  const members = contestants.filter(({ onlyDense }) => !onlyDense || kind === 'fc');
  for (const together of heavy ? members.map((member) => [member]) : [members]) await group(together);
  progress('');
  console.log(
    `${title}: ${measurements.map((m) => `${TITLES[m.contestant]} ${median(m.ms).toPrecision(3)}`).join(', ')} ms`,
  );
  for (const [id, why] of Object.entries(failures)) console.log(`  ${TITLES[id]} failed: ${why}`);
  return { name, title, flops: flops(CASES[name]!), together: !heavy, measurements, failures };
}

/** What was measured before on this machine is kept, so that rows can be measured one by one. */
function mergeWithEarlier(file: URL, conditions: Conditions, rows: Row[]): Row[] {
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { rows?: Row[] }) : {};
  const all = new Map(
    (earlier.rows ?? []).filter((row) => row.conditions?.cpu === conditions.cpu).map((row) => [row.name, row]),
  );
  for (const row of rows) all.set(row.name, { ...row, conditions: row.conditions ?? conditions });
  return [...Object.keys(CASES), SWEEP].flatMap((name) => all.get(name) ?? []);
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      smoke: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      repeats: { type: 'string' },
      'sweep-steps': { type: 'string', default: String(SWEEP_STEPS) },
    },
  });
  const { smoke } = values;
  if (smoke && values.write) throw new Error('--smoke only shows that the bench runs: its numbers are not written');
  const threads = Number(values.threads);
  const repeats = Number(values.repeats ?? (smoke ? 2 : 9));
  if (!(threads >= 1 && repeats >= 1)) throw new Error('--threads and --repeats must be at least 1');
  const names = choose([...Object.keys(CASES), SWEEP], values.only ?? (smoke ? 'fc-64' : undefined), 'row');
  const ids = choose(
    CONTESTANTS.map(({ id }) => id),
    values.peers,
    'contestant',
  );
  const contestants = CONTESTANTS.filter(({ id }) => ids.includes(id));
  const load = loadavg()[0] ?? 0;
  for (const peer of new Set(contestants.flatMap(({ peer }) => (peer ? [peer] : [])))) preparePeer(peer);
  const conditions: Conditions = {
    date: new Date().toISOString(),
    command: ['npm run bench -- compute', ...args.filter((arg) => arg !== '--write')].join(' '),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    cores: availableParallelism(),
    threads,
    load,
    repeats,
    peak: 0,
  };
  const product = await matmul(threads);
  const onRepeat = () => {
    for (let i = 0; i < 3; i++) conditions.peak = Math.max(conditions.peak, product());
  };
  const rows: Row[] = [];
  for (const name of names) {
    const start = performance.now();
    rows.push(
      name === SWEEP
        ? await measureSweep(ids, smoke ? 20 : Number(values['sweep-steps']))
        : await measureRow(name, contestants, { threads, repeats, turnMs: smoke ? 20 : TURN_MS, onRepeat }),
    );
    console.log(`  this row took ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  if (smoke) {
    console.log(`\n${fullTable(mergeWithEarlier(new URL('none', import.meta.url), conditions, rows), TITLES)}`);
    return;
  }
  mkdirSync(new URL('.cache/bench/', root), { recursive: true });
  const store = new URL('.cache/bench/compute.json', root);
  const merged = mergeWithEarlier(store, conditions, rows);
  writeFileSync(store, JSON.stringify({ rows: merged }, undefined, 1));
  console.log(`\n${fullTable(merged, TITLES)}`);
  if (!values.write) return;
  const pages = [new URL('lib/compute/BENCH.md', root), new URL('README.md', root)] as const;
  writeBetween(pages[0], 'bench', fullTable(merged, TITLES));
  writeBetween(pages[1], 'bench-compute', shortTable(merged, TITLES));
  const prettier = fileURLToPath(new URL('node_modules/prettier/bin/prettier.cjs', root));
  execFileSync(process.execPath, [
    prettier,
    '--write',
    '--log-level',
    'warn',
    ...pages.map((page) => fileURLToPath(page)),
  ]);
}
