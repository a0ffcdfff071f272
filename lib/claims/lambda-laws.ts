/** Figures 2, 3, 4 and S2: a plateau, t* = c/(eta lambda), and a gain after training accuracy 1; by the rules of 2026-11-29. */

import {
  digits,
  effectOf,
  etaLambdaClaims,
  exponentClaim,
  interval,
  levelClaim,
  overparameterized,
  shareOf,
  STANDARD,
  standardClaim,
  summarizeRun,
  summarizeSettings,
  trainingOnClaim,
} from '../analysis/index.ts';
import type { EtaLambdaPart, OpenSweep, Part } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, EarlierReading, FigureLogs } from './claim.ts';
import { outcome, sentence, sentences, smaller, trained } from './plain.ts';

/** The panels of one network: plateau, time of the maximum, gain; null where the figure has no such panel. */
export interface LawPanels {
  plateau: string;
  time: string;
  gain: string | null;
  /** What would decide what is open once all planned runs are there, and at what cost. */
  further: string;
}

const GREEK = { eta: 'η', lambda: 'λ' } as const;

/** The parts of one network, from runs at constant lambda. */
export function lawParts(sweep: OpenSweep, runs: readonly Run[], panels: LawPanels): Part[] {
  const settings = summarizeSettings(runs);
  const several = new Set(settings.map(({ eta }) => eta)).size > 1;
  const fits = overparameterized(runs);
  const level = levelClaim(settings);
  const standard = standardClaim(settings);
  const exponents = exponentClaim(settings);
  const gain = trainingOnClaim(settings);
  // A network that cannot fit its data without L2 is none that the claim is about.
  const asked = <T extends Part['verdict']>(verdict: T) => (fits === false ? 'undecided' : verdict);
  const unfit = fits === false ? '; without L2 the network does not reach training accuracy 1 here' : '';
  const pairs = several ? 'pairs of η and λ' : 'values of λ';
  const lambda = exponents.exponents.find(({ name }) => name === 'lambda');
  const law = several ? 'c/(η λ)' : 'c/λ';
  const parts: Omit<Part, 'decides'>[] = [
    {
      panel: panels.plateau,
      claim: `the best test accuracy is nearly the same ${several ? 'for every η and small λ' : 'at every small λ'}`,
      verdict: asked(level.verdict),
      measure: 'change of the best test accuracy a decade of λ',
      ...effectOf(level.perDecade),
      n: level.n,
      of: pairs,
      words:
        level.n === 0
          ? `no run at small λ is long enough and fits its data${unfit}`
          : `${level.runs} runs at ${level.n} ${pairs} reach ${level.seeds.map((each) => each.toFixed(3)).join(' to ')}, mean curves ${level.means.map((each) => each.toFixed(3)).join(' to ')}${level.perDecade ? `, ${interval(level.perDecade)} a decade of λ` : ''}${unfit}`,
    },
    {
      panel: panels.time,
      claim: `t* lies within a factor of ${STANDARD.factor} of ${law}`,
      verdict: asked(standard.verdict),
      measure: `share of settings within a factor of ${STANDARD.factor}`,
      ...shareOf(standard.within, standard.n),
      n: standard.n,
      of: pairs,
      words:
        standard.n === 0
          ? `no setting can enter${unfit}`
          : `${standard.within} of ${standard.n} ${pairs}, over ${digits(standard.decades, 2)} decades of decay${standard.c ? `; c = ${digits(standard.c.value, 3)} [${digits(standard.c.low, 3)}, ${digits(standard.c.high, 3)}] epochs` : ''}${unfit}`,
    },
    {
      panel: panels.time,
      claim: `t* falls as ${several ? '1/η and 1/λ' : '1/λ'} where L2 has hardly acted when the data are fitted`,
      verdict: asked(exponents.verdict),
      measure: 'exponent of λ',
      ...effectOf(lambda?.estimate),
      n: exponents.n,
      of: pairs,
      words:
        exponents.exponents.length === 0
          ? `${exponents.n} ${pairs} fit their data before L2 acts, too few for an exponent`
          : `${exponents.exponents.map(({ name, estimate }) => `${GREEK[name]}^${interval(estimate, 2)}`).join(' ')} over ${exponents.n} ${pairs}`,
    },
    ...(panels.gain === null
      ? []
      : [
          {
            panel: panels.gain,
            claim: 'test accuracy rises after training accuracy 1',
            verdict: asked(gain.verdict),
            measure: 'gain of test accuracy after training accuracy 1',
            ...effectOf(gain.gain),
            n: gain.n,
            of: pairs,
            words:
              gain.n === 0
                ? 'no setting reaches training accuracy 1'
                : `${gain.gaining} of ${gain.n} gain more than 0.005, ${digits(gain.median, 2)} in the median${gain.gain ? `, ${interval(gain.gain)} in the mean` : ''}`,
          },
        ]),
  ];
  return parts.map((part) => partOf(part, sweep, panels.further));
}

