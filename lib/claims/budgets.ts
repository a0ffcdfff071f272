/** Figures 1a and S12: a fixed training time against one of 1/lambda, at one initial scale and at several. */

import {
  both,
  BUDGET_RULES,
  budgetClaim,
  budgetSweep,
  clockOf,
  digits,
  effectOf,
  interval,
  isRight,
  isThere,
  levelPace,
  scaleClaim,
  SEED_RULES,
  seedsSaid,
} from '../analysis/index.ts';
import type { BudgetSweep, Clock, OpenSweep, Part, PartVerdict, PresetName, SweepPlan } from '../analysis/index.ts';
import type { SweepRun } from '../runs/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, EarlierReading, FigureLogs } from './claim.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';

const FURTHER =
  'the paper’s clock of 4.8/λ steps at more λ below 2·10⁻⁴: 50,000 steps a run and more, an hour of two cores each';

/** The budgets of a sweep by the paper's clock where it is there for these initial scales. */
export function budgetsOf(
  plan: SweepPlan,
  { runs, preset }: Pick<OpenSweep, 'runs' | 'preset'>,
  sigmas: readonly number[],
): BudgetSweep & { clock: Clock } {
  const planned = plan.runs(preset as PresetName) as SweepRun[];
  const clock = clockOf(runs, planned, sigmas);
  return { ...budgetSweep(runs, planned, clock), clock };
}

const clockSaid = ({ pace }: BudgetSweep): string => `T = ${digits(pace, 2)}/λ steps`;

/** Figure 1a's two parts at one initial scale. */
export function budgetParts(sweep: OpenSweep, budgets: BudgetSweep, sigmaW = 1, panel = '1a'): Part[] {
  const { fixedDrop, best, lambdas, seeds } = budgetClaim(budgets, sigmaW);
  const level = levelPace(budgets, sigmaW);
  const { small, large } = fixedDrop;
  const enough = lambdas >= BUDGET_RULES.lambdas;
  const inside = both(...[small, large].map((drop) => isThere(drop, BUDGET_RULES.drop, seeds)));
  const parts: Omit<Part, 'decides'>[] = [
    {
      panel,
      claim: 'trained for a fixed time, test accuracy is best at a λ inside the range',
      verdict: enough ? inside : 'undecided',
      measure: 'drop of the best test accuracy to the smallest λ',
      ...effectOf(small),
      n: lambdas,
      of: `values of λ, ${seedsSaid(seeds)}`,
      words:
        lambdas === 0
          ? 'no λ has both budgets'
          : `best at λ = ${best.lambda}; ${interval(small)} lower at the smallest λ, ${interval(large)} at the largest (${seedsSaid(seeds)})`,
    },
    {
      panel,
      claim: 'trained for a time ~ 1/λ, it stays on one level as λ gets smaller',
      verdict: level.verdict,
      measure: 'change of the best test accuracy a decade of λ',
      ...effectOf(level.perDecade),
      n: level.lambdas.length,
      of: `values of λ, ${seedsSaid(level.seeds)}`,
      words:
        level.lambdas.length === 0
          ? 'no λ has this budget'
          : `at ${clockSaid(budgets)}, over ${digits(level.decades, 2)} decades from the smallest λ on, within ${digits(level.range, 2)}; ${interval(level.perDecade)} a decade of λ${level.perDecade.high < 0 ? ': smaller λ is better' : ''} (${seedsSaid(level.seeds)})`,
    },
  ];
  return parts.map((part) => partOf(part, sweep, FURTHER));
}

export function earlierBudgets(budgets: BudgetSweep): EarlierReading[] {
  const { agreement, plateau, repair } = budgetClaim(budgets, 1);
  return [
    {
      panel: '1a',
      agreement,
      words: `level within ${BUDGET_RULES.plateau} over ${digits(plateau.decades, 2)} decades, training longer gains ${interval(repair)}`,
    },
  ];
}

