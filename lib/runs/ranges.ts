/** What a line must hold given its run: the ranges that the configuration sets. `lines.ts` checks a line by itself. */

import { measureSteps } from './schedule.ts';
import type { Run, RunConfig, RunHeader, RunLine } from './types.ts';

/** Rounding of an epoch or of a scheduled eta. */
const TOLERANCE = 1e-9;

/** Why this line cannot be one of this run, or undefined. */
export function outOfRange(line: Exclude<RunLine, RunHeader>, { config }: RunHeader): string | undefined {
  if (line.step > config.steps) return `step ${line.step} lies behind step ${config.steps}, the run's last`;
  if (line.kind === 'l2-decay' || line.kind === 'measure') {
    const fault = lambdaFault(line.lambda, config);
    if (fault !== undefined) return fault;
  }
  if (line.kind !== 'measure') return undefined;
  const { trainLoss, testLoss, l2Norm, trainError, testError } = line;
  if ([trainLoss, testLoss, l2Norm].every(Number.isFinite) && ![trainError, testError].every(Number.isFinite))
    return `an error is NaN at step ${line.step} where losses and norm are numbers`;
  const epoch = line.step / Math.max(1, Math.floor(config.data.trainSamples / config.batchSize));
  if (Math.abs(line.epoch - epoch) > TOLERANCE * Math.max(1, epoch))
    return `epoch is ${line.epoch} at step ${line.step}, by batch size and samples it is ${epoch}`;
  if (config.schedule.kind === 'constant' ? line.eta !== config.eta : line.eta > config.eta * (1 + TOLERANCE))
    return `eta is ${line.eta}, the run's is ${config.eta}`;
  return undefined;
}

function lambdaFault(lambda: number, config: RunConfig): string | undefined {
  if (config.autoL2 === undefined)
    return lambda === config.lambda ? undefined : `lambda is ${lambda}, the run's is ${config.lambda}`;
  return lambda <= config.lambda ? undefined : `lambda is ${lambda}, more than ${config.lambda}, from which it decays`;
}

/** In a log of schema 1, where no digest tells of a lost line: the first measurement that is not of the step that its schedule says, or undefined. */
export function wrongStep({
  header: { schema, config },
  measures,
  end,
}: Pick<Run, 'header' | 'measures' | 'end'>): { found: string; expected: string } | undefined {
  if (schema !== 1 || measures.length === 0) return undefined;
  const planned = measureSteps(config.measure, config.steps);
  const at = measures.findIndex(({ step }, index) => step !== planned[index]);
  // A run that diverges measures where it noticed.
  if (at === -1 || (end?.reason === 'diverged' && at === measures.length - 1)) return undefined;
  return {
    found: `measurement ${at + 1} is of step ${measures[at]!.step}`,
    expected: `step ${planned[at] ?? 'none'}, by its schedule`,
  };
}

/** Why a run cannot have ended so, or undefined. */
export function wrongEnd({
  header: { config },
  measures,
  observations,
  end,
}: Pick<Run, 'header' | 'measures' | 'observations' | 'end'>): { found: string; expected: string } | undefined {
  // A run that was stopped while it repeated logged steps ends before the last of them.
  if (end?.reason !== 'finished' && end?.reason !== 'diverged') return undefined;
  const last = Math.max(measures.at(-1)?.step ?? -1, observations.at(-1)?.step ?? -1);
  if (end.step < last)
    return { found: `the end is at step ${end.step}, before step ${last}`, expected: 'the end at the last step' };
  if (end.reason === 'diverged') return undefined;
  // Where there are measurements, AutoL2's looks between them are all that is observed.
  const measured = (measures.at(-1) ?? observations.at(-1))?.step;
  if (end.step !== config.steps || measured !== config.steps)
    return {
      found: `a finished run was last measured at step ${measured ?? 'none'} and ended at step ${end.step}`,
      expected: `step ${config.steps}, its length`,
    };
  return undefined;
}
