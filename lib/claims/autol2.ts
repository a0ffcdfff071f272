/** Figures 1c, S9, S10, S11: AutoL2 against constant lambda, by means over looks (rules of 2026-11-29). */

import {
  AUTO_L2_RULES,
  both,
  contest,
  digits,
  effectOf,
  endsHigher,
  fasterAndBetter,
  groupBy,
  interval,
  isThere,
  overtaken,
  seedsSaid,
  smoothRun,
  sooner,
} from '../analysis/index.ts';
import type { Contest, Estimate, OpenSweep, Part, PartVerdict, Race } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { concludeFrom, judgeParts, missingRuns, partOf, sweepOf } from './claim.ts';
import type { Conclusion, EarlierReading, FigureLogs, Group } from './claim.ts';
import { network, outcome, points, sentence, sentences, smaller, trained } from './plain.ts';

const { better, faster, ahead, constants, early } = AUTO_L2_RULES;

const LONGER =
  'the paper’s 9,600 steps in place of 2,500 at five seeds: about 3 hours of two cores, or the paper’s preset on a GPU';

/** Whether eta is constant: S10 has the schedule, 1c and S9 have not. */
const withSchedule = (runs: readonly Run[], has: boolean): Run[] =>
  runs.filter(({ header }) => (header.config.schedule.kind !== 'constant') === has);

const smoothContest = (runs: readonly Run[]): Contest => contest(runs.map(smoothRun));

const testable = (found: Contest): boolean => found.seeds > 0 && found.constants.length >= constants;

const negative = ({ value, low, high }: Estimate): Estimate => ({ value: 0 - value, low: 0 - high, high: 0 - low });

/** A race as an effect: minus the logarithm of AutoL2's share of the steps, above 0 where it is faster. */
function raceWon(race: Race, seeds: number): PartVerdict {
  if (race.ratio.value === Infinity) return 'not shown';
  const { value, low, high } = race.ratio;
  return isThere(
    negative({ value: Math.log(value), low: Math.log(low), high: Math.log(high) }),
    -Math.log(faster),
    seeds,
  );
}

const stepsSaid = (steps: number) => (Number.isFinite(steps) ? digits(steps) : 'never');

/** One contest as parts: ends higher. */
function higherPart(panel: string, claim: string, found: Contest): Omit<Part, 'decides'> {
  const { auto, tuned, gain, seeds } = found;
  return {
    panel,
    claim,
    verdict: testable(found) ? isThere(gain, better, seeds) : 'undecided',
    measure: 'best test accuracy of AutoL2 less that of the best constant λ',
    ...effectOf(gain),
    n: seeds,
    of: 'seeds',
    words:
      auto && tuned
        ? `${interval(gain)}: AutoL2 ${interval(auto.best)}, the best of ${found.constants.length} constants (λ = ${tuned.lambda}) ${interval(tuned.best)} (${seedsSaid(seeds)})`
        : 'AutoL2 or the constants are missing',
  };
}

/** Figure 1c: sooner at the tuned constant's accuracy, and higher at the end. */
export function contestParts(sweep: OpenSweep): Part[] {
  const found = smoothContest(withSchedule(sweep.runs, false));
  const { reached, seeds, steps } = found;
  const parts: Omit<Part, 'decides'>[] = [
    {
      panel: '1c',
      claim: 'AutoL2 reaches the tuned constant λ’s accuracy sooner',
      verdict: testable(found) ? raceWon(reached, seeds) : 'undecided',
      measure: 'AutoL2’s share of the steps to the tuned constant’s accuracy',
      ...effectOf(reached.ratio),
      n: seeds,
      of: 'seeds',
      words: testable(found)
        ? `${interval(reached.ratio, 2)} of the steps of the soonest constant as good (medians ${stepsSaid(reached.auto)} and ${stepsSaid(reached.constant)} of ${steps}, ${seedsSaid(seeds)})`
        : 'AutoL2 or the constants are missing',
    },
    higherPart('1c', 'AutoL2 ends higher than the tuned constant λ', found),
  ];
  return parts.map((part) => partOf(part, sweep, LONGER));
}

export function earlierContest(sweep: OpenSweep): EarlierReading[] {
  const duel = contest(withSchedule(sweep.runs, false));
  return [{ panel: '1c', agreement: fasterAndBetter(duel), words: `single looks: ${interval(duel.gain)} higher` }];
}

