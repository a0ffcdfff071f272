/** Figures 1a and S12: two budgets over lambda, at one initial scale or several. */

import { bestWithin, budgetClaim, interval, scaleClaim } from '../../analysis/index.ts';
import type { BudgetSweep } from '../../analysis/index.ts';
import type { LinePanel, LinePoint } from '../lines.ts';
import { dataTable } from '../table.ts';
import type { Markdown } from '../table.ts';
import { ACCURACY, LAMBDA, meanPoint, point, SEEDS } from './shared.ts';

/** 1a, S12: maximum test accuracy over lambda for the two budgets, at one initial scale. */
export function budgetPanel({ points, fixedSteps, pace }: BudgetSweep, sigmaW: number, title: string): LinePanel {
  const of = (budget: 'fixed' | '1/lambda') =>
    points
      .filter((each) => each.sigmaW === sigmaW && each.budget === budget)
      .map(({ lambda, runs }) =>
        meanPoint(
          lambda,
          runs.map((run) => bestWithin(run)),
        ),
      );
  return {
    title,
    subtitle: Number.isFinite(fixedSteps) ? `${fixedSteps} steps, or ${Number(pace.toPrecision(2))}/λ; ${SEEDS}` : '',
    beside: true,
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
    beside: true,
    series: sigmas.map((sigmaW) => ({ name: `σ_w = ${sigmaW}`, points: of(sigmaW) })),
  });
  const maxima = (budget: 'fixed' | '1/lambda') => (sigmaW: number) =>
    points
      .filter((each) => each.sigmaW === sigmaW && each.budget === budget)
      .map(({ lambda, runs }) =>
        meanPoint(
          lambda,
          runs.map((run) => bestWithin(run)),
        ),
      );
  return [
    panel('T ~ 1/λ, early', 'where the mean has made half of its way', (sigmaW) =>
      rows.flatMap(({ lambda, scales }) =>
        scales.filter((each) => each.sigmaW === sigmaW).map(({ early }) => point(lambda, early)),
      ),
    ),
    panel('T ~ 1/λ, late', `the maximum; ${SEEDS}`, maxima('1/lambda')),
    panel('Fixed budget', `the maximum in ${fixedSteps} steps`, maxima('fixed')),
  ];
}

/** Figure 1a in numbers, a row a preset: drops of the fixed time, the plateau of the time ~ 1/lambda, what training longer gains. */
export function budgetTable(presets: readonly { preset: string; budgets: BudgetSweep }[], sigmaW = 1): Markdown {
  return dataTable(
    presets.map(({ preset, budgets }) => {
      const { lambdas, best, fixedDrop, plateau, repair, seeds } = budgetClaim(budgets, sigmaW);
      return {
        preset,
        lambdas,
        seeds,
        best: best.lambda,
        small: interval(fixedDrop.small),
        large: interval(fixedDrop.large),
        decades: plateau.decades,
        height: plateau.height,
        repair: interval(repair),
      };
    }),
    {
      preset: 'preset',
      lambdas: 'λ with both budgets',
      seeds: 'seeds',
      best: 'best λ, fixed time',
      small: 'its drop to the smallest λ',
      large: 'to the largest',
      decades: 'plateau of time ~ 1/λ, decades',
      height: 'height of the plateau',
      repair: 'gain of training longer at the smallest λ',
    },
  );
}
