/** Runs of the theory with their logs: one configuration into its file, compared to the bit with what an earlier session left there. */

import {
  openRun,
  type Checkpoint,
  type Observation,
  type RunConfig,
  type RunEnd,
  type RunPlan,
} from '../runs/index.ts';

/** Seconds between checkpoints: what a kill may cost. */
const CHECKPOINT_SECONDS = 120;

/** State to go on from, by name. */
export type SavedArrays = Checkpoint['arrays'];

/** One run as it goes. `state` is asked for only when a checkpoint is due. */
export interface Progress {
  step: number;
  /** Values measured before the update of `step`, when it is a measuring step. */
  values?: Observation['values'];
  /** What a checkpoint at this step holds; experiments of seconds have none and start again. */
  state?: () => SavedArrays;
}

export interface Experiment {
  /** Yields at every measuring step, and at least every few seconds. `from` is a checkpoint of `step` updates. */
  run(config: RunConfig, from?: { step: number; arrays: SavedArrays }): AsyncGenerator<Progress, void, void>;
  /** SHA-256 of each data file that it reads, by file name. */
  checksums(config: RunConfig): Record<string, string>;
  /** Packages beside Node that the numbers depend on, by name. */
  versions?(): Record<string, string>;
}

export interface RecordTheoryOptions {
  /** Folder of the runs, e.g. data/runs. */
  root: string;
  signal?: AbortSignal;
  onProgress?: (progress: { step: number; steps: number }) => void;
}

/**
 * Runs `plan` into its file and returns how it ended; a finished run is left alone, an unfinished one goes on from its checkpoint,
 * or from step 0 without one, and must repeat what its log holds to the bit. Throws a RunFileError where it does not.
 */
export async function recordTheoryRun(
  plan: RunPlan,
  experiment: Experiment,
  options: RecordTheoryOptions,
): Promise<RunEnd> {
  const { root, signal, onProgress } = options;
  const run = openRun(plan, root, {
    datasets: experiment.checksums(plan.config),
    versions: experiment.versions?.() ?? {},
    device: 'cpu',
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || 1,
  });
  if (run.ended) return run.ended;
  const { writer, from } = run;
  const before = (from?.state as { seconds: number } | undefined)?.seconds ?? 0;
  const started = performance.now();
  const seconds = (): number => Math.round(1000 * before + performance.now() - started) / 1000;
  let saved = performance.now();
  let step = from?.step ?? 0;
  try {
    for await (const progress of experiment.run(plan.config, from)) {
      step = progress.step;
      if (progress.values) {
        writer.observe({ step, seconds: seconds(), values: progress.values });
        if (
          Object.values(progress.values)
            .flat()
            .some((value) => !Number.isFinite(value))
        ) {
          const end = { reason: 'diverged', step, seconds: seconds() } as const;
          writer.end(end);
          return { kind: 'end', ...end };
        }
      }
      onProgress?.({ step, steps: plan.config.steps });
      const due = performance.now() - saved > 1000 * CHECKPOINT_SECONDS || signal?.aborted;
      if (progress.state && due) {
        writer.checkpoint({ step, arrays: progress.state(), state: { seconds: seconds() } });
        saved = performance.now();
      }
      if (signal?.aborted) {
        const end = { reason: 'stopped', step, seconds: seconds() } as const;
        writer.end(end);
        return { kind: 'end', ...end };
      }
    }
    const end = { reason: 'finished', step, seconds: seconds() } as const;
    writer.end(end);
    return { kind: 'end', ...end };
  } finally {
    writer.close();
  }
}
