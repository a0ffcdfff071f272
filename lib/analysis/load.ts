import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRuns } from '../runs/index.ts';
import type { Run, RunFileError } from '../runs/index.ts';
import { summarizeRun } from './summary.ts';
import type { RunSummary } from './summary.ts';

/** Data that must not go into one figure, or are not there at all. The message says what to do. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
  /** What there is to tell of files: the unreadable ones, or this error itself where runs must not be mixed; nothing where there are no files. */
  readonly problems: Error[];

  constructor(message: string, problems?: Error[]) {
    super(message);
    this.problems = problems ?? [this];
  }
}

/** The committed logs and, over them, the user's own; or the folders that L2_DYNAMICS_DATA names, separated as in PATH. */
export const DATA_FOLDERS: readonly string[] =
  process.env['L2_DYNAMICS_DATA']?.split(delimiter) ??
  ['runs', 'local'].map((name) => fileURLToPath(new URL(`../../data/${name}`, import.meta.url)));

export interface Sweep {
  sweep: string;
  preset: string;
  runs: Run[];
  summaries: RunSummary[];
  /** Files that could not be read, each with its place and remedy; they take nothing from the other runs. */
  problems: RunFileError[];
}

/**
 * Reads all runs of a sweep. Throws an AnalysisError when there are none, or when they were made with different versions of the numerics or
 * from different data files.
 */
export function loadSweep(sweep: string, preset: string, folders: readonly string[] = DATA_FOLDERS): Sweep {
  const { runs, problems } = readRuns(folders, { sweep, preset });
  const make = `npm run train -- ${sweep} --preset ${preset}`;
  if (runs.length === 0)
    throw new AnalysisError(
      [
        `there is no readable run of ${sweep}, preset ${preset}, in ${folders.join(' or ')}: make them with ${make}`,
        ...problems.map((problem) => problem.message),
      ].join('\n'),
      problems,
    );
  refuseToMix(runs, 'numerics', (run) => String(run.header.numerics), make);
  for (const name of new Set(runs.flatMap((run) => Object.keys(run.header.datasets))))
    refuseToMix(
      runs.filter((run) => name in run.header.datasets),
      `${name} (SHA-256)`,
      (run) => run.header.datasets[name]!.slice(0, 12),
      make,
    );
  return {
    sweep,
    preset,
    runs,
    problems,
    summaries: runs.map(summarizeRun).sort((a, b) => a.eta - b.eta || a.lambda - b.lambda),
  };
}

/** Throws an AnalysisError that names two runs when they differ in `value`. */
function refuseToMix(runs: readonly Run[], what: string, value: (run: Run) => string, make: string): void {
  const first = runs[0]!;
  const other = runs.find((run) => value(run) !== value(first));
  if (other)
    throw new AnalysisError(
      `runs of different ${what} must not be mixed: ${value(first)} in ${first.file}, ${value(other)} in ${other.file}. Delete the older ones and make them again with ${make}`,
    );
}
