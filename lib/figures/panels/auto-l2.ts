/** Figures 1c and S9 to S11: AutoL2 against constant lambdas. */

import { AUTO_L2_RULES, contest, decays, interval, measured, meanOf } from '../../analysis/index.ts';
import type { Contender, Contest } from '../../analysis/index.ts';
import type { Run } from '../../runs/index.ts';
import type { LinePanel, LinePoint } from '../lines.ts';
import { dataTable } from '../table.ts';
import type { Markdown } from '../table.ts';
import { curve, EPOCHS_EVEN } from './shared.ts';

/** 1c, S9 to S11: test accuracy over epochs, AutoL2 in full lines and constants dashed; the mean over seeds, from the lowest to the highest. */
export function autoL2Panel({ steps }: Contest, contenders: readonly Contender[], title: string): LinePanel {
  const drops = etaDrops(contenders[0]?.runs[0]);
  return {
    title,
    ...(drops.length > 0 && { subtitle: 'dashed upright: drops of η' }),
    verticals: drops.map((x) => ({ x })),
    x: EPOCHS_EVEN,
    y: { title: 'test accuracy', format: '.2f' },
    series: contenders.map(({ name, lambda, runs }) => ({
      name,
      points: meanCurve(runs.map((run) => curve(run, 'test accuracy', steps))),
      mark: lambda === undefined ? 'line' : 'dashed',
    })),
  };
}

/** Epochs at which the learning rate of a run drops. */
function etaDrops(run: Run | undefined): number[] {
  const epochs = run?.measures.at(-1)?.epoch ?? NaN;
  const schedule = run?.header.config.schedule;
  if (schedule?.kind === 'steps') return schedule.fractions.map((fraction) => fraction * epochs);
  if (schedule?.kind !== 'epochs') return [];
  const first = Math.trunc(schedule.fraction * Math.round(epochs));
  return Array.from({ length: schedule.drops }, (_, i) => (i + 1) * first);
}

/** Where every curve has a point. */
function meanCurve(curves: readonly LinePoint[][]): LinePoint[] {
  const [first = new Map<number, number>(), ...rest] = curves.map(
    (points) => new Map(points.map(({ x, y }) => [x, y])),
  );
  return [...first].flatMap(([x, y]) => {
    const ys = [y, ...rest.flatMap((each) => each.get(x) ?? [])];
    if (ys.length < curves.length) return [];
    return [{ x, y: meanOf(ys).value, ...(ys.length > 1 && { low: Math.min(...ys), high: Math.max(...ys) }) }];
  });
}

/** S9, S10: lambda over epochs, of the first seed. */
export function schedulePanel({ steps }: Contest, contenders: readonly Contender[], title: string): LinePanel {
  return {
    title,
    x: EPOCHS_EVEN,
    y: { title: 'L2 coefficient λ', log: true },
    series: contenders.map(({ name, lambda, runs }) => {
      const run = runs[0]!;
      const epochs = measured(run)
        .filter(({ step, epoch }) => step <= steps && epoch > 0)
        .map(({ epoch }) => epoch);
      const [first, last] = [epochs[0] ?? NaN, epochs.at(-1) ?? NaN];
      if (lambda !== undefined) return { name, mark: 'dashed', points: [first, last].map((x) => ({ x, y: lambda })) };
      const changes = decays(run);
      const stages = [{ epoch: first, lambda: run.header.config.lambda }, ...changes];
      return {
        name,
        mark: 'steps',
        points: [...stages, { epoch: last, lambda: stages.at(-1)!.lambda }].map((each) => ({
          x: each.epoch,
          y: each.lambda,
        })),
      };
    }),
  };
}

/** Best test accuracies of AutoL2 and of every constant, within the whole run and within its first part. */
export function contestTable({ steps, autos, constants }: Contest): Markdown {
  return dataTable(
    [...autos, ...constants].map(({ name, best, early }) => ({ name, best: interval(best), early: interval(early) })),
    { name: `over ${steps} steps`, best: 'maximum test accuracy', early: `within ${AUTO_L2_RULES.early} of them` },
  );
}

/** The runs at a constant learning rate, of AutoL2 and of constant lambdas: figures 1c and S9. */
export const constantEta = (runs: readonly Run[]): Contest =>
  contest(runs.filter(({ header }) => header.config.schedule.kind === 'constant'));
