import { DATA_FOLDERS, readRuns, RunFileError } from '../runs/index.ts';
import type { Run } from '../runs/index.ts';
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

export interface Sweep {
  sweep: string;
  preset: string;
  runs: Run[];
  summaries: RunSummary[];
  /** Files that could not be read, each with its place and remedy; they take nothing from the other runs. */
  problems: RunFileError[];
}

/**
 * Reads all runs of a sweep; those made with other numerics or from other data files than most of them are left out and named in `problems`.
 * @throws AnalysisError when there is no readable run
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
  // A damaged header must not hide the other runs: those that agree with most are used, the others left out by name.
  let used = agreeing(runs, 'numerics', (run) => String(run.header.numerics), make, problems);
  for (const name of new Set(used.flatMap((run) => Object.keys(run.header.datasets))))
    used = agreeing(used, `${name} (SHA-256)`, (run) => run.header.datasets[name]?.slice(0, 12), make, problems);
  return {
    sweep,
    preset,
    runs: used,
    problems,
    summaries: used.map(summarizeRun).sort((a, b) => a.eta - b.eta || a.lambda - b.lambda),
  };
}

/**
 * The runs that hold the value most of them hold, of equally many the later made ones; every other one becomes a problem, since runs of
 * different numerics or data must not be mixed. A run without a value agrees with all.
 */
function agreeing(
  runs: readonly Run[],
  what: string,
  value: (run: Run) => string | undefined,
  make: string,
  problems: RunFileError[],
): Run[] {
  const counts = new Map<string, { runs: number; latest: string }>();
  for (const run of runs) {
    const held = value(run);
    if (held === undefined) continue;
    const { runs: before, latest } = counts.get(held) ?? { runs: 0, latest: '' };
    const { startedAt } = run.header;
    counts.set(held, { runs: before + 1, latest: startedAt > latest ? startedAt : latest });
  }
  const [most] = [...counts].sort(([, a], [, b]) => b.runs - a.runs || (a.latest < b.latest ? 1 : -1));
  return runs.filter((run) => {
    const held = value(run);
    if (!most || held === undefined || held === most[0]) return true;
    problems.push(
      new RunFileError({
        file: run.file,
        found: `its ${what} is ${held}, which must not be mixed with ${most[0]} of ${most[1].runs} other runs; it is left out`,
        expected: most[0],
        remedy: `Restore it, or delete it and make it again with ${make}.`,
      }),
    );
    return false;
  });
}
