/** Figures S1, S5 and S6: what single runs and their summaries show. */

import { groupBy, meanOf } from '../../analysis/index.ts';
import type { RunSummary } from '../../analysis/index.ts';
import type { Run } from '../../runs/index.ts';
import type { LinePanel, Series } from '../lines.ts';
import { curve, EPOCHS, LAMBDA, point } from './shared.ts';

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
    // At training accuracy 1 and at the maximum on one scale.
    y: {
      title: 'test accuracy',
      format: '.2f',
      reach: shown.flatMap((each) => [each.fitTestAccuracy, each.maxTestAccuracy]).filter(Number.isFinite),
    },
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
