/** The panels of figures 1, S1, S3 to S7 and S9 to S12, from what lib/analysis makes of their runs. Drawn by `lines`. */

import {
  bestWithin,
  decays,
  familyOf,
  groupBy,
  measured,
  meanOf,
  predictionClaim,
  scaleClaim,
} from '../analysis/index.ts';
import type { BudgetSweep, Contender, Contest, Estimate, Predictions, RunSummary } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import type { LinePanel, LinePoint, Series } from './lines.ts';

const LAMBDA = { title: 'L2 coefficient λ', log: true } as const;
const EPOCHS = { title: 'epochs', log: true } as const;
const ACCURACY = { title: 'maximum test accuracy', format: '.2f' } as const;

const point = (x: number, { value, low, high }: Estimate): LinePoint => ({ x, y: value, low, high });

/** 1a, S12: maximum test accuracy over lambda for the two budgets, at one initial scale. */
export function budgetPanel({ points, fixedSteps, pace }: BudgetSweep, sigmaW: number, title: string): LinePanel {
  const of = (budget: 'fixed' | '1/lambda') =>
    points
      .filter((each) => each.sigmaW === sigmaW && each.budget === budget)
      .map(({ lambda, accuracy }) => point(lambda, accuracy));
  return {
    title,
    subtitle: Number.isFinite(fixedSteps) ? `${fixedSteps} steps, or ${Number(pace.toPrecision(2))}/λ steps` : '',
    x: LAMBDA,
    y: ACCURACY,
    series: [
      { name: 'fixed budget', points: of('fixed') },
      { name: 'T ~ 1/λ', points: of('1/lambda') },
    ],
  };
}

/** S12: over lambda, a curve an initial scale: the maxima of both budgets, and T ~ 1/lambda early, at the step of ScaleClaim's rows. */
export function scalePanels(sweep: BudgetSweep): LinePanel[] {
  const { points, sigmas, fixedSteps } = sweep;
  const { rows } = scaleClaim(sweep);
  const panel = (title: string, subtitle: string, of: (sigmaW: number) => LinePoint[]): LinePanel => ({
    title,
    subtitle,
    x: LAMBDA,
    y: { title: 'test accuracy', format: '.2f' },
    series: sigmas.map((sigmaW) => ({ name: `σ_w = ${sigmaW}`, points: of(sigmaW) })),
  });
  const maxima = (budget: 'fixed' | '1/lambda') => (sigmaW: number) =>
    points
      .filter((each) => each.sigmaW === sigmaW && each.budget === budget)
      .map(({ lambda, accuracy }) => point(lambda, accuracy));
  return [
    panel('T ~ 1/λ, early', 'where the mean has made half of its way', (sigmaW) =>
      rows.flatMap(({ lambda, scales }) =>
        scales.filter((each) => each.sigmaW === sigmaW).map(({ early }) => point(lambda, early)),
      ),
    ),
    panel('T ~ 1/λ, late', 'the maximum', maxima('1/lambda')),
    panel('Fixed budget', `the maximum in ${fixedSteps} steps`, maxima('fixed')),
  ];
}

/** 1b: maximum test accuracy over the budget, for the tuned lambda, the predicted one and the best single one for all budgets. */
export function predictionPanel(all: Predictions, title: string): LinePanel {
  const budgets = familyOf(all, 1);
  const { lambda } = predictionClaim(all).single;
  const single = all.constants.find((each) => each.lambda === lambda)?.runs ?? [];
  return {
    title,
    x: { title: 'training budget T, epochs', log: true },
    y: ACCURACY,
    series: [
      { name: 'tuned λ', points: budgets.map(({ epochs, tuned }) => point(epochs, tuned.accuracy)) },
      { name: 'predicted λ = c/T', points: budgets.map(({ epochs, predicted }) => point(epochs, predicted.accuracy)) },
      {
        name: 'one λ for all T',
        points: budgets.map(({ epochs, steps }) => point(epochs, meanOf(single.map((run) => bestWithin(run, steps))))),
      },
    ],
  };
}

/** S3, S4: the best accuracy within each budget over lambda; dashed, in the budget's colour, the predicted lambda. */
export function tuningPanel(all: Predictions, multiple: 1 | 2, title: string): LinePanel {
  const budgets = familyOf(all, multiple);
  const name = (epochs: number) => `T = ${Number(epochs.toPrecision(3))}`;
  return {
    title,
    subtitle: 'dashed: predicted λ; open: what it reached',
    x: LAMBDA,
    y: { ...ACCURACY, title: 'maximum test accuracy within T' },
    series: budgets.flatMap(({ epochs, steps, predicted }): Series[] => [
      {
        name: name(epochs),
        points: all.constants.map(({ lambda, runs }) =>
          point(lambda, meanOf(runs.map((run) => bestWithin(run, steps)))),
        ),
      },
      { name: name(epochs), points: [point(predicted.lambda, predicted.accuracy)], mark: 'hollow' },
    ]),
    verticals: budgets.map(({ epochs, predicted }) => ({ x: predicted.lambda, name: name(epochs) })),
  };
}

