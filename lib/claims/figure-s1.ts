/** Figure S1: the time to training accuracy 1 falls as 1/eta and hardly moves with lambda. */

import {
  effectOf,
  exponentIs,
  FIT_TIME_RULES,
  fitTimeClaim,
  interval,
  ratioWithoutL2,
  RULES,
  STANDARD,
  summarizeRun,
  summarizeSettings,
} from '../analysis/index.ts';
import type { Part } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { concludeFrom, judgeParts, partOf, sweepOf } from './claim.ts';
import type { Conclusion, EarlierReading, FigureLogs } from './claim.ts';
import { outcome, sentences, smaller, trained } from './plain.ts';

/** The settings that are asked: where L2 has hardly acted when the data are fitted, or there is none. Rule of 2026-11-29. */
export const askedAtFit = (runs: readonly Run[]) =>
  summarizeSettings(runs).filter(({ decayAtFit }) => !(decayAtFit > STANDARD.decayAtFit * (1 + 1e-9)));

function fitParts(name: string, runs: readonly Run[]): Omit<Part, 'decides'>[] {
  const found = fitTimeClaim(askedAtFit(runs));
  const part = (along: 'eta' | 'lambda', claim: string, expected: number, beside: string): Omit<Part, 'decides'> => {
    const { exponent, n } = found[along];
    const symbol = along === 'eta' ? 'η' : 'λ';
    return {
      panel: `S1, ${name}`,
      claim,
      verdict: exponent ? exponentIs(exponent, expected, RULES.exponent) : 'undecided',
      measure: `exponent of ${symbol}`,
      ...effectOf(exponent),
      n,
      of: 'pairs of η and λ',
      words: exponent
        ? `${symbol}^${interval(exponent, 2)} over ${n} pairs${beside}`
        : `${n} pairs, of ${FIT_TIME_RULES.runs} needed`,
    };
  };
  const ratio = ratioWithoutL2(found);
  return [
    part('eta', 'the time to training accuracy 1 falls as 1/η where η is small', -1, ''),
    part(
      'lambda',
      'it hardly moves with λ',
      0,
      Number.isFinite(ratio)
        ? `; the smallest λ takes ${ratio.toFixed(2)} times the steps without L2, median over ${found.withoutL2.length} η`
        : '',
    ),
  ];
}

export function figureS1(logs: FigureLogs): Conclusion {
  const groups = [
    { name: 'FC', sweep: 'fc-eta-lambda' },
    { name: 'WRN', sweep: 'wrn-eta-lambda' },
  ].map(({ name, sweep }) => ({
    name,
    ...judgeParts(sweepOf(logs, sweep), (opened) =>
      fitParts(name, opened.runs).map((part) =>
        partOf(part, opened, 'more η below the largest that fits: about half an hour of two cores for six runs'),
      ),
    ),
  }));
  const earlier = groups.flatMap(({ name, sweep }): EarlierReading[] => {
    const { eta, lambda } = fitTimeClaim(sweep.runs.map(summarizeRun));
    return [
      {
        panel: `S1, ${name}`,
        agreement: eta.agreement,
        words: eta.exponent ? `η^${interval(eta.exponent, 2)}` : 'open',
      },
      {
        panel: `S1, ${name}`,
        agreement: lambda.agreement,
        words: lambda.exponent ? `λ^${interval(lambda.exponent, 2)}` : 'open',
      },
    ];
  });
  const parts = groups.flatMap((group) => group.parts);
  return concludeFrom(
    {
      figure: 'S1',
      claim: 'The time to training accuracy 1 is proportional to 1/η for small η and hardly depends on λ.',
      sentence: sentences(
        groups.map(({ name, plan, sweep, parts: [eta, lambda] }) => ({
          what: trained(plan, sweep),
          found: [
            `the time to a perfect fit ${outcome(eta!, {
              shown: 'is the inverse of the learning rate',
              'not shown': 'is not the inverse of the learning rate',
              undecided: 'may or may not be the inverse of the learning rate',
            })}`,
            outcome(lambda!, {
              shown: 'hardly knows L2',
              'not shown': 'depends on L2',
              undecided: 'may or may not depend on L2',
            }),
          ],
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
