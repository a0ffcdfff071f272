/** Figures 1b, S3 and S4: the lambda predicted as c/T. */

import {
  bestWithin,
  cOverLambda,
  digits,
  familyOf,
  interval,
  PAPER_C,
  predictionClaim,
  seedsSaid,
} from '../../analysis/index.ts';
import type { Predictions } from '../../analysis/index.ts';
import type { Run } from '../../runs/index.ts';
import type { LinePanel, Series } from '../lines.ts';
import { dataTable } from '../table.ts';
import type { Markdown } from '../table.ts';
import { ACCURACY, LAMBDA, meanPoint, SEEDS } from './shared.ts';

/** What runs reached within a budget. */
const reached = (x: number, steps: number, runs: readonly Run[]) =>
  meanPoint(
    x,
    runs.map((run) => bestWithin(run, steps)),
  );

/** 1b: maximum test accuracy over the budget, for the tuned lambda, the predicted one and the best single one for all budgets. */
export function predictionPanel(all: Predictions, title: string): LinePanel {
  const budgets = familyOf(all, 1);
  const { lambda } = predictionClaim(all).single;
  const runsAt = (at: number) => all.constants.find((each) => each.lambda === at)?.runs ?? [];
  return {
    title,
    subtitle: SEEDS,
    beside: true,
    x: { title: 'training budget T, epochs', log: true },
    y: ACCURACY,
    series: [
      {
        name: 'tuned λ',
        points: budgets.map(({ epochs, steps, tuned }) => reached(epochs, steps, runsAt(tuned.lambda))),
      },
      {
        name: 'predicted λ = c/T',
        points: budgets.map(({ epochs, steps, predicted }) => reached(epochs, steps, predicted.runs)),
      },
      {
        name: 'one λ for all T',
        points: budgets.map(({ epochs, steps }) => reached(epochs, steps, runsAt(lambda))),
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
    subtitle: `dashed: predicted λ; open: what it reached; ${SEEDS}`,
    beside: true,
    x: LAMBDA,
    y: { ...ACCURACY, title: 'maximum test accuracy within T' },
    series: budgets.flatMap(({ epochs, steps, predicted }): Series[] => [
      {
        name: name(epochs),
        points: all.constants.map(({ lambda, runs }) => reached(lambda, steps, runs)),
      },
      { name: name(epochs), points: [{ x: predicted.lambda, y: predicted.accuracy.value }], mark: 'hollow' },
    ]),
    verticals: budgets.map(({ epochs, predicted }) => ({ x: predicted.lambda, name: name(epochs) })),
  };
}

/** c = t* lambda of the short run beside the paper's. */
export function cTable({ c }: Predictions, who: string): Markdown {
  const here =
    'fault' in c
      ? { who, epochs: c.fault, steps: '–' }
      : { who: `${who}, ${seedsSaid(c.runs.length)}`, epochs: interval(c.epochs), steps: interval(c.steps, 2) };
  const paper = {
    who: 'paper',
    epochs: String(PAPER_C.epochs),
    steps: digits(PAPER_C.epochs * PAPER_C.stepsAnEpoch, 3),
  };
  return dataTable([paper, here], { who: 'c = t* λ', epochs: 'epochs', steps: 'steps' });
}

/** Figure 1b in numbers: tuned and predicted lambda and their accuracies, a row a budget. */
export function predictionTable(all: Predictions): Markdown {
  return dataTable(
    familyOf(all, 1).map(({ epochs, steps, tuned, predicted, difference }) => ({
      epochs,
      steps,
      tuned: interval(tuned.accuracy),
      at: `${tuned.lambda}${tuned.edge ? ', edge' : ''}`,
      predicted: interval(predicted.accuracy),
      lambda: predicted.lambda,
      difference: interval(difference),
      c: digits(predicted.lambda * steps, 3),
    })),
    {
      epochs: 'T, epochs',
      steps: 'steps',
      tuned: 'tuned',
      at: 'at λ',
      predicted: 'predicted',
      lambda: 'at λ = c/T',
      difference: 'difference',
      c: 'c, steps',
    },
  );
}

/** Figures S3 and S4 in numbers: predicted over best lambda, a row a budget. */
export function factorTable(all: Predictions, multiple: 1 | 2, preset: string): Markdown {
  return dataTable(
    familyOf(all, multiple).map(({ epochs, steps, tuned, predicted, difference }) => ({
      epochs,
      steps,
      lambda: predicted.lambda,
      c: digits(predicted.lambda * steps, 3),
      best: `${tuned.lambda}${tuned.edge ? ', edge' : ''}`,
      factor: digits(predicted.lambda / tuned.lambda, 2),
      difference: interval(difference),
    })),
    {
      epochs: `T, epochs (${preset})`,
      steps: 'steps',
      lambda: 'predicted λ',
      c: 'its c, steps',
      best: 'best λ of the grid',
      factor: 'predicted / best',
      difference: 'accuracy, predicted − best',
    },
  );
}

/** t* lambda at every constant lambda: one number, if t* ~ 1/lambda. */
export function tStarTable(all: Predictions, preset: string): Markdown {
  return dataTable(
    cOverLambda(all).map(({ lambda, steps, atLeast, seeds }) => ({
      lambda,
      steps: interval(steps, 2),
      atLeast: atLeast ? 'in the second half of a run: c is this at least' : '',
      seeds,
    })),
    { lambda: `λ of the long runs (${preset})`, steps: 't* λ, steps', atLeast: 't*', seeds: 'seeds' },
  );
}