/** Figure S12: scales lie apart early, on one another late, and each shows figure 1a. */
export function figureS12(logs: FigureLogs): Conclusion {
  const { plan } = sweepOf(logs, 'wrn-budget');
  const sigmasOf = (preset: string) => [...new Set(plan.runs(preset as PresetName).map(({ config }) => config.sigmaW))];
  const all = (sweep: OpenSweep) => budgetsOf(plan, sweep, sigmasOf(sweep.preset));
  const judged = judgeParts(sweepOf(logs, 'wrn-budget'), (sweep) => {
    const budgets = all(sweep);
    const { rows, early, late, seeds } = scaleClaim(budgets);
    const enough = rows.length >= BUDGET_RULES.lambdas;
    const n = { n: rows.length, of: `values of λ with ${budgets.sigmas.length} scales, ${seedsSaid(seeds)}` };
    const mattered = early >= BUDGET_RULES.early * late && early - late >= BUDGET_RULES.apart;
    const scales = budgets.sigmas.map((sigmaW) => budgetParts(sweep, budgets, sigmaW).map(({ verdict }) => verdict));
    const parts: Omit<Part, 'decides'>[] = [
      {
        panel: 'S12',
        claim: `initial scales lie at least ${BUDGET_RULES.early} times as far apart early as late`,
        verdict: enough ? isRight(mattered, seeds) : 'undecided',
        measure: 'distance of test accuracies early, median over λ',
        effect: enough ? early : null,
        interval: null,
        ...n,
        words: enough
          ? `${digits(early, 2)} apart early, ${digits(late, 2)} late, at ${clockSaid(budgets)}`
          : 'too few λ have every scale',
      },
      {
        panel: 'S12',
        claim: `late, trained for a time ~ 1/λ, they lie within ${BUDGET_RULES.spread} of one another`,
        verdict: enough ? isRight(late <= BUDGET_RULES.spread, seeds) : 'undecided',
        measure: 'distance of the best test accuracies, median over λ',
        effect: enough ? late : null,
        interval: null,
        ...n,
        words: enough
          ? `${rows.map((row) => digits(row.late, 2)).join(', ')} at λ = ${rows.map(({ lambda }) => lambda).join(', ')}`
          : 'too few λ have every scale',
      },
      ...(['a fixed time has its best λ inside', 'a time ~ 1/λ has a level'] as const).map((claim, i) => {
        const verdicts = scales.map((each) => each[i]!);
        const holding = verdicts.filter((verdict) => verdict === 'shown').length;
        return {
          panel: 'S12',
          claim: `figure 1a at every scale: ${claim}`,
          verdict: both(...verdicts),
          measure: 'share of the scales',
          effect: scales.length === 0 ? null : holding / scales.length,
          interval: null,
          n: scales.length,
          of: 'initial scales',
          words: `${holding} of ${scales.length}: ${scalesSaid(budgets, verdicts)}`,
        };
      }),
    ];
    return parts.map((part) => partOf(part, sweep, FURTHER));
  });
  const { sweep, parts } = judged;
  const earlier = scaleClaim(budgetSweep(sweep.runs, plan.runs(sweep.preset as PresetName) as SweepRun[]));
  return concludeFrom(
    {
      figure: 'S12',
      claim:
        'Initial scales σ_w differ early in training and not late: with T ~ 1/λ their accuracies over λ lie on one another.',
      sentence: sentence(
        `${trained(plan, sweep)} from three scales of initial weights`,
        [
          outcome(parts[0]!, {
            shown: 'the scale matters early',
            'not shown': 'the scale does not matter much more early than late',
            undecided: 'whether the scale matters early is open',
          }),
          outcome(parts[1]!, {
            shown: 'training long enough makes them alike',
            'not shown': 'training long does not make them alike',
            undecided: 'whether long training makes them alike is open',
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        {
          panel: 'S12',
          agreement: earlier.agreement,
          words: `at T = 1/λ steps ${digits(earlier.early, 2)} apart early, ${digits(earlier.late, 2)} late; figure 1a at every scale ${earlier.plateaus}`,
        },
      ],
    },
    [{ name: 'WRN', ...judged }],
    Object.values(logs),
  );
}

const scalesSaid = ({ sigmas }: BudgetSweep, verdicts: readonly PartVerdict[]): string =>
  sigmas.map((sigmaW, i) => `σ_w = ${sigmaW} ${verdicts[i]}`).join(', ') || `fewer than ${SEED_RULES.seeds} seeds`;
