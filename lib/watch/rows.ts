/** What the page is given of a run: one row of the table, and its curve where it is drawn. Plain JSON. */
import { settingsOf } from '../own/settings.ts';
import type { SettingValue } from '../own/types.ts';
import type { WatchedRun, WatchedState } from './reader.ts';

export interface Row {
  id: number;
  name: string;
  sweep: string;
  preset: string;
  state: WatchedState;
  settings: Record<string, SettingValue>;
  /** Nested settings as JSON text, for differences of two runs. */
  config: unknown;
  step: number;
  steps: number;
  seconds: number;
  /** Seconds until its end at its own pace; null where unknown or over. */
  left: number | null;
  resumes: number;
  note: string;
  /** Why it failed or cannot be read. */
  message: string;
  /** null where not measured or not finite. */
  best: number | null;
  testAccuracy: number | null;
  trainAccuracy: number | null;
  testLoss: number | null;
  trainLoss: number | null;
  file: string;
}

/** Columns of a curve, as drawn. */
export interface Curve {
  id: number;
  step: number[];
  epoch: number[];
  seconds: number[];
  testAccuracy: (number | null)[];
  trainAccuracy: (number | null)[];
  testLoss: (number | null)[];
  trainLoss: (number | null)[];
  l2Norm: (number | null)[];
}

/** JSON has no NaN. Seven digits are what float32 holds, and what a screen shows. */
const finite = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(7)) : null);

export function rowOf(run: WatchedRun): Row {
  const { id, file, sweep, preset, state, header, measures, end, resumes, note, problem } = run;
  const last = measures.at(-1);
  const steps = header?.config.steps ?? 0;
  const step = end?.step ?? last?.step ?? 0;
  const seconds = end?.seconds ?? last?.seconds ?? 0;
  const best = measures.reduce((least, { testError }) => Math.min(least, testError), Infinity);
  return {
    id,
    name: file
      .slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
      .replace(/(-[0-9a-f]{8})?\.jsonl$/, ''),
    sweep,
    preset,
    state,
    settings: header ? settingsOf(header.config) : {},
    config: header?.config ?? {},
    step,
    steps,
    seconds,
    left: state === 'running' && step > 0 ? finite((seconds / step) * (steps - step)) : null,
    resumes,
    note,
    message: problem ?? end?.message ?? '',
    best: finite(1 - best),
    testAccuracy: last ? finite(1 - last.testError) : null,
    trainAccuracy: last ? finite(1 - last.trainError) : null,
    testLoss: last ? finite(last.testLoss) : null,
    trainLoss: last ? finite(last.trainLoss) : null,
    file,
  };
}

export function curveOf({ id, measures }: WatchedRun): Curve {
  return {
    id,
    step: measures.map(({ step }) => step),
    epoch: measures.map(({ epoch }) => Number(epoch.toPrecision(7))),
    seconds: measures.map(({ seconds }) => seconds),
    testAccuracy: measures.map(({ testError }) => finite(1 - testError)),
    trainAccuracy: measures.map(({ trainError }) => finite(1 - trainError)),
    testLoss: measures.map(({ testLoss }) => finite(testLoss)),
    trainLoss: measures.map(({ trainLoss }) => finite(trainLoss)),
    l2Norm: measures.map(({ l2Norm }) => finite(l2Norm)),
  };
}
