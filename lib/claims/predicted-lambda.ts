/** Figures 1b, S3 and S4: lambda predicted as c/T from one short run. */

import {
  digits,
  effectOf,
  factorClaim,
  interval,
  PREDICTION_RULES,
  predictionClaim,
  predictions,
  seedsSaid,
  shareOf,
  TIED_RULES,
  tiedClaim,
} from '../analysis/index.ts';
import type { OpenSweep, Part, PartVerdict } from '../analysis/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, EarlierReading, FigureLogs } from './claim.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';

const FURTHER =
  'budgets at which the best λ lies inside the grid and test accuracy hangs on λ: longer runs at smaller λ, about 2 hours of two cores a seed, or the paper’s preset on a GPU';

/** Figure 1b: alike at every budget, and better than one lambda for all of them, without which a level of test accuracy would pass. */
export function predictionParts(sweep: OpenSweep): Part[] {
  const all = predictions(sweep.runs);
  const { budgets, undecided, worst, difference, single, seeds } = predictionClaim(all);
  const decided = budgets - undecided.length;
  const { shortfall } = PREDICTION_RULES;
  const enough = decided >= PREDICTION_RULES.budgets && all.constants.length >= PREDICTION_RULES.lambdas && seeds > 0;
  const verdict: PartVerdict = !enough
    ? 'undecided'
    : worst < -shortfall
      ? 'not shown'
      : seeds >= 3 && single.advantage.low > 0
        ? 'shown'
        : 'undecided';
  const edges =
    undecided.length === 0
      ? ''
      : `; at ${undecided.join(', ')} steps the best λ is an edge of the grid, which decides nothing`;
  return [
    partOf(
      {
        panel: '1b',
        claim: 'the λ predicted from one short run does as well as the tuned one, at every budget',
        verdict,
        measure: 'test accuracy of the predicted less that of the tuned λ, mean over budgets',
        ...effectOf(difference),
        n: budgets,
        of: `budgets, ${seedsSaid(seeds)}`,
        words:
          budgets === 0
            ? 'no budget has both tuned and predicted λ'
            : `${interval(difference)} in the mean over ${budgets} budgets${Number.isFinite(worst) ? `, ${worst.toFixed(3)} at worst` : ''}${edges}; less λ = ${single.lambda} at every budget: ${interval(single.advantage)}${single.advantage.low > 0 ? '' : ', so that one small λ for all does as well'} (${seedsSaid(seeds)})`,
      },
      sweep,
      FURTHER,
    ),
  ];
}

export function earlierPrediction(sweep: OpenSweep): EarlierReading[] {
  const { agreement, difference } = predictionClaim(predictions(sweep.runs));
  return [{ panel: '1b', agreement, words: `predicted less tuned ${interval(difference)} in the mean` }];
}

const rightWithin =
  (figure: 'S3' | 'S4', multiple: 1 | 2) =>
  (logs: FigureLogs): Conclusion => {
    const name = multiple === 1 ? 'c/T' : '2c/T';
    const judged = judgeParts(sweepOf(logs, 'wrn-momentum-lambda'), (sweep) => {
      const { verdict, budgets, right, farthest, seeds } = tiedClaim(predictions(sweep.runs), multiple);
      const each = budgets.map(
        ({ steps, factor, tied, lambdas }) =>
          `${digits(factor, 2)} after ${steps} steps (${tied.length} of ${lambdas} λ tied)`,
      );
      return [
        partOf(
          {
            panel: figure,
            claim: `λ = ${name} lies within a factor of ${TIED_RULES.factor} of a best λ, at every budget`,
            verdict,
            measure: `share of the budgets within a factor of ${TIED_RULES.factor}`,
            ...shareOf(right, budgets.length),
            n: budgets.length,
            of: `budgets, ${seedsSaid(seeds)}`,
            words:
              budgets.length === 0
                ? 'no budget has both best and predicted λ'
                : `${right} of ${budgets.length} budgets; predicted over the nearest λ that is tied with the best: ${each.join(', ')}; at most ${digits(farthest, 2)} (${seedsSaid(seeds)})`,
          },
          sweep,
          FURTHER,
        ),
      ];
    });
    const { plan, sweep, parts } = judged;
    const { agreement, within, decided } = factorClaim(predictions(sweep.runs), multiple);
    return concludeFrom(
      {
        figure,
        claim: `The λ predicted as ${name} from one short run lies within an order of magnitude of the best λ, at every budget.`,
        sentence: sentence(
          trained(plan, sweep),
          [
            outcome(parts[0]!, {
              shown: `one short run told the best strength of L2 to within a factor of ten, for each of ${parts[0]!.n} lengths of training`,
              'not shown': `one short run did not tell the best strength of L2 to within a factor of ten for each of ${parts[0]!.n} lengths of training`,
              undecided: 'whether one short run tells the best strength of L2 to within a factor of ten is open',
            }),
          ],
          parts,
          smaller(plan, sweep.preset),
        ),
        earlier: [
          {
            panel: figure,
            agreement,
            words: `${within} of ${decided} decided budgets within a factor of 10 of the single best λ`,
          },
        ],
      },
      [{ name: 'WRN', ...judged }],
      Object.values(logs),
    );
  };

export const figureS3 = rightWithin('S3', 1);
export const figureS4 = rightWithin('S4', 2);
