/** From a plan to its open log: created, or resumed at its checkpoint. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { checkpointPath, readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { codeVersion } from './code.ts';
import { hashConfig, runPath } from './config.ts';
import { readRun } from './read.ts';
import { NUMERICS, SCHEMA, type RunConfig, type RunEnd, type RunHeader } from './types.ts';
import { RunWriter } from './write.ts';

const require = createRequire(import.meta.url);

/** One run of a sweep. */
export interface RunPlan {
  sweep: string;
  preset: string;
  config: RunConfig;
  /** Settings shown in the file name, e.g. ['eta', 'lambda']. */
  varying: readonly string[];
}

/** What a header says beyond the plan and the machine. */
export interface RunFacts extends Pick<RunHeader, 'datasets' | 'device' | 'threads'> {
  /** Packages beside Node that the numbers depend on, by name. */
  versions?: Record<string, string>;
}

/** Where the run's file is, or will be, under the folder of runs `root`. */
export const planFile = ({ sweep, preset, config, varying }: RunPlan, root: string): string =>
  runPath(root, { sweep, preset, config, hash: hashConfig(config) }, varying);

function headerOf({ sweep, preset, config }: RunPlan, { versions, ...facts }: RunFacts): RunHeader {
  const manifest = require('../../package.json') as { version: string };
  return {
    kind: 'run',
    schema: SCHEMA,
    numerics: NUMERICS,
    sweep,
    preset,
    config,
    hash: hashConfig(config),
    datasets: facts.datasets,
    git: codeVersion(),
    versions: { 'l2-dynamics': manifest.version, node: process.versions.node, ...versions },
    device: facts.device,
    threads: facts.threads,
    cpu: cpus()[0]?.model ?? 'unknown',
    startedAt: new Date().toISOString(),
  };
}

/** A log that takes lines, with the checkpoint to go on from; or how the run ended before. */
export type OpenRun = { ended: RunEnd } | { ended?: undefined; writer: RunWriter; from: Checkpoint | undefined };

/**
 * Opens the log of `plan` under `root`: a new one with its header; an unfinished one at its checkpoint, or at step 0 without one.
 * A finished or diverged run is left alone.
 * @throws RunFileError where the file cannot be written, or was made by another configuration, numerics, device or thread count
 */
export function openRun(plan: RunPlan, root: string, facts: RunFacts): OpenRun {
  const file = planFile(plan, root);
  const header = headerOf(plan, facts);
  if (!existsSync(file)) return { writer: RunWriter.create(file, header), from: undefined };
  const { end } = readRun(file);
  if (end?.reason === 'finished' || end?.reason === 'diverged') return { ended: end };
  const { hash, numerics, threads, device } = header;
  const saved = checkpointPath(file);
  const from = existsSync(saved) ? readCheckpoint(saved, hash) : undefined;
  const expected = { hash, numerics, threads, device };
  return { writer: RunWriter.resume(file, { step: from?.step ?? 0, expected }), from };
}
