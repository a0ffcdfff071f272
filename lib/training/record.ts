/** A run with its log: trains one configuration into its file, goes on where an earlier session stopped. */
import { availableParallelism } from 'node:os';
import { device, tensorflowVersion, threadCount, tf } from '../compute/index.ts';
import { storedDatasets } from '../datasets/index.ts';
import { openRun, RunFileError, type RunEnd, type RunFacts, type RunPlan } from '../runs/index.ts';
import { train, type TrainingEvent, type TrainingState, type TrainOptions } from './train.ts';

/** Seconds between checkpoints: what a kill may cost. */
const CHECKPOINT_SECONDS = 60;

export interface RecordOptions {
  /** Folder of the runs, e.g. data/runs. */
  root: string;
  signal?: AbortSignal;
  checkpointEvery?: number;
  /** Sees every event, e.g. for a progress bar. */
  onEvent?: (event: TrainingEvent) => void;
  /** As of `train`. */
  until?: TrainOptions['until'];
  /** As of `train`. */
  network?: TrainOptions['network'];
}

function factsOf({ config }: RunPlan): RunFacts {
  const { name, title, sha256: own } = config.data;
  const files = name === 'own' ? [{ name: String(title), sha256: String(own) }] : (storedDatasets[name]?.files ?? []);
  return {
    datasets: Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])),
    versions: { tfjs: tf.version_core, libtensorflow: tensorflowVersion },
    device,
    threads: threadCount(availableParallelism()),
  };
}

/**
 * Trains `plan` into its file and returns how it ended. A finished or diverged run is left alone; an unfinished one goes on
 * from its checkpoint, or from step 0 without one, and must repeat what its log already holds to the bit.
 * @throws RunFileError where the log cannot be written or does not fit; the log then stays as it was, resumable. Any other error
 *   of the training, which the log's end line then records as `failed`
 */
export async function recordRun(plan: RunPlan, options: RecordOptions): Promise<RunEnd> {
  const { root, signal, checkpointEvery = CHECKPOINT_SECONDS, onEvent, network, until } = options;
  const run = openRun(plan, root, factsOf(plan));
  if (run.ended) return run.ended;
  const { writer } = run;
  const from: TrainingState | undefined = run.from && {
    step: run.from.step,
    arrays: Object.values(run.from.arrays) as Float32Array<ArrayBuffer>[],
    ...(run.from.state as Pick<TrainingState, 'seconds' | 'autoL2'>),
  };
  let seconds = from?.seconds ?? 0;
  try {
    for await (const event of train(plan.config, {
      ...(signal && { signal }),
      ...(from && { from }),
      ...(network && { network }),
      ...(until && { until }),
      checkpointEvery,
    })) {
      seconds = 'seconds' in event ? event.seconds : seconds;
      switch (event.kind) {
        case 'measure':
          writer.measure(event);
          break;
        case 'observe':
          writer.observe(event);
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
    throw new Error(`training of ${writer.file} ended without saying why`);
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
