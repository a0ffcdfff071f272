/** Runs as two tables: one row a run, one row a measurement. */
import { summarizeRun } from '../analysis/index.ts';
import { settingsOf } from '../own/settings.ts';
import type { Run } from '../runs/index.ts';

export type Value = number | string | boolean | undefined;
export type Table = Record<string, Value>[];

/** What identifies a run in every format: the first 16 digits of its configuration's hash, with sweep and preset. */
export const runId = ({ header: { sweep, preset, hash } }: Run): string => `${sweep}/${preset}/${hash.slice(0, 16)}`;

/**
 * Every setting that is a value, then what came of it. Steps are optimizer steps, accuracies fractions, times seconds; `config` is the whole
 * configuration as JSON, `git` the commit of the code.
 */
export function runTable(runs: readonly Run[]): Table {
  return runs.map((run) => {
    const { header, end } = run;
    const { lastStep, maxTestAccuracy, tStar, tStarEpochs, fitStep, outcome } = summarizeRun(run);
    return {
      run: runId(run),
      sweep: header.sweep,
      preset: header.preset,
      ...settingsOf(header.config),
      ...{ outcome, lastStep, maxTestAccuracy, tStar, tStarEpochs, fitStep, computeSeconds: end?.seconds },
      ...{ startedAt: header.startedAt, device: header.device, threads: header.threads, git: header.git.commit },
      config: JSON.stringify(header.config),
    };
  });
}

/** Losses are without the L2 term; eta and lambda are those in force for the next update. */
export function measureTable(runs: readonly Run[]): Table {
  return runs.flatMap((run) => run.measures.map(({ kind: _kind, ...measure }) => ({ run: runId(run), ...measure })));
}

/** Names of all columns, in order of first appearance. */
export const columnsOf = (table: Table): string[] => [...new Set(table.flatMap((row) => Object.keys(row)))];
