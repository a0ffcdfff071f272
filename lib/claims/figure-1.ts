/** Figure 1: (a) two budgets, (b) the predicted lambda, (c) AutoL2. */

import { concludeFrom, judgeParts, sweepOf } from './claim.ts';
import type { Conclusion, FigureLogs } from './claim.ts';
import { contestParts, earlierContest } from './autol2.ts';
import { budgetParts, budgetsOf, earlierBudgets } from './budgets.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';
import { earlierPrediction, predictionParts } from './predicted-lambda.ts';

export function figure1(logs: FigureLogs): Conclusion {
  const budget = sweepOf(logs, 'wrn-budget');
  const a = judgeParts(budget, (sweep) => budgetParts(sweep, budgetsOf(budget.plan, sweep, [1])));
  const b = judgeParts(sweepOf(logs, 'wrn-momentum-lambda'), predictionParts);
  const c = judgeParts(sweepOf(logs, 'wrn-autol2'), contestParts);
  const groups = [
    { name: 'a', ...a },
    { name: 'b', ...b },
    { name: 'c', ...c },
  ];
  const parts = groups.flatMap((group) => group.parts);
  const [inside, level, predicted, sooner, higher] = parts;
  const count = groups.reduce((total, { sweep }) => total + sweep.runs.length, 0);
  return concludeFrom(
    {
      figure: '1',
      claim:
        'Trained for a time ~ 1/λ, small λ are as good as any; the best λ of a budget is predicted from one short run; AutoL2 beats a tuned constant.',
      sentence: sentence(
        `${trained(a.plan, a.sweep, count)} with momentum and augmentation`,
        [
          outcome(inside!, {
            shown: 'in a fixed time there is a best strength of L2',
            'not shown': 'in a fixed time there is no best strength of L2',
            undecided: 'whether a fixed time has a best strength of L2 is open',
          }),
          outcome(level!, {
            shown: 'in a time that grows as L2 gets weaker all weak ones are alike',
            'not shown': 'in a time that grows as L2 gets weaker the weaker are not alike',
            undecided: 'whether weak L2 given more time is as good as any is open',
          }),
          outcome(predicted!, {
            shown: 'one short run predicts the best strength',
            'not shown': 'one short run does not predict the best strength',
            undecided: 'whether one short run predicts the best strength is open',
          }),
          `lowering L2 in steps ${outcome(higher!, {
            shown: 'ends higher than the best constant',
            'not shown': 'is not seen to end higher than the best constant',
            undecided: 'may or may not end higher than the best constant',
          })} and ${outcome(sooner!, {
            shown: 'gets there sooner',
            'not shown': 'does not get there sooner',
            undecided: 'may or may not get there sooner',
          })}`,
        ],
        parts,
        smaller(a.plan, a.sweep.preset),
      ),
      earlier: [
        ...earlierBudgets(budgetsOf(a.plan, { ...a.sweep, runs: firstClock(a.sweep.runs) }, [1])),
        ...earlierPrediction(b.sweep),
        ...earlierContest(c.sweep),
      ],
    },
    groups,
    Object.values(logs),
  );
}

/** What there was when the earlier rule judged: without the runs of the paper's clock. */
const firstClock = <T extends { role?: string }>(runs: readonly T[]): T[] =>
  runs.filter(({ role }) => role !== 'paper clock');
