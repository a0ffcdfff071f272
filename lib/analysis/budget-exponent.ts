/** Beyond the paper: how the best lambda falls with the training budget, d log(best lambda) / d log(budget); the paper's c/T makes it -1. */

import type { Run } from '../runs/index.ts';
import { bestWithin, groupBy, meanOf } from './curve.ts';
import { fitPowerLaw } from './power-law.ts';
import { mean } from './regress.ts';
import type { Estimate } from './regress.ts';
import { seedOf } from './seeds.ts';
import { smoothRun } from './smooth-run.ts';

/** The best lambda of one budget, by means over looks and seeds. */
export interface BestAtBudget {
  steps: number;
  lambda: number;
  accuracy: number;
  /** The smallest or largest lambda there: a better one may lie outside. */
  edge: boolean;
}

export interface BudgetExponent {
  rows: BestAtBudget[];
  /** Over budgets, of the seeds' mean curves. */
  overBudgets: Estimate | undefined;
  /** The exponents of single seeds, and their mean with its interval. */
  overSeeds: Estimate | undefined;
  seeds: number;
}

const exponentOf = (rows: readonly BestAtBudget[]): Estimate | undefined =>
  rows.length < 3
    ? undefined
    : fitPowerLaw(
        rows.map(({ lambda }) => lambda),
        { steps: rows.map(({ steps }) => steps) },
      ).exponents['steps'];

function bests(
  settings: readonly { lambda: number; runs: readonly Run[] }[],
  budgets: readonly number[],
): BestAtBudget[] {
  return budgets.flatMap((steps) => {
    const reached = settings
      .map(({ lambda, runs }) => ({ lambda, accuracy: mean(runs.map((run) => bestWithin(run, steps))) }))
      .filter(({ accuracy }) => Number.isFinite(accuracy))
      .sort((a, b) => a.lambda - b.lambda);
    if (reached.length < 3) return [];
    const best = reached.reduce((top, next) => (next.accuracy > top.accuracy ? next : top));
    return [{ steps, ...best, edge: best === reached[0] || best === reached.at(-1) }];
  });
}

/** From runs without a learning-rate schedule: the best within a budget is a running maximum of one run a lambda and seed. */
export function budgetExponent(runs: readonly Run[], budgets: readonly number[]): BudgetExponent {
  const smooth = runs.filter(({ header }) => header.config.lambda > 0).map(smoothRun);
  const settingsOf = (some: readonly Run[]) =>
    [...groupBy(some, ({ header }) => header.config.lambda)].map(([lambda, same]) => ({ lambda, runs: same }));
  const rows = bests(settingsOf(smooth), budgets);
  const seeds = [...groupBy(smooth, seedOf).values()].flatMap(
    (own) => exponentOf(bests(settingsOf(own), budgets)) ?? [],
  );
  return {
    rows,
    overBudgets: exponentOf(rows),
    overSeeds: seeds.length > 1 ? meanOf(seeds.map(({ value }) => value)) : undefined,
    seeds: seeds.length,
  };
}

/** From runs of their own at every length (a schedule is rescaled to it): the best lambda of each length. */
export function lengthExponent(runs: readonly Run[]): BudgetExponent {
  const lengths = groupBy(
    runs.filter(({ header }) => header.config.lambda > 0),
    ({ header }) => header.config.steps,
  );
  const rows = [...lengths]
    .sort(([a], [b]) => a - b)
    .flatMap(([steps, same]) =>
      bests(
        [...groupBy(same, ({ header }) => header.config.lambda)].map(([lambda, own]) => ({ lambda, runs: own })),
        [steps],
      ),
    );
  return { rows, overBudgets: exponentOf(rows), overSeeds: undefined, seeds: 1 };
}
