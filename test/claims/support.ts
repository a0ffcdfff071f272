/** Logs of figures in memory, as a workbook would have opened them. */

import { summarizeRun } from '../../lib/analysis/index.ts';
import type { OpenSweep } from '../../lib/analysis/index.ts';
import type { FigureLogs, SweepLogs } from '../../lib/claims/index.ts';
import type { Run } from '../../lib/runs/index.ts';
import { coverage } from '../../lib/analysis/index.ts';
import { findSweep, partsOf } from '../../lib/sweeps/index.ts';

/** One sweep whose desk preset has these runs. */
export function opened(name: string, runs: readonly Run[] = []): SweepLogs {
  const plan = findSweep(name);
  const sweep: OpenSweep = {
    sweep: name,
    preset: 'desk',
    runs: [...runs],
    summaries: runs.map(summarizeRun),
    problems: [],
    coverage: coverage(runs, plan.runs('desk')),
    missing: [],
    make: `npm run train -- ${name} --preset desk`,
  };
  return { plan, opened: [sweep] };
}

/** The sweeps that a figure, or its panels, rest on. */
export function sweepNames(figure: string): string[] {
  return [...new Set(Object.values(partsOf(figure)).flatMap(({ sweeps }) => sweeps))];
}

/** A figure's logs, each sweep with the runs that `runsOf` gives it. */
export function logsOf(figure: string, runsOf: (sweep: string) => readonly Run[] = () => []): FigureLogs {
  return Object.fromEntries(sweepNames(figure).map((name) => [name, opened(name, runsOf(name))]));
}
