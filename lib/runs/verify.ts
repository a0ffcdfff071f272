import fs from 'node:fs';
import { RunFileError } from './error.ts';
import { scanRuns } from './scan.ts';
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
 * Reads what workbooks read (`scanRuns`), every run of every folder, and checks the size as well; a problem for each file that fails and for
 * each folder that is not there or holds no run, if `named`. Damage in one file never hides another.
 */
export function verifyRuns(folders: readonly string[], { named = false } = {}): Verification {
  const runs: Run[] = [];
  const problems: RunFileError[] = [];
  const states = { finished: 0, diverged: 0, stopped: 0, failed: 0, unfinished: 0 };
  for (const folder of folders) {
    const scan = scanRuns(folder);
    problems.push(...scan.problems);
    if (named && scan.runs.length + scan.problems.length === 0)
      problems.push(
        new RunFileError({
          file: folder,
          found: fs.existsSync(folder) ? 'no run lies in it' : 'there is no such folder',
          expected: '<folder>/<sweep>/<preset>/*.jsonl',
          remedy: 'Name the folder that holds the sweeps, such as data/runs.',
        }),
      );
    for (const run of scan.runs) {
      runs.push(run);
      states[run.end?.reason ?? 'unfinished']++;
      const limit = run.observations.length > 0 ? OBSERVED_BYTES_LIMIT : RUN_BYTES_LIMIT;
      const size = fs.statSync(run.file, { throwIfNoEntry: false })?.size ?? 0;
      if (size > limit)
        problems.push(
          new RunFileError({
            file: run.file,
            found: `the file has ${size} bytes`,
            expected: `at most ${limit}`,
            remedy: 'Measure less often.',
          }),
        );
    }
  }
  return { runs, problems, states };
}