/** The same runs by the rules before 2026-11-29: each run on its own, training accuracy 1 asked of it. */
export function earlierLaws(
  runs: readonly Run[],
  panels: LawPanels,
  of: readonly EtaLambdaPart[] = ['plateau', 'scaling', 'gain'],
): EarlierReading[] {
  const { plateau, scaling, gain } = etaLambdaClaims(runs.map(summarizeRun), of);
  const powers = Object.entries(scaling.law?.exponents ?? {}).map(
    ([name, estimate]) => `${GREEK[name as 'eta' | 'lambda']}^${interval(estimate, 2)}`,
  );
  const readings: Record<EtaLambdaPart, EarlierReading> = {
    plateau: {
      panel: panels.plateau,
      agreement: plateau.agreement,
      words: plateau.n === 0 ? 'none' : `${plateau.n} from ${digits(plateau.lowest)} to ${digits(plateau.highest)}`,
    },
    scaling: {
      panel: panels.time,
      agreement: scaling.agreement,
      words: `${powers.join(' ') || 'no exponent'} over ${scaling.n}`,
    },
    gain: {
      panel: panels.gain ?? '',
      agreement: gain.agreement,
      words: `${gain.gaining} of ${gain.n} gain`,
    },
  };
  return of.map((part) => readings[part]);
}

/** What a network's parts say, for the sentence. */
function found([plateau, standard, exponents, gain]: readonly Part[]): string[] {
  return [
    outcome(standard!, {
      shown: `the best test accuracy came at the predicted time within a factor of two (${standard!.words.split(',')[0]})`,
      'not shown': `the best test accuracy did not come at the predicted time (within a factor of two for ${standard!.words.split(',')[0]})`,
      undecided: 'whether the best test accuracy comes at the predicted time is open',
    }) +
      outcome(exponents!, {
        shown: ', as the inverse of the strength of L2',
        'not shown': ', and not as the inverse of the strength of L2',
        undecided: '',
      }),
    outcome(plateau!, {
      shown: 'weak L2 is as good as any',
      'not shown': 'weak L2 is not as good as any',
      undecided: 'whether weak L2 is as good as any is open',
    }),
    ...(gain
      ? [
          outcome(gain, {
            shown: 'training on after a perfect fit helps',
            'not shown': 'training on after a perfect fit does not help',
            undecided: 'whether training on after a perfect fit helps is open',
          }),
        ]
      : []),
  ];
}

const constants = ({ runs }: OpenSweep): Run[] => runs.filter(({ role }) => role === 'constant');

const FC: LawPanels = {
  plateau: '2a',
  time: '2b',
  gain: '2c',
  further: 'η λ down to 5·10⁻⁵: 13 more pairs, about 6 hours of two cores, better on a GPU',
};
const WRN: LawPanels = {
  plateau: '2d',
  time: '2e',
  gain: '2f',
  further:
    'more images, with which the peak that L2 makes stands clear of the early one (wrn-eta-lambda-4096, about 4.5 hours of two cores), or the paper’s preset on a GPU',
};