/** Figure S9: sooner at every level from AUTO_L2_RULES.fromLevel on, and higher at the end. */
export function figureS9(logs: FigureLogs): Conclusion {
  const judged = judgeParts(sweepOf(logs, 'wrn-autol2'), (sweep) => {
    const found = smoothContest(withSchedule(sweep.runs, false));
    const { seeds } = found;
    const levels = found.levels.filter((_, i) => AUTO_L2_RULES.levels[i]! >= AUTO_L2_RULES.fromLevel);
    const said = levels.map(
      ({ accuracy, auto, constant, ratio }) =>
        `${stepsSaid(auto)} against ${stepsSaid(constant)} steps to ${digits(accuracy, 3)} (${interval(ratio, 2)} of them)`,
    );
    const slowest = levels.reduce<Race | undefined>(
      (worst, next) => (worst && worst.ratio.value >= next.ratio.value ? worst : next),
      undefined,
    );
    const parts: Omit<Part, 'decides'>[] = [
      {
        panel: 'S9',
        claim: `AutoL2 learns sooner than every constant λ, from ${AUTO_L2_RULES.fromLevel} of the best accuracy on`,
        verdict: testable(found) ? both(...levels.map((level) => raceWon(level, seeds))) : 'undecided',
        measure: 'AutoL2’s share of the steps of the soonest constant, at the level where it is largest',
        ...effectOf(slowest?.ratio),
        n: seeds,
        of: 'seeds',
        words: said.join('; ') || 'AutoL2 or the constants are missing',
      },
      higherPart('S9', 'AutoL2 ends higher than every constant λ', found),
    ];
    return parts.map((part) => partOf(part, sweep, LONGER));
  });
  const { plan, sweep, parts } = judged;
  const before = contest(withSchedule(sweep.runs, false));
  const now = smoothContest(withSchedule(sweep.runs, false));
  return concludeFrom(
    {
      figure: 'S9',
      claim: 'Without a learning-rate schedule AutoL2 learns sooner and ends higher than every constant λ.',
      sentence: sentence(
        trained(plan, sweep, withSchedule(sweep.runs, false).length),
        [
          outcome(parts[1]!, {
            shown: `lowering L2 in steps ends higher than any constant strength, ${points(now.gain)}`,
            'not shown': 'lowering L2 in steps is not seen to end higher than the best constant strength',
            undecided: 'whether lowering L2 in steps ends higher than the best constant strength is open',
          }),
          outcome(parts[0]!, {
            shown: 'it learns sooner',
            'not shown': 'it does not learn sooner',
            undecided: 'whether it learns sooner is open',
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        { panel: 'S9, sooner', agreement: sooner(before), words: 'single looks, from 0.8 of the best accuracy on' },
        { panel: 'S9, higher', agreement: endsHigher(before), words: `single looks: ${interval(before.gain)}` },
      ],
    },
    [{ name: 'WRN', ...judged }],
    Object.values(logs),
  );
}

function scheduleParts(sweep: OpenSweep, further: string): Part[] {
  const found = smoothContest(withSchedule(sweep.runs, true));
  const { lead, gain, tuned, paperGain, seeds, steps } = found;
  const beside = paperGain ? `; ${interval(paperGain)} from the paper’s λ = ${AUTO_L2_RULES.paperConstant}` : '';
  const missing = 'AutoL2 or the constants are missing';
  const parts: Omit<Part, 'decides'>[] = [
    {
      panel: 'S10',
      claim: 'with the learning-rate schedule AutoL2 is ahead early',
      verdict: testable(found) ? isThere(lead, ahead, seeds) : 'undecided',
      measure: `best test accuracy within ${early} of the run, AutoL2 less the best constant λ`,
      ...effectOf(lead),
      n: seeds,
      of: 'seeds',
      words: testable(found)
        ? `${interval(lead)} after ${digits(early * steps)} of ${steps} steps (${seedsSaid(seeds)})`
        : missing,
    },
    {
      panel: 'S10',
      claim: 'a constant λ overtakes it when the learning rate drops',
      verdict: testable(found) ? isThere(negative(gain), better, seeds) : 'undecided',
      measure: 'best test accuracy of the best constant λ less that of AutoL2',
      ...effectOf(negative(gain)),
      n: seeds,
      of: 'seeds',
      words:
        testable(found) && tuned
          ? `AutoL2 ends ${interval(gain)} from the best constant, λ = ${tuned.lambda}${beside} (${seedsSaid(seeds)})`
          : missing,
    },
  ];
  return parts.map((part) => partOf(part, sweep, further));
}

/** Figure S10, from the runs of the paper's 9,600 steps where those decide something, else from those of 2,500. */
export function figureS10(logs: FigureLogs): Conclusion {
  const nine = logs['wrn-autol2-long'];
  const further = nine?.opened.map(missingRuns).find((missing) => missing !== undefined) ?? LONGER;
  const short = judgeParts(sweepOf(logs, 'wrn-autol2'), (sweep) => scheduleParts(sweep, further));
  const long = nine && judgeParts(nine, (sweep) => scheduleParts(sweep, LONGER));
  const judged = long?.parts.some(({ verdict }) => verdict !== 'undecided') ? long : short;
  const { plan, sweep, parts } = judged;
  const runs = withSchedule(sweep.runs, true);
  const before = contest(withSchedule(short.sweep.runs, true));
  return concludeFrom(
    {
      figure: 'S10',
      claim:
        'With a learning-rate schedule AutoL2 is ahead early, and a constant λ overtakes it at the drops of the learning rate.',
      sentence: sentence(
        trained(plan, sweep, runs.length),
        [
          outcome(parts[0]!, {
            shown: 'lowering L2 in steps leads early',
            'not shown': 'lowering L2 in steps is not seen to lead early',
            undecided: 'whether lowering L2 in steps leads early is open',
          }),
          outcome(parts[1]!, {
            shown: 'a constant strength overtakes it',
            'not shown': 'no constant strength is seen to overtake it',
            undecided: 'whether a constant strength overtakes it is open',
          }),
        ],
        parts,
        smaller(plan, sweep.preset),
      ),
      earlier: [
        {
          panel: 'S10',
          agreement: overtaken(before),
          words: `single looks, 2,500 steps: ${interval(before.lead)} early, ${interval(before.gain)} at the end`,
        },
      ],
    },
    [{ name: 'WRN', ...judged }],
    Object.values(logs),
  );
}

const S11 = [
  { name: 'FC', auto: 'fc-autol2', constant: 'fc-eta-lambda', batchNorm: undefined },
  { name: 'CNN', auto: 'cnn-autol2', constant: 'cnn-lambda', batchNorm: false },
  { name: 'CNN with batch norm', auto: 'cnn-autol2', constant: 'cnn-bn-lambda', batchNorm: true },
] as const;

/** One contest a learning rate and first lambda of a network: AutoL2's runs against the constants at the same learning rate. */
export function startsOf(
  autos: readonly Run[],
  others: readonly Run[],
  batchNorm: boolean | undefined,
): { eta: number; lambda: number; runs: Run[] }[] {
  const mine = autos.filter(({ header }) => header.config.model['batchNorm'] === batchNorm);
  return [...groupBy(mine, ({ header: { config } }) => `${config.eta} ${config.lambda}`).values()]
    .map((same) => {
      const { eta, lambda } = same[0]!.header.config;
      return {
        eta,
        lambda,
        runs: [...same, ...others.filter(({ header: { config } }) => config.eta === eta && config.lambda > 0)],
      };
    })
    .sort((a, b) => a.eta - b.eta || b.lambda - a.lambda);
}

/** Figure S11: a part a network and start. */
export function figureS11(logs: FigureLogs): Conclusion {
  const earlier: EarlierReading[] = [];
  const groups = S11.map(({ name, auto, constant, batchNorm }): Group => {
    const others = sweepOf(logs, constant).opened;
    const starts = ({ runs, preset }: OpenSweep) =>
      startsOf(runs, others.find((sweep) => sweep.preset === preset)?.runs ?? [], batchNorm);
    const judged = judgeParts(sweepOf(logs, auto), (sweep) => {
      const found = starts(sweep);
      const parts = found.map(({ eta, lambda, runs }) =>
        higherPart(
          'S11',
          `${name}, η = ${eta}: AutoL2 from λ = ${lambda} beats the best constant λ`,
          smoothContest(runs),
        ),
      );
      const none = higherPart('S11', `${name}: AutoL2 beats the best constant λ`, smoothContest([]));
      return (parts.length > 0 ? parts : [none]).map((part) =>
        partOf(
          part,
          sweep,
          'other first λ and learning rates, which the paper does not give: about an hour of two cores each',
        ),
      );
    });
    for (const { eta, lambda, runs } of starts(judged.sweep)) {
      const before = contest(runs);
      earlier.push({
        panel: `S11, ${name}, η = ${eta}, from λ = ${lambda}`,
        agreement: endsHigher(before),
        words: `single looks: ${interval(before.gain)}`,
      });
    }
    return { name, ...judged };
  });
  const parts = groups.flatMap((group) => group.parts);
  return concludeFrom(
    {
      figure: 'S11',
      claim: 'AutoL2 beats the best constant λ for the FC network and the CNN.',
      sentence: sentences(
        groups.map(({ name, plan, sweep, parts: own }) => ({
          what:
            name === 'FC'
              ? trained(plan, sweep)
              : `${network(plan, sweep.preset)}${name === 'CNN' ? '' : ' with batch norm'}`,
          found: [beaten(own)],
          paper: `${name}: ${smaller(plan, sweep.preset)}`,
        })),
        parts,
      ),
      earlier,
    },
    groups,
    Object.values(logs),
  );
}

/** How a network's comparisons went, in words. */
function beaten(parts: readonly Part[]): string {
  const shown = parts.filter(({ verdict }) => verdict === 'shown').length;
  const below = parts.filter(({ effect }) => effect !== null && effect <= 0).length;
  return shown === parts.length
    ? 'lowering L2 in steps beats the best constant strength'
    : `lowering L2 in steps beats the best constant strength in ${shown} of ${parts.length} comparisons and ends no higher in ${below}`;
}
