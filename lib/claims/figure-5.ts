/** Figure 5: theory at infinite width (a, b), and a trained two-layer network between its two readings (c). */

import { crossover, digits, FIGURE_5_RULES, followingClaim, scientific } from '../analysis/index.ts';
import type { Part } from '../analysis/index.ts';
import type { TrainedCurve } from '../theory/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, FigureLogs, SweepLogs } from './claim.ts';
import { sentence } from './plain.ts';

/** What the workbook computes from the equations: each a largest deviation. */
export interface EquationErrors {
  /** Of equation 3 and (S10) from an ODE solver. */
  solver: number;
  /** Largest function left for k = 2 at the last time. */
  decayed: number;
  /** From gamma/(gamma + lambda) for k = 1. */
  linear: number;
}

/** Deviations below these are rounding. Set with the computation at hand. */
export const EQUATION_RULES = { solver: 1e-10, decayed: 1e-6, linear: 1e-10 } as const;

export function figure5(
  logs: FigureLogs,
  errors: EquationErrors,
  curvesOf: (sweep: SweepLogs['opened'][number]) => readonly TrainedCurve[],
): Conclusion {
  const relu = sweepOf(logs, 'relu-two-layer');
  const solved = errors.solver < EQUATION_RULES.solver;
  const equation = (panel: string, claim: string, holds: boolean, effect: number, words: string): Part => ({
    panel,
    claim,
    verdict: holds && solved ? 'shown' : 'not shown',
    measure: 'largest deviation',
    effect,
    interval: null,
    n: 1,
    of: 'computation',
    words: `${words}; equation 3 and (S10) within ${scientific(errors.solver)} of an ODE solver`,
  });
  const judged = judgeParts(relu, (sweep) => {
    const curves = curvesOf(sweep);
    const { decisive, agreement } = followingClaim(curves);
    const { left, decayed } = crossover(curves);
    const part: Omit<Part, 'decides'> = {
      panel: '5c',
      claim: 'a trained network of width 100,000 follows the theory for k = 2, not k = 1',
      verdict: !decisive
        ? 'undecided'
        : agreement === 'shown'
          ? 'shown'
          : agreement === 'shown in part'
            ? 'undecided'
            : 'not shown',
      measure: 'largest root mean square distance to k = 2 in steps of η',
      effect: decisive?.largestInSteps ?? null,
      interval: null,
      n: curves.length,
      of: 'trained networks',
      words: decisive
        ? `width ${decisive.width}, λ = ${decisive.lambda}: within ${digits(decisive.largestInSteps, 2)} of k = 2 in steps of η (${digits(decisive.largest2, 2)} of the flow), ${digits(decisive.largest1, 2)} from k = 1; the function is left up to λ² n = ${digits(left, 2)}${Number.isFinite(decayed) ? ` and gone from ${digits(decayed, 2)} on` : ''}`
        : 'no finished training run beside a kernel',
    };
    return [
      equation(
        '5a',
        'for k = 2 every mode of the function decays to 0',
        errors.decayed < EQUATION_RULES.decayed,
        errors.decayed,
        `at most ${scientific(errors.decayed)} is left at t = 2000`,
      ),
      equation(
        '5b',
        'for k = 1 a mode ends at γ/(γ + λ) of its label',
        errors.linear < EQUATION_RULES.linear,
        errors.linear,
        `within ${scientific(errors.linear)} of it at t = 10,000`,
      ),
      partOf(
        part,
        sweep,
        `width ${FIGURE_5_RULES.width.toLocaleString('en')}: the planned runs, about an hour of two cores`,
      ),
    ];
  });
  const { parts, sweep } = judged;
  return concludeFrom(
    {
      figure: '5',
      claim:
        'At infinite width L2 makes the function of a two-layer network decay to 0, unlike a linear model; a trained network of width 100,000 follows that theory.',
      sentence: sentence(
        `the paper’s equations, solved in two ways, and two-layer networks of up to 100,000 units trained ${sweep.runs.filter(({ header }) => header.config['observe'] !== 'kernel').length} times on 200 handwritten digits`,
        [
          parts[2]!.verdict === 'shown'
            ? 'with L2 what the network has learnt is forgotten in the end, at the pace that the equations give, unlike in a linear model'
            : 'the equations say that what the network has learnt is forgotten in the end, unlike in a linear model; training has not shown it here',
        ],
        parts,
        'width, digits and learning rate are the paper’s, the strength of L2 is ours',
      ),
      standIn: "λ and the loss's normalisation of 5c, which the paper does not give, are ours.",
    },
    [{ name: '5', ...judged }],
    Object.values(logs),
  );
}