/** Figure 2: FC (a, b, c) and WRN (d, e, f), the latter on 4,096 images where those logs decide something, else on 1,024. */
export function figure2(logs: FigureLogs): Conclusion {
  const fc = judgeParts(sweepOf(logs, 'fc-eta-lambda'), (sweep) => lawParts(sweep, sweep.runs, FC));
  const few = judgeParts(sweepOf(logs, 'wrn-eta-lambda'), (sweep) => lawParts(sweep, sweep.runs, WRN));
  const many = logs['wrn-eta-lambda-4096'];
  const more = many && judgeParts(many, (sweep) => lawParts(sweep, sweep.runs, WRN));
  const wrn = more?.parts.some(({ verdict }) => verdict !== 'undecided') ? more : few;
  const groups = [
    { name: 'the fully connected network', ...fc },
    { name: 'the residual network', ...wrn },
  ];
  const parts = groups.flatMap((group) => group.parts);
  return concludeFrom(
    {
      figure: '2',
      claim:
        'The maximum test accuracy comes after t* = c/(η λ) epochs, is nearly the same for every η and small λ, and lies above the accuracy at training accuracy 1, for an FC network and a WRN.',
      sentence: sentences(
        groups.map((group) => ({
          what: trained(group.plan, group.sweep),
          found: found(group.parts),
          paper: `${group.name}: ${smaller(group.plan, group.sweep.preset)}`,
        })),
        parts,
      ),
      earlier: [...earlierLaws(fc.sweep.runs, FC), ...earlierLaws(wrn.sweep.runs, WRN)],
    },
    groups,
    Object.values(logs),
  );
}

/** Figure 3: the CNN without (a, b, c) and with batch norm (d, e, f). */
export function figure3(logs: FigureLogs): Conclusion {
  const [plain, normed]: LawPanels[] = [
    {
      plateau: '3a',
      time: '3b',
      gain: '3c',
      further: 'η and λ 20 times smaller, as in the paper: some 10 hours of two cores a seed, better on a GPU',
    },
    {
      plateau: '3d',
      time: '3e',
      gain: '3f',
      further: 'smaller λ in runs of 1/λ: two more, about 2 hours of two cores for three seeds',
    },
  ];
  const groups = [
    {
      name: 'without batch norm',
      ...judgeParts(sweepOf(logs, 'cnn-lambda'), (sweep) => lawParts(sweep, sweep.runs, plain!)),
    },
    {
      name: 'with batch norm',
      ...judgeParts(sweepOf(logs, 'cnn-bn-lambda'), (sweep) => lawParts(sweep, sweep.runs, normed!)),
    },
  ];
  return concludeFrom(
    {
      figure: '3',
      claim:
        'A CNN, without and with batch norm, has its best test accuracy after c/(η λ) epochs, nearly the same for every small λ, and above that at training accuracy 1.',
      sentence: sentences(
        groups.map(({ name, plan, sweep, parts }) => ({
          what: `${trained(plan, sweep)}, ${name}`,
          found: found(parts),
          paper: smaller(plan, sweep.preset),
        })),
        groups.flatMap(({ parts }) => parts),
      ),
      earlier: groups.flatMap(({ sweep }, i) => earlierLaws(sweep.runs, [plain!, normed!][i]!)),
    },
    groups,
    Object.values(logs),
  );
}

const momentum =
  (figure: string, claim: string, gain: string | null) =>
  (logs: FigureLogs): Conclusion => {
    const panels: LawPanels = {
      plateau: `${figure}a`,
      time: `${figure}b`,
      gain,
      further: 'more seeds at λ from 3·10⁻⁵ to 3·10⁻⁴: about 2 hours of two cores a seed',
    };
    const of: EtaLambdaPart[] = ['plateau', 'scaling', ...(gain === null ? [] : ['gain' as const])];
    const judged = judgeParts(sweepOf(logs, 'wrn-momentum-lambda'), (sweep) =>
      lawParts(sweep, constants(sweep), panels),
    );
    const { plan, sweep, parts } = judged;
    const runs = constants(sweep);
    return concludeFrom(
      {
        figure,
        claim,
        sentence: sentence(
          `${trained(plan, sweep, runs.length)} with momentum and augmentation`,
          found(parts),
          parts,
          smaller(plan, sweep.preset),
        ),
        earlier: earlierLaws(
          runs.filter(({ header }) => header.config.lambda > 0),
          panels,
          of,
        ),
      },
      [{ name: 'WRN', ...judged }],
      Object.values(logs),
    );
  };

export const figure4 = momentum(
  '4',
  'With momentum and augmentation the best test accuracy comes after t* = c/λ epochs and is nearly the same for every small λ.',
  null,
);

export const figureS2 = momentum(
  'S2',
  'With momentum and augmentation, trained to convergence, the three panels of figure 2 look alike: a plateau, t* = c/λ, and a best accuracy above that at training accuracy 1.',
  'S2c',
);
