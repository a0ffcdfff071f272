/** A run with its log: trains one configuration into its file, goes on where an earlier session stopped. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { device, tensorflowVersion, threadCount, tf } from '../compute/index.ts';
import { storedDatasets } from '../datasets/index.ts';
import {
  checkpointPath,
  codeVersion,
  hashConfig,
  NUMERICS,
  readCheckpoint,
  readRun,
  RunFileError,
  RunWriter,
  SCHEMA,
  runPath,
  type RunConfig,
  type RunEnd,
  type RunHeader,
} from '../runs/index.ts';
import { train, type TrainingEvent, type TrainingState } from './train.ts';

const require = createRequire(import.meta.url);

/** Seconds between checkpoints: what a kill may cost. */
const CHECKPOINT_SECONDS = 60;

export interface RunPlan {
  sweep: string;
  preset: string;
  config: RunConfig;
  /** Settings shown in the file name, e.g. ['eta', 'lambda']. */
  varying: readonly string[];
}

export interface RecordOptions {
  /** Folder of the runs, e.g. data/runs. */
  root: string;
  signal?: AbortSignal;
  checkpointEvery?: number;
  /** Sees every event, e.g. for a progress bar. */
  onEvent?: (event: TrainingEvent) => void;
}

function header(plan: RunPlan): RunHeader {
  const { sweep, preset, config } = plan;
  const manifest = require('../../package.json') as { version: string };
  const files = storedDatasets[config.data.name]?.files ?? [];
  return {
    kind: 'run',
    schema: SCHEMA,
    numerics: NUMERICS,
    sweep,
    preset,
    config,
    hash: hashConfig(config),
    datasets: Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])),
    git: codeVersion(),
    versions: {
      'l2-dynamics': manifest.version,
      node: process.versions.node,
      tfjs: tf.version_core,
      libtensorflow: tensorflowVersion,
    },
    device,
    threads: threadCount(availableParallelism()),
    cpu: cpus()[0]?.model ?? 'unknown',
    startedAt: new Date().toISOString(),
  };
}

/** Where the run's file is, or will be. */
export const planFile = (plan: RunPlan, root: string): string =>
  runPath(
    root,
    { sweep: plan.sweep, preset: plan.preset, config: plan.config, hash: hashConfig(plan.config) },
    plan.varying,
  );

/**
 * Trains `plan` into its file and returns how it ended. A finished or diverged run is left alone; an unfinished one goes on
 * from its checkpoint, or from step 0 without one, and must repeat what its log already holds to the bit.
 * @throws RunFileError where the log cannot be written or does not fit; the log then stays as it was, resumable. Any other error
 *   of the training, which the log's end line then records as `failed`
 */
export async function recordRun(plan: RunPlan, options: RecordOptions): Promise<RunEnd> {
  const { root, signal, checkpointEvery = CHECKPOINT_SECONDS, onEvent } = options;
  const file = planFile(plan, root);
  const mine = header(plan);
  let from: TrainingState | undefined;
  let writer: RunWriter;
  if (existsSync(file)) {
    const { end } = readRun(file);
    if (end?.reason === 'finished' || end?.reason === 'diverged') return end;
    const saved = checkpointPath(file);
    if (existsSync(saved)) {
      const { step, arrays, state } = readCheckpoint(saved, mine.hash);
      from = {
        step,
        arrays: Object.values(arrays) as Float32Array<ArrayBuffer>[],
        ...(state as Pick<TrainingState, 'seconds' | 'autoL2'>),
      };
    }
    const { hash, numerics, threads, device } = mine;
    writer = RunWriter.resume(file, { step: from?.step ?? 0, expected: { hash, numerics, threads, device } });
  } else {
    writer = RunWriter.create(file, mine);
  }
  let seconds = from?.seconds ?? 0;
  try {
    for await (const event of train(plan.config, {
      ...(signal && { signal }),
      ...(from && { from }),
      checkpointEvery,
    })) {
      seconds = 'seconds' in event ? event.seconds : seconds;
      switch (event.kind) {
        case 'measure':
          writer.measure(event);
          break;
        case 'l2-decay':
          writer.event(event);
          break;
        case 'checkpoint': {
          const { step, arrays, ...state } = event.state;
          const named = Object.fromEntries(arrays.map((array, i) => [String(i).padStart(4, '0'), array]));
          writer.checkpoint({ step, arrays: named, state });
          break;
        }
        case 'end':
          writer.end(event);
          onEvent?.(event);
          return event;
      }
      onEvent?.(event);
    }
    throw new Error(`training of ${file} ended without saying why`);
  } catch (error) {
    // A fault of the file itself must leave it alone; any other is part of the run's story, and can be resumed like a stop.
    if (!(error instanceof RunFileError)) {
      const message = error instanceof Error ? error.message : String(error);
      writer.end({ reason: 'failed', step: Math.max(0, writer.lastStep), seconds, message });
    }
    throw error;
  } finally {
    writer.close();
  }
}
