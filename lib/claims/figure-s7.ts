/** Figure S7: a network that is not overparameterized has a best lambda above 0. */

import {
  digits,
  effectOf,
  exponentIs,
  interval,
  NARROW_RULES,
  narrowClaim,
  RULES,
  shareOf,
  together,
} from '../analysis/index.ts';
import type { Estimate, Part, PartVerdict } from '../analysis/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, FigureLogs } from './claim.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';

export function figureS7(logs: FigureLogs): Conclusion {
  const judged = judgeParts(sweepOf(logs, 'fc-narrow-lambda'), (sweep) => {
    const { best, without, exponentAbove, exponentBelow, before, n, parts: old } = narrowClaim(sweep.runs);
    const enough = old.optimum !== 'not tested here';
    const gain = best.accuracy.value - without.accuracy;
    const optimum: PartVerdict = !enough
      ? 'undecided'
      : old.optimum === 'shown'
        ? 'shown'
        : old.optimum === 'shown in part'
          ? 'undecided'
          : 'not shown';
    const side = (exponent: Estimate | undefined, expected: number): PartVerdict =>
      enough && exponent ? exponentIs(exponent, expected, NARROW_RULES.exponent) : 'undecided';
    const early: PartVerdict = !enough
      ? 'undecided'
      : before >= RULES.gainShare * n
        ? 'shown'
        : before < n / 2
          ? 'not shown'
          : 'undecided';
    const text = (exponent: Estimate | undefined) =>
      exponent ? `λ^${interval(exponent, 2)}` : `fewer than ${NARROW_RULES.side} λ`;
    const of = 'values of λ, one seed';
    const parts: Omit<Part, 'decides'>[] = [
      {
        panel: 'S7a',
        claim: 'there is a best λ other than 0, however long one trains',
        verdict: optimum,
        measure: 'best test accuracy less that at λ = 0',
        effect: Number.isFinite(gain) ? gain : null,
        interval: null,
        n,
        of,
        words:
          n === 0
            ? 'no run has finished'
            : `λ = ${best.lambda} reaches ${digits(best.accuracy.value, 3)}, λ = ${without.lambda} ${digits(without.accuracy, 3)}`,
      },
      {
        panel: 'S7b',
        claim: 't* falls as 1/λ from the best λ on',
        verdict: side(exponentAbove, -1),
        measure: 'exponent of λ',
        ...effectOf(exponentAbove),
        n,
        of,
        words: text(exponentAbove),
      },
      {
        panel: 'S7b',
        claim: 't* is constant up to the best λ',
        verdict: side(exponentBelow, 0),
        measure: 'exponent of λ',
        ...effectOf(exponentBelow),
        n,
        of,
        words: text(exponentBelow),
      },
      {
        panel: 'S7c',
        claim: 'the best test accuracy comes before training accuracy 1, which is never reached',
        verdict: early,
        measure: 'share of the runs',
        ...shareOf(before, n),
        n,
        of,
        words: `${before} of ${n} runs`,
      },
    ];
    return parts.map((part) =>
      partOf(
        part,
        sweep,
        'seeds 1 and 2 of the 15 λ: about 2 hours of two cores; at λ = 0.003 and above runs fall into a second regime where t* is some 20 times earlier',
      ),
    );
  });
  const { plan, sweep, parts } = judged;
  const { parts: old } = narrowClaim(sweep.runs);
  return concludeFrom(
    {
      figure: 'S7',
      claim:
        'A network that is not overparameterized has a best λ above 0; t* falls as 1/λ above it and is constant below, before training accuracy 1.',
      sentence: sentence(
        trained(plan, sweep),
        [
          outcome(parts[0]!, {
            shown: `a network too small for its data wants some L2 (${parts[0]!.words})`,
            'not shown': 'a network too small for its data wants no L2',
            undecided: 'whether a network too small for its data wants L2 is open',
          }),
          outcome(parts[2]!, {
            shown: 'below the best strength the best moment does not move',
            'not shown': 'below the best strength the best moment moves',
            undecided: 'whether the best moment moves below the best strength is open',
          }),
          outcome(parts[1]!, {
            shown: 'above it the moment comes as the inverse of L2',
            'not shown': 'above it the moment does not come as the inverse of L2',
            undecided: 'whether it comes as the inverse of L2 above it is open',
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        {
          panel: 'S7',
          agreement: together(Object.values(old)),
          words:
            'as one claim of four demands, before the logs were seen; changed with them on 2026-11-25 so that an open exponent hides no other panel',
        },
      ],
    },
    [{ name: 'FC 3×64', ...judged }],
    Object.values(logs),
  );
}
