/** Throughput: 20 runs of FC 3x256 by our pool, one thread a process, against one JAX script with all threads. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashConfig, runPath, type RunConfig } from '../../../lib/runs/index.ts';
import type { PlannedRun } from '../../../lib/runner/index.ts';
import { runPool } from '../../../lib/runner/pool.ts';
import { CASES, LAMBDA } from './cases.ts';
import { cache } from './contestants.ts';
import { progress, type Row } from './report.ts';

export const SWEEP = 'sweep';
export const SWEEP_STEPS = 2000;
const RUNS = 20;
const CASE = 'fc-256';

const here = fileURLToPath(new URL('.', import.meta.url));

/** One learning rate a run; all of them converge. */
const etas = Array.from({ length: RUNS }, (_, i) => Number((0.01 * 1.1 ** i).toPrecision(4)));

function plan(root: string, steps: number): PlannedRun[] {
  const { batch, width } = CASES[CASE]!;
  const units = width!;
  return etas.map((eta) => {
    const config: RunConfig = {
      model: { kind: 'fc', sizes: [784, units, units, units, 10], bias: true },
      sigmaW: Math.SQRT2,
      sigmaB: 0,
      data: { name: 'synthetic', trainSamples: batch, testSamples: batch, subset: 'first', normalization: 'per-set' },
      batchSize: batch,
      loss: 'cross-entropy/k',
      l2Convention: 'half',
      eta,
      lambda: LAMBDA,
      momentum: 0,
      schedule: { kind: 'constant' },
      steps,
      seed: 0,
      measure: { every: steps },
    };
    const identity = { sweep: 'bench', preset: 'smoke' as const, config, hash: hashConfig(config) };
    const file = runPath(root, identity, ['eta']);
    return { ...identity, varying: ['eta'], role: 'grid', name: `eta=${eta}`, file };
  });
}

async function ours(steps: number): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'l2-dynamics-bench-'));
  try {
    const runs = plan(root, steps);
    const start = performance.now();
    const outcomes = await runPool(runs, { root, jobs: availableParallelism(), threads: 1 });
    const seconds = (performance.now() - start) / 1000;
    const bad = [...outcomes].find(([, outcome]) => outcome !== 'finished');
    if (bad) throw new Error(`${bad[0].name} ended as ${bad[1]}`);
    return seconds;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** `loop`: one run after the other, compiled once. `vmap`: all of them as one batched program. */
function jax(mode: 'loop' | 'vmap', steps: number): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    join(cache, 'jax', 'bin', 'python'),
    [join(here, 'peers', 'jax_sweep.py'), mode, String(steps), JSON.stringify(etas)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
  return (performance.now() - start) / 1000;
}

/** Everything counts: starting processes, compiling, measuring, writing the logs. */
export async function measureSweep(contestants: readonly string[], steps: number): Promise<Row> {
  const row: Row = {
    name: SWEEP,
    title: `20 runs of ${CASES[CASE]!.title}`,
    flops: 0,
    together: false,
    measurements: [],
    failures: {},
    throughput: [],
  };
  /** A program of all runs at once is measured on fewer steps, for time. */
  const few = Math.max(1, Math.round(steps / 10));
  const all = [
    { id: 'ours', title: 'lib/sweeps, one process a core', steps, run: () => ours(steps) },
    { id: 'jax', title: 'JAX, one script, run after run', steps, run: () => jax('loop', steps) },
    { id: 'jax-loop', title: 'JAX, one script, vmap over the runs', steps: few, run: () => jax('vmap', few) },
  ];
  for (const { id, title, steps: done, run } of all) {
    if (!contestants.includes(id)) continue;
    progress(`${row.title}: ${title}`);
    try {
      row.throughput!.push({ title, seconds: await run(), runs: RUNS, steps: done });
    } catch (error) {
      row.failures[id] = error instanceof Error ? error.message : String(error);
    }
  }
  progress('');
  const rates = row.throughput!.map((t) => `${t.title} ${((t.runs * t.steps) / t.seconds).toFixed(0)} steps/s`);
  console.log(`${row.title}: ${rates.join(', ')}`);
  for (const [id, why] of Object.entries(row.failures)) console.log(`  ${id} failed: ${why}`);
  return row;
}
