/** Figure S5: with mean squared error eta matters at training accuracy 1 and not at the maximum; the training loss rises again. */

import {
  catapultClaim,
  CATAPULT_RULES,
  digits,
  effectOf,
  interval,
  riseClaim,
  RULES,
  shareOf,
  together,
} from '../analysis/index.ts';
import type { Part, PartVerdict } from '../analysis/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, FigureLogs } from './claim.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';

export function figureS5(logs: FigureLogs): Conclusion {
  const judged = judgeParts(sweepOf(logs, 'fc-mse-eta-lambda'), (sweep) => {
    const { atFit, atMaximum, n } = catapultClaim(sweep.summaries);
    const { rows, rising } = riseClaim(sweep.runs);
    const rise: PartVerdict =
      rows.length < RULES.runs
        ? 'undecided'
        : rising >= RULES.gainShare * rows.length
          ? 'shown'
          : rising < rows.length / 2
            ? 'not shown'
            : 'undecided';
    const depends = atFit && (atFit.low > 0 || atFit.high < 0);
    const [fit, maximum] = [Math.abs(atFit?.value ?? NaN), Math.abs(atMaximum?.value ?? NaN)];
    const few = `${n} runs can enter the fit, of ${RULES.runs} needed`;
    const level: PartVerdict =
      !atFit || !atMaximum
        ? 'undecided'
        : CATAPULT_RULES.ratio * maximum <= fit
          ? 'shown'
          : maximum < fit
            ? 'undecided'
            : 'not shown';
    const ratios = rows
      .map(({ least, last }) => last / least)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const parts: Omit<Part, 'decides'>[] = [
      {
        panel: 'S5a',
        claim: 'at training accuracy 1 the test accuracy depends on η',
        verdict: atFit ? (depends ? 'shown' : 'undecided') : 'undecided',
        measure: 'change of test accuracy a decade of η',
        ...effectOf(atFit),
        n,
        of: 'runs, one seed',
        words: atFit ? `${interval(atFit)} a decade of η over ${n} runs` : few,
      },
      {
        panel: 'S5b',
        claim: `at its maximum it does not: at most 1/${CATAPULT_RULES.ratio} as much`,
        verdict: level,
        measure: 'change of the best test accuracy a decade of η',
        ...effectOf(atMaximum),
        n,
        of: 'runs, one seed',
        words: atMaximum ? `${interval(atMaximum)} a decade of η over ${n} runs` : few,
      },
      {
        panel: 'S5c',
        claim: 'the training loss has a minimum and rises after it',
        verdict: rise,
        measure: 'share of the runs that end a tenth above their least training loss',
        ...shareOf(rising, rows.length),
        n: rows.length,
        of: 'runs that fit their data',
        words:
          rows.length === 0
            ? 'no run fits its data'
            : `${rising} of ${rows.length}; last over least from ${digits(ratios[0] ?? NaN, 3)} to ${digits(ratios.at(-1) ?? NaN, 3)}`,
      },
    ];
    return parts.map((part) =>
      partOf(
        part,
        sweep,
        'runs twice as long at the smallest λ (c), other seeds (a): about an hour of two cores; the paper’s width of 2048: 4 hours',
      ),
    );
  });
  const { plan, sweep, parts } = judged;
  return concludeFrom(
    {
      figure: 'S5',
      claim:
        'With mean squared error the learning rate matters at training accuracy 1 and not at the best test accuracy, and the training loss rises again after a minimum.',
      sentence: sentence(
        trained(plan, sweep),
        [
          outcome(parts[0]!, {
            shown: 'at the moment of a perfect fit the learning rate matters',
            'not shown': 'at the moment of a perfect fit the learning rate does not matter',
            undecided: 'whether the learning rate matters at the moment of a perfect fit is open',
          }),
          outcome(parts[1]!, {
            shown: 'at the best test accuracy it does not',
            'not shown': 'at the best test accuracy it does, too',
            undecided: 'whether it matters at the best test accuracy is open',
          }),
          outcome(parts[2]!, {
            shown: 'the training error rises again',
            'not shown': 'the training error does not rise again',
            undecided: `the training error rises again in ${parts[2]!.words.split(';')[0]}`,
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        {
          panel: 'S5',
          agreement: together([catapultClaim(sweep.summaries).agreement, riseClaim(sweep.runs).agreement]),
          words: 'the same demands as one part',
        },
      ],
    },
    [{ name: 'FC', ...judged }],
    Object.values(logs),
  );
}
