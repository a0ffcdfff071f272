/** Logs as danfo.js frames, with every setting that tells runs apart as a column: to filter, group and plot in cells. */
import { DataFrame } from 'danfojs-node';
import { measureRows, summarizeRun } from '../analysis/index.ts';
import { DATA_FOLDERS, readRuns, type Preset, type Run } from '../runs/index.ts';
import { settingsOf, varyingSettings } from './settings.ts';
import type { SettingValue } from './types.ts';

/**
 * The runs of a sweep that can be read, by its name, unfinished ones too; files that cannot be read are told in `problems`.
 * @param folders folders of logs, default data/runs and data/local
 */
export function openRuns(
  name: string,
  { preset = 'desk', folders = DATA_FOLDERS }: { preset?: Preset; folders?: readonly string[] } = {},
): { runs: Run[]; problems: Error[] } {
  return readRuns(folders, { sweep: name, preset });
}

/** A run's value of each of these settings; an empty text where it has none. */
function columnsOf(run: Run, names: readonly string[]): Record<string, SettingValue> {
  const settings = settingsOf(run.header.config);
  return Object.fromEntries(names.map((name) => [name, settings[name] ?? '']));
}

/**
 * One row a run: its settings that differ, then its state, steps measured, accuracies (best and last), t* in steps and epochs, and the losses and
 * sum of squares of the weights at the last measurement.
 */
export function runFrame(runs: readonly Run[]): DataFrame {
  const names = varyingSettings(runs);
  return new DataFrame(
    runs.map((run) => {
      const { outcome, lastStep, maxTestAccuracy, tStar, tStarEpochs, fitStep } = summarizeRun(run);
      const last = run.measures.at(-1);
      return {
        ...columnsOf(run, names),
        ...{ outcome, lastStep, maxTestAccuracy, tStar, tStarEpochs, fitStep },
        testAccuracy: last ? 1 - last.testError : Number.NaN,
        trainAccuracy: last ? 1 - last.trainError : Number.NaN,
        testLoss: last?.testLoss ?? Number.NaN,
        trainLoss: last?.trainLoss ?? Number.NaN,
        l2Norm: last?.l2Norm ?? Number.NaN,
      };
    }),
  );
}

/** One row a measurement: the settings that differ, then what was measured, accuracies in place of errors. */
export function curveFrame(runs: readonly Run[]): DataFrame {
  const names = varyingSettings(runs);
  return new DataFrame(runs.flatMap((run) => measureRows(run).map((row) => ({ ...row, ...columnsOf(run, names) }))));
}
