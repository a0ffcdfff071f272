/** Successive halving over a sweep of one's own, by a rule that every log states: stops what cannot catch up by the paper's time scale. */
import { decayRate } from '../analysis/summary.ts';
import { DATA_FOLDERS, measureSteps, OWN_LOGS, readRun, type Run, type RunConfig } from '../runs/index.ts';
import { planRuns, type PlannedRun } from '../runner/index.ts';
import { trainSweep, type TrainedRun, type TrainSweepOptions } from './train.ts';
import { DefinitionError, type OwnSweep } from './types.ts';

export interface HalvingOptions extends Omit<TrainSweepOptions, 'until' | 'chosen'> {
  /** Steps at which runs are compared, growing, each below the length of a run. */
  rungs: readonly number[];
  /** Of the runs that can be compared, one in so many goes on; default 3. */
  factor?: number;
  /** What is compared, the best up to the rung: default the test error. Whoever chooses by it must measure the winner on other data. */
  by?: 'testError' | 'testLoss' | 'trainLoss';
}

/** What became of the runs at one rung, by the names of their files. */
export interface Rung {
  step: number;
  /** Among the best. */
  kept: string[];
  /** Their time 1/(eta lambda) lies behind the rung: they could not be compared, and go on. */
  waiting: string[];
  stopped: string[];
}

export interface Halved {
  rungs: Rung[];
  runs: TrainedRun[];
}

/**
 * Steps in which L2 alone shrinks weights by 1/e: 1/(eta lambda) for plain gradient descent. The best test accuracy comes at about this time or
 * later (paper, section 2): a run that has not come so far cannot be told from a bad one. 0 without L2, where there is nothing to wait for.
 */
export function timeScale(config: Pick<RunConfig, 'eta' | 'lambda' | 'momentum' | 'l2Convention'>): number {
  const rate = decayRate(config);
  return rate > 0 ? 1 / rate : 0;
}

/** Which runs go on behind a rung: ties do, diverged ones (score Infinity) do not. */
export function decide(
  scores: readonly { name: string; scale: number; score: number }[],
  { step, factor }: { step: number; factor: number },
): Rung {
  const comparable = scores.filter(({ scale }) => scale <= step);
  const waiting = scores.filter(({ scale }) => scale > step);
  const places = Math.max(1, Math.ceil(comparable.length / factor));
  const sorted = comparable.map(({ score }) => score).sort((a, b) => a - b);
  const bound = sorted[places - 1] ?? Infinity;
  const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);
  return {
    step,
    kept: names(comparable.filter(({ score }) => score <= bound)),
    waiting: names(waiting),
    stopped: names(comparable.filter(({ score }) => !(score <= bound))),
  };
}

/** The best of a run up to a step; what is not finite is the worst. */
function bestUntil(run: Run, step: number, by: 'testError' | 'testLoss' | 'trainLoss'): number {
  return run.measures
    .filter((measure) => measure.step <= step)
    .reduce((best, measure) => Math.min(best, Number.isFinite(measure[by]) ? measure[by] : Infinity), Infinity);
}

/**
 * Trains all runs to the first rung, stops those that the rule stops, and so on; what is left is trained to its end. A stopped run's log ends
 * with `stopped` and the rule; `npm run train` would go on with it. Called again, it goes on where it was and decides the same.
 * @throws DefinitionError for rungs that no run can be compared at, and as trainSweep
 */
export async function halveSweep(sweep: OwnSweep, options: HalvingOptions): Promise<Halved> {
  const { rungs: steps, factor = 3, by = 'testError', ...rest } = options;
  const { preset = 'desk', root = DATA_FOLDERS.at(-1) ?? OWN_LOGS, signal } = rest;
  const all = planRuns(sweep, preset, root);
  const shortest = Math.min(...all.map(({ config }) => config.steps));
  const isGrowing = steps.every((step, i) => Number.isInteger(step) && step > (steps[i - 1] ?? 0));
  if (steps.length === 0 || !isGrowing || steps.at(-1)! >= shortest)
    throw new DefinitionError(
      `rungs is [${steps.join(', ')}]: expected growing whole numbers below ${shortest}, the shortest run's length`,
    );
  if (!(factor > 1)) throw new DefinitionError(`factor is ${factor}: expected a number above 1`);
  const scales = all.map(({ config }) => timeScale(config)).filter((scale) => scale > 0);
  if (scales.length > 0 && Math.min(...scales) > steps.at(-1)!)
    throw new DefinitionError(
      `no run has come to its 1/(eta lambda) by step ${steps.at(-1)}, the last rung: the nearest needs ${Math.ceil(Math.min(...scales))} steps. Set later rungs`,
    );
  const rule = `at steps ${steps.join(', ')} the best 1 in ${factor} by ${by} goes on, of the runs whose 1/(eta lambda) is past, and every other`;
  let left: PlannedRun[] = all;
  const rungs: Rung[] = [];
  for (const step of steps) {
    const names = new Set(left.map(({ name }) => name));
    const chosen = (run: PlannedRun): boolean => names.has(run.name);
    await trainSweep(sweep, {
      ...rest,
      preset,
      root,
      chosen,
      until: { step, why: `successive halving, step ${step}: ${rule}` },
    });
    if (signal?.aborted) break;
    const scores = left.map((run) => ({
      name: run.name,
      scale: timeScale(run.config),
      score: hasMeasured(run, step) ? bestUntil(readRun(run.file), step, by) : Number.NaN,
    }));
    const missing = scores.find(({ score }) => Number.isNaN(score));
    if (missing)
      throw new Error(`${missing.name} has not come to step ${step}: it failed, or another process is at it`);
    const rung = decide(scores, { step, factor });
    rungs.push(rung);
    const goOn = new Set([...rung.kept, ...rung.waiting]);
    left = left.filter(({ name }) => goOn.has(name));
  }
  const names = new Set(left.map(({ name }) => name));
  const made = signal?.aborted
    ? []
    : await trainSweep(sweep, { ...rest, preset, root, chosen: ({ name }) => names.has(name) });
  return { rungs, runs: made };
}

/** Measured there, or over before. */
function hasMeasured(run: PlannedRun, step: number): boolean {
  const { measures, end } = readRun(run.file);
  const wanted = measureSteps(run.config.measure, run.config.steps).findLast((at) => at <= step) ?? 0;
  return end?.reason === 'diverged' || measures.some((measure) => measure.step >= wanted);
}