/** What was measured over epochs, up to a step. */
function curve(
  run: Run,
  value: 'test accuracy' | 'training accuracy' | 'training loss' | 'test loss',
  within = Infinity,
): LinePoint[] {
  return measured(run)
    .filter(({ epoch, step }) => epoch > 0 && step <= within)
    .map(({ epoch, testError, trainError, trainLoss, testLoss }) => ({
      x: epoch,
      y: {
        'test accuracy': 1 - testError,
        'training accuracy': 1 - trainError,
        'training loss': trainLoss,
        'test loss': testLoss,
      }[value],
    }));
}

/** 1c, S9 to S11: test accuracy over epochs, AutoL2 in full lines and constants dashed; the mean over seeds, from the lowest to the highest. */
export function autoL2Panel({ steps }: Contest, contenders: readonly Contender[], title: string): LinePanel {
  return {
    title,
    x: EPOCHS,
    y: { title: 'test accuracy', format: '.2f' },
    series: contenders.map(({ name, lambda, runs }) => ({
      name,
      points: meanCurve(runs.map((run) => curve(run, 'test accuracy', steps))),
      mark: lambda === undefined ? 'line' : 'dashed',
    })),
  };
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
    x: EPOCHS,
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

/** S1: epochs to training accuracy 1 over eta, a curve a lambda. */
export function fitTimePanel(summaries: readonly RunSummary[], title: string): LinePanel {
  const reached = summaries.filter(({ fitEpochs }) => Number.isFinite(fitEpochs));
  const lambdas = [...groupBy(reached, ({ lambda }) => lambda)].sort(([a], [b]) => a - b);
  return {
    title,
    x: { title: 'learning rate η', log: true },
    y: { title: 'epochs to training accuracy 1', log: true },
    series: lambdas.map(([lambda, same]) => ({
      name: `λ = ${lambda}`,
      points: [...groupBy(same, ({ eta }) => eta)]
        .sort(([a], [b]) => a - b)
        .map(([eta, seeds]) => point(eta, meanOf(seeds.map(({ fitEpochs }) => fitEpochs)))),
    })),
  };
}

/** S5: a test accuracy over lambda, a curve an eta. */
export function accuracyPanel(
  summaries: readonly RunSummary[],
  field: 'fitTestAccuracy' | 'maxTestAccuracy',
  title: string,
): LinePanel {
  const shown = summaries.filter(({ lambda, outcome }) => lambda > 0 && outcome === 'finished');
  return {
    title,
    x: LAMBDA,
    y: { title: 'test accuracy', format: '.2f' },
    series: [...groupBy(shown, ({ eta }) => eta)].map(([eta, same]) => ({
      name: `η = ${eta}`,
      points: [...groupBy(same, ({ lambda }) => lambda)]
        .sort(([a], [b]) => a - b)
        .map(([lambda, seeds]) => point(lambda, meanOf(seeds.map((each) => each[field])))),
    })),
  };
}

/** S5: the training loss of one lambda over eta x epochs, a curve an eta. */
export function lossPanel(runs: readonly Run[], title: string): LinePanel {
  return {
    title,
    x: { title: 'η × epochs', log: true },
    y: { title: 'training MSE', log: true },
    series: runs.map((run) => ({
      name: `η = ${run.header.config.eta}`,
      points: curve(run, 'training loss').map(({ x, y }) => ({ x: x * run.header.config.eta, y })),
      mark: 'line',
    })),
  };
}

/** S6: accuracy (training dashed) and loss of a few runs of a network over epochs. */
export function curvePanels(runs: readonly Run[], name: string): LinePanel[] {
  const labels = ['smallest λ', 'median λ', 'largest λ'];
  const eta = runs[0]?.header.config.eta;
  const both = (test: 'test accuracy' | 'test loss', training: 'training accuracy' | 'training loss'): Series[] =>
    runs.flatMap((run, i): Series[] => [
      { name: labels[i]!, points: curve(run, test), mark: 'line' },
      { name: labels[i]!, points: curve(run, training), mark: 'dashed' },
    ]);
  const lambdas = runs.map((run) => run.header.config.lambda).join(', ');
  return [
    {
      title: `${name}: accuracy`,
      subtitle: `η = ${eta}, λ = ${lambdas}; dashed: training`,
      x: EPOCHS,
      y: { title: 'accuracy', format: '.2f' },
      series: both('test accuracy', 'training accuracy'),
    },
    {
      title: `${name}: loss`,
      subtitle: 'without the L2 term; dashed: training',
      x: EPOCHS,
      y: { title: 'loss', log: true },
      series: both('test loss', 'training loss'),
    },
  ];
}
