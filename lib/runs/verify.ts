import fs from 'node:fs';
import { asRunFileError, RunFileError } from './error.ts';
import { listRuns, readRun } from './read.ts';
import type { RunSelection } from './read.ts';
import type { Run } from './types.ts';

/** A committed run should stay below this many bytes. */
export const RUN_BYTES_LIMIT = 115_000;
/** One with observations may hold a tangent kernel (20,100 numbers for 200 samples) or AutoL2's looks, one every ten steps. */
const OBSERVED_BYTES_LIMIT = 300_000;

export interface Verification {
  /** Readable runs. */
  runs: Run[];
  problems: RunFileError[];
  /** How many runs are in each state. */
  states: Record<'finished' | 'diverged' | 'stopped' | 'failed' | 'unfinished', number>;
}

/**
 * Reads every run below the folders and checks lines, hashes, names, the last measured step of finished runs and the size; a
 * problem for each file that fails. Damage in one file never hides another.
 */
export function verifyRuns(folders: readonly string[], selection: RunSelection = {}): Verification {
  const runs: Run[] = [];
  const problems: RunFileError[] = [];
  const states = { finished: 0, diverged: 0, stopped: 0, failed: 0, unfinished: 0 };
  for (const file of folders.flatMap((folder) => listRuns(folder, selection))) {
    try {
      const run = readRun(file);
      runs.push(run);
      states[run.end?.reason ?? 'unfinished']++;
      const limit = run.observations.length > 0 ? OBSERVED_BYTES_LIMIT : RUN_BYTES_LIMIT;
      const { size } = fs.statSync(file);
      if (size > limit)
        problems.push(
          new RunFileError({
            file,
            found: `the file has ${size} bytes`,
            expected: `at most ${limit}`,
            remedy: 'Measure less often.',
          }),
        );
    } catch (error) {
      problems.push(asRunFileError(file, 'verify the run', error));
    }
  }
  return { runs, problems, states };
}
