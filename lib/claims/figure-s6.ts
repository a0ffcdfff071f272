/** Figure S6: training curves at the smallest, the median and the largest lambda of each network. */

import { both, curvesClaim, digits, threeRuns } from '../analysis/index.ts';
import type { Agreement, Part, PartVerdict } from '../analysis/index.ts';
import { concludeFrom, judgeParts, partOf } from './claim.ts';
import type { Conclusion, FigureLogs, Group } from './claim.ts';
import { joined, sentence, smaller, trained } from './plain.ts';

/** The networks of the figure with the paper's eta of each. */
export const S6_NETWORKS = [
  { name: 'FC', sweep: 'fc-eta-lambda', eta: 0.15 },
  { name: 'WRN', sweep: 'wrn-eta-lambda', eta: 0.2 },
  { name: 'WRN, 4,096 images', sweep: 'wrn-eta-lambda-4096', eta: 0.2 },
  { name: 'CNN', sweep: 'cnn-lambda', eta: 0.01 },
  { name: 'CNN with batch norm', sweep: 'cnn-bn-lambda', eta: 0.01 },
] as const;

/** A demand that some of three runs meet is not met. */
const demand = (agreement: Agreement): PartVerdict =>
  agreement === 'shown' ? 'shown' : agreement === 'not tested here' ? 'undecided' : 'not shown';

export function figureS6(logs: FigureLogs): Conclusion {
  const groups = S6_NETWORKS.flatMap(({ name, sweep, eta }): Group[] => {
    const own = logs[sweep];
    if (!own) return [];
    const judged = judgeParts(own, (opened) => {
      const { order, fit, rise, rows, orderByLength } = curvesClaim(threeRuns(opened.runs, eta));
      // Where no run reaches training accuracy 1, there is nothing to come before.
      const demands = [order, fit, rise].map(demand);
      const met = demands.filter((each) => each === 'shown').length;
      const words =
        rows.length < 3
          ? 'no η has three such runs'
          : `t* after ${rows.map(({ tStarEpochs }) => Number(tStarEpochs.toPrecision(3))).join(', ')} epochs at λ = ${rows.map(({ lambda }) => lambda).join(', ')}: order ${demands[0]}, training accuracy 1 before t* ${demands[1]}, rise of the loss ${demands[2]}; lengths alone would give that order in ${Number.isFinite(orderByLength) ? `${digits(100 * orderByLength, 2)} %` : 'no share'} of cases`;
      const part: Omit<Part, 'decides'> = {
        panel: `S6, ${name}`,
        claim:
          'the smaller λ, the later the best test accuracy, after training accuracy 1; the training loss falls, then rises',
        verdict: both(...demands),
        measure: 'share of the three demands that are met',
        effect: rows.length < 3 ? null : met / 3,
        interval: null,
        n: rows.length,
        of: 'runs of one seed',
        words,
      };
      return [partOf(part, opened, 'longer runs at the smallest λ; figures 2 and 3 say at what cost')];
    });
    return [{ name, ...judged }];
  });
  const parts = groups.flatMap((group) => group.parts);
  const named = (verdict: PartVerdict) =>
    groups.filter((group) => group.parts[0]!.verdict === verdict).map(({ name }) => name);
  const trainedOnes = groups
    .filter(({ sweep }) => sweep.runs.length > 0)
    .map(({ plan, sweep }) => trained(plan, sweep));
  const [shown, not] = [named('shown'), named('not shown')];
  return concludeFrom(
    {
      figure: 'S6',
      claim:
        'Training curves at three λ: the smaller λ, the later the best test accuracy, which comes after training accuracy 1 where that is reached; the training loss falls, then rises.',
      sentence: sentence(
        trainedOnes.length === 0
          ? 'no network of this figure has been trained here yet'
          : `${joined(trainedOnes)}, of which three runs each are drawn`,
        [
          shown.length > 0
            ? `weaker L2 delays the best moment as claimed for ${joined(shown)}`
            : 'no network shows all of the claim',
          ...(not.length > 0 ? [`not for ${joined(not)}`] : []),
        ],
        parts,
        [...new Set(groups.map(({ plan, sweep }) => smaller(plan, sweep.preset)))].join('; '),
      ),
      earlier: groups.map(({ name, sweep }) => {
        const eta = S6_NETWORKS.find((each) => each.name === name)!.eta;
        const { agreement, order, fit, rise } = curvesClaim(threeRuns(sweep.runs, eta));
        return { panel: `S6, ${name}`, agreement, words: `order ${order}, fit ${fit}, rise ${rise}` };
      }),
    },
    groups,
    Object.values(logs),
  );
}
