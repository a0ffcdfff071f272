import fs from 'node:fs';
import { dirname } from 'node:path';
import { AppendFile } from './append.ts';
import { checkpointPath, removeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { misplaced } from './config.ts';
import { RunningDigest } from './digest.ts';
import { makeFolder, replaceFile } from './durable.ts';
import { asRunFileError, RunFileError } from './error.ts';
import { firstDifference, formatLine } from './lines.ts';
import { readRegularFile } from './file.ts';
import { lockRun } from './lock.ts';
import { readRunText } from './read.ts';
import type { L2DecayEvent, Measure, Observation, Run, RunEnd, RunHeader, RunLine } from './types.ts';

/** Appends to one run file. Every line is written whole or not at all; `flush` makes what was written survive a power cut. */
export class RunWriter {
  readonly file: string;
  readonly header: RunHeader;
  /** What the file held when this writer resumed it; empty for a new run. */
  readonly logged: {
    measures: readonly Measure[];
    observations: readonly Observation[];
    decays: readonly L2DecayEvent[];
  };
  /** Last step in the log, -1 before the first measurement. */
  lastStep: number;
  #log: AppendFile;
  #unlock: () => void;
  #byStep: Map<number, Measure>;

  private constructor(
    file: string,
    run: Pick<Run, 'header' | 'measures' | 'observations' | 'events'>,
    log: AppendFile,
    unlock: () => void,
  ) {
    this.file = file;
    this.header = run.header;
    this.logged = {
      measures: run.measures,
      observations: run.observations,
      decays: run.events.filter((event) => event.kind === 'l2-decay'),
    };
    this.lastStep = run.measures.at(-1)?.step ?? -1;
    this.#log = log;
    this.#unlock = unlock;
    this.#byStep = new Map(run.measures.map((measure) => [measure.step, measure]));
  }

  /**
   * Begins a new run file with its header, making the folders. Throws a RunFileError when the file exists (resume it),
   * holds another configuration, does not fit its name, or cannot be written.
   */
  static create(file: string, header: RunHeader): RunWriter {
    const fault = misplaced(file, header);
    if (fault)
      throw new RunFileError({
        file,
        ...fault,
        remedy: 'Name run files with runPath and hash their configuration with hashConfig.',
      });
    const unlock = start(file, 'create the run', () => {
      makeFolder(dirname(file));
      return lockRun(file);
    });
    try {
      if (fs.existsSync(file)) refuseExisting(file);
      const json = formatLine(header);
      const line = Buffer.from(header.schema === 1 ? `${json}\n` : new RunningDigest().seal(json, false));
      // A temporary name first: a run file that can be seen always has its whole header.
      replaceFile(file, [line]);
      const log = new AppendFile(file, line, header.schema);
      return new RunWriter(file, { header, measures: [], observations: [], events: [] }, log, unlock);
    } catch (error) {
      unlock();
      throw asRunFileError(file, 'create the run', error);
    }
  }

  /**
   * Opens an unfinished run to go on at `step` (of the checkpoint, 0 without one): cuts a torn last line and an end line that says
   * stopped or failed, and appends a resume event. `expected` is what the caller is about to run: configuration, numerics, threads
   * and device must be those of the header.
   */
  static resume(
    file: string,
    at: { step: number; expected?: Partial<Pick<RunHeader, 'hash' | 'numerics' | 'threads' | 'device'>> },
  ): RunWriter {
    const unlock = start(file, 'resume the run', () => lockRun(file));
    try {
      const run = readRunText(file);
      const { header, end } = run;
      if (end?.reason === 'finished' || end?.reason === 'diverged')
        throw new RunFileError({
          file,
          found: `the run has ended (${end.reason} at step ${end.step})`,
          expected: 'an unfinished run',
          remedy: 'Nothing is left to do; delete the file to make the run again.',
        });
      for (const field of ['hash', 'numerics', 'threads', 'device'] as const) {
        const wanted = at.expected?.[field];
        if (wanted !== undefined && wanted !== header[field])
          throw new RunFileError({
            file,
            line: 1,
            found: `${field} is ${header[field]}`,
            expected: `${wanted}, with which it was to go on`,
            remedy:
              'A resumed run must repeat its own numbers: go on with the values of its header, or delete the file and make the run again.',
          });
      }
      const content = readRegularFile(file).subarray(0, run.endAt ?? run.wholeBytes);
      const writer = new RunWriter(file, run, new AppendFile(file, content, header.schema), unlock);
      try {
        writer.#append({ kind: 'resume', step: at.step, at: new Date().toISOString() });
        writer.flush();
        return writer;
      } catch (error) {
        writer.#log.close();
        throw error;
      }
    } catch (error) {
      unlock();
      throw asRunFileError(file, 'resume the run', error);
    }
  }

  /**
   * For a resumed run: true when the log already holds this step; the recomputed measurement must then equal it to the bit in all
   * but seconds, or a RunFileError tells the difference. False for a step that the log does not reach yet.
   */
  expect(measure: Measure): boolean {
    if (measure.step > this.lastStep) return false;
    const before = this.#byStep.get(measure.step);
    const place = {
      file: this.file,
      remedy:
        'The code, the machine type, the thread count or the data changed since: delete the file and make the run again.',
    };
    if (!before)
      throw new RunFileError({
        ...place,
        found: `step ${measure.step} is measured now but not in the log`,
        expected: 'the same measuring steps as before',
      });
    const field = firstDifference(before, measure);
    if (field !== undefined)
      throw new RunFileError({
        ...place,
        found: `after the resume ${field} of step ${measure.step} is ${measure[field]}`,
        expected: `${before[field]}, as in the log, to the bit`,
      });
    return true;
  }

  /** Logs a measurement; one that the log already holds is compared instead (`expect`). */
  measure(measure: Measure): void {
    if (this.expect(measure)) return;
    this.#append(measure);
    this.lastStep = measure.step;
  }

  /** Logs an observation; one that the log already holds is compared instead: its values must be equal to the bit. */
  observe(observation: Omit<Observation, 'kind'>): void {
    const { step, seconds, values } = observation;
    const before = this.logged.observations.find((logged) => logged.step === step);
    if (!before) {
      this.#append({ kind: 'observe', step, seconds, values });
      return;
    }
    if (JSON.stringify(before.values) !== JSON.stringify(values))
      throw new RunFileError({
        file: this.file,
        found: `after the resume the observation of step ${step} is another`,
        expected: 'the values in the log, to the bit',
        remedy:
          'The code, the machine type, the thread count or the data changed since: delete the file and make the run again.',
      });
  }

  /** Logs a decay of lambda; one that the log already holds is compared instead. */
  event(event: L2DecayEvent): void {
    const before = this.logged.decays.find((decay) => decay.step === event.step);
    const place = {
      file: this.file,
      remedy:
        'The code, the machine type, the thread count or the data changed since: delete the file and make the run again.',
    };
    if (before && Object.is(before.lambda, event.lambda)) return;
    if (before || event.step < (this.logged.measures.at(-1)?.step ?? -1))
      throw new RunFileError({
        ...place,
        found: `after the resume lambda decays to ${event.lambda} at step ${event.step}`,
        expected: before ? `${before.lambda}, as in the log` : 'no decay there, as in the log',
      });
    this.#append(event);
  }

  /** Writes the last line, flushes, closes, and removes the checkpoint unless the run can go on (stopped, failed). */
  end(end: Omit<RunEnd, 'kind'>): void {
    this.#append({ kind: 'end', ...end });
    this.close();
    if (end.reason === 'finished' || end.reason === 'diverged') removeCheckpoint(checkpointPath(this.file));
  }

  /** Flushes the log, then writes the checkpoint beside it: a checkpoint never knows more than the log. */
  checkpoint(checkpoint: Omit<Checkpoint, 'hash'>): void {
    this.flush();
    writeCheckpoint(checkpointPath(this.file), { ...checkpoint, hash: this.header.hash });
  }

  /** Returns when everything appended so far is on the disk. */
  flush(): void {
    try {
      this.#log.flush();
    } catch (cause) {
      throw asRunFileError(this.file, 'flush the log', cause);
    }
  }

  /** Flushes and closes without an end line: the run can be resumed. Closing twice does nothing. */
  close(): void {
    if (this.#log.closed) return;
    try {
      this.flush();
    } finally {
      try {
        start(this.file, 'close the log', () => this.#log.close());
      } finally {
        this.#unlock();
      }
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #append(line: RunLine): void {
    try {
      this.#log.append(line);
    } catch (cause) {
      throw asRunFileError(
        this.file,
        `write ${line.kind === 'measure' ? `the measurement of step ${line.step}` : `the ${line.kind} line`}`,
        cause,
      );
    }
  }
}

function start<T>(file: string, doing: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asRunFileError(file, doing, error);
  }
}

function refuseExisting(file: string): never {
  const existing = readRunText(file);
  const state = existing.end
    ? `has ended (${existing.end.reason})`
    : `is unfinished, at step ${existing.measures.at(-1)?.step ?? 0}`;
  throw new RunFileError({
    file,
    found: `the file exists and its run ${state}`,
    expected: 'a free name',
    remedy: 'Resume an unfinished run; delete the file to make the run again.',
  });
}
