/** Figure S8: alike along eta lambda = const, and no repair of a small lambda by longer training. */

import {
  combined,
  digits,
  effectOf,
  gridPoints,
  interval,
  isThere,
  repairClaim,
  ROW_RULES,
  rowClaim,
  rowPanels,
  seedsSaid,
} from '../analysis/index.ts';
import type { Part, PartVerdict } from '../analysis/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, FigureLogs } from './claim.ts';
import { outcome, sentence, smaller, trained } from './plain.ts';

export function figureS8(logs: FigureLogs): Conclusion {
  const judged = judgeParts(sweepOf(logs, 'resnet-eta-lambda'), (sweep) => {
    const { grid, stretched } = rowPanels(gridPoints(sweep.runs));
    const { lines, along, etaAlone, lambdaAlone, agreement } = rowClaim(grid);
    const { rows, smallest, agreement: repaired } = repairClaim(stretched.filter(({ lambda }) => lambda > 0));
    const without = repairClaim(stretched).rows;
    const zero = without.length > 0 && stretched.some(({ lambda }) => lambda === 0);
    const beside = zero
      ? `; λ = 0 lacks ${without.map(({ steps: length, gap }) => `${interval(gap)} after ${length} steps`).join(', ')}`
      : '';
    const share = along / Math.min(etaAlone, lambdaAlone);
    const last = rows.at(-1);
    const alike: PartVerdict =
      agreement === 'not tested here'
        ? 'undecided'
        : share <= ROW_RULES.share
          ? 'shown'
          : share >= 1
            ? 'not shown'
            : 'undecided';
    const steps = grid[0]?.steps;
    const parts: Omit<Part, 'decides'>[] = [
      {
        panel: 'S8a',
        claim: 'at one length of training, performance is alike along lines of equal η λ',
        verdict: alike,
        measure: 'change along η λ = const over that of η or λ alone',
        effect: Number.isFinite(share) ? share : null,
        interval: null,
        n: grid.length,
        of: 'pairs of η and λ, one seed',
        words:
          lines.length === 0
            ? 'no line of equal η λ has two runs'
            : `after ${steps} steps a step along η λ = const changes test accuracy by ${digits(along, 2)} in the median, of η alone by ${digits(etaAlone, 2)}, of λ alone by ${digits(lambdaAlone, 2)}`,
      },
      {
        panel: 'S8b',
        claim: 'a λ smaller than the best is not repaired by training longer',
        verdict: repaired === 'not tested here' || !last ? 'undecided' : isThere(last.gap, ROW_RULES.lacks, last.seeds),
        measure: 'what the smallest λ lacks of the best at the longest training',
        ...effectOf(last?.gap),
        n: last?.seeds ?? 0,
        of: 'seeds',
        words:
          rows.length < 2
            ? 'no two lengths of two λ'
            : `λ = ${smallest} lacks ${rows.map(({ steps: length, gap }) => `${interval(gap)} after ${length} steps`).join(', ')} (${seedsSaid(last!.seeds)})${beside}`,
      },
    ];
    return parts.map((part) => partOf(part, sweep, 'ImageNet and ResNet-50: the preset paper on GPUs'));
  });
  const { plan, sweep, parts } = judged;
  const { grid, stretched } = rowPanels(gridPoints(sweep.runs));
  return concludeFrom(
    {
      figure: 'S8',
      claim:
        'Not overparameterized, ResNet-50 performs alike along lines of equal η λ, and training longer does not repair a λ below the best.',
      sentence: sentence(
        `${trained(plan, sweep)}, too many for it to fit`,
        [
          outcome(parts[0]!, {
            shown: 'what counts is the product of learning rate and L2',
            'not shown': 'it is not the product of learning rate and L2 alone that counts',
            undecided: 'whether the product of learning rate and L2 is what counts is open',
          }),
          outcome(parts[1]!, {
            shown: 'too weak L2 stays behind however long it trains',
            'not shown': 'too weak L2 is not seen to stay behind when it trains longer',
            undecided: 'whether too weak L2 catches up with longer training is open',
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        {
          panel: 'S8',
          agreement: combined([rowClaim(grid).agreement, repairClaim(stretched).agreement]),
          words: 'the same rules as one claim',
        },
      ],
    },
    [{ name: 'ResNet', ...judged }],
    Object.values(logs),
  );
}
