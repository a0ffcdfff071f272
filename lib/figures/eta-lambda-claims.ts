/** The claims of a sweep over eta and lambda in words: rows of a workbook's tables, and one sentence. */

import { summarizeRun } from '../analysis/index.ts';
import type { EtaLambdaClaims, ScalingClaim } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { dataTable, digits, interval, markdown } from './table.ts';
import type { Markdown } from './table.ts';

const GREEK: Record<string, string> = { eta: 'η', lambda: 'λ' };

/** The fitted law of t*: exponents and constant with intervals, or how few runs there are. */
export function lawTable({ law, c, n, scatter }: ScalingClaim): Markdown {
  if (!law || !c)
    return markdown(`Only ${n} run${n === 1 ? '' : 's'} can enter the fit so far: too few to decide anything.`);
  const exponents = Object.entries(law.exponents).map(([name, estimate]) => ({
    quantity: `exponent of ${GREEK[name] ?? name}`,
    fitted: interval(estimate),
    expected: '-1',
  }));
  return dataTable(
    [
      ...exponents,
      {
        quantity: `c with ${exponents.length > 1 ? 'both' : 'it'} at -1, epochs`,
        fitted: small(c),
        expected: 'one number',
      },
      { quantity: 't* lies within a factor of c/(η λ)', fitted: scatter.toFixed(2), expected: '1' },
    ],
    { quantity: `over ${n} runs`, fitted: 'fitted', expected: 'if t* = c/(η λ)' },
  );
}

/** An interval to three significant digits: c is a number of epochs, which are long here and short there. */
function small({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${digits(value, 3)} [${digits(low, 3)}, ${digits(high, 3)}]`;
}

/** Rows "claim / the paper says / measured here" of the three panels; `name` says which network and preset. */
export function etaLambdaRows(
  name: string,
  { scaling, plateau, gain }: EtaLambdaClaims,
  parts: readonly ('scaling' | 'plateau' | 'gain')[] = ['plateau', 'scaling', 'gain'],
): { claim: string; paper: string; measured: string }[] {
  const perDecade = plateau.perDecade;
  const slopes = perDecade
    ? [
        perDecade.eta && `${interval(perDecade.eta, 4)} a decade of η`,
        `${interval(perDecade.lambda, 4)} a decade of λ`,
      ].filter(Boolean)
    : [];
  const rows = {
    plateau: [
      {
        claim: `${name}: the maximum hardly depends on ${perDecade && !perDecade.eta ? '' : 'η and on '}small λ`,
        paper: 'one plateau [M]',
        measured:
          `${plateau.agreement}: ${plateau.n} runs` +
          (perDecade ? ` from ${digits(plateau.lowest)} to ${digits(plateau.highest)}; ${slopes.join(', ')}` : ''),
      },
    ],
    scaling: scaling.law
      ? Object.entries(scaling.law.exponents).map(([key, estimate]) => ({
          claim: `${name}: epochs to the maximum against ${GREEK[key] ?? key}`,
          paper: `t* ~ 1/${GREEK[key] ?? key} [M]`,
          measured: `${GREEK[key] ?? key}^ ${interval(estimate)} over ${scaling.n} runs`,
        }))
      : [
          {
            claim: `${name}: epochs to the maximum`,
            paper: 't* ~ 1/(η λ) [M]',
            measured: `not tested here: ${scaling.n} runs can enter the fit`,
          },
        ],
    gain: [
      {
        claim: `${name}: training on after training accuracy 1 helps`,
        paper: 'the maximum is higher [M]',
        measured:
          `${gain.agreement}: in ${gain.gaining} of ${gain.n} runs` +
          (gain.n > 0
            ? `, by ${digits(gain.median, 2)} in the median; at training accuracy 1 it is ${gain.fitRange.map((value) => digits(value)).join(' to ')}`
            : ''),
      },
    ],
  };
  return parts.flatMap((part) => rows[part]);
}

/** How far each run fits what it is trained on: the claims are for networks that can. `name` heads the first column. */
export function reachTable(name: string, runs: readonly Run[]): Markdown {
  return dataTable(
    runs.map((run) => {
      const { eta, lambda, seed, maxTestAccuracy, tStarEpochs, excludedFor } = summarizeRun(run);
      return {
        lambda,
        eta,
        seed,
        reach: 1 - Math.min(...run.measures.map(({ trainError }) => trainError)),
        maxTestAccuracy,
        tStarEpochs,
        entered: excludedFor === '' ? 'yes' : excludedFor,
      };
    }),
    {
      lambda: `λ (${name})`,
      eta: 'η',
      seed: 'seed',
      reach: 'highest training accuracy',
      maxTestAccuracy: 'maximum test accuracy',
      tStarEpochs: 't*, epochs',
      entered: 'enters the fit',
    },
  );
}

/** For a verdict: the law, the plateau and the gain in a sentence; or that there is not enough to say. */
export function etaLambdaSummary({ scaling, plateau, gain }: EtaLambdaClaims): string {
  if (!scaling.law) return `${scaling.n} runs can enter the fit, too few to decide`;
  const powers = Object.entries(scaling.law.exponents).map(
    ([key, estimate]) => `${GREEK[key] ?? key}^${interval(estimate, 2)}`,
  );
  const parts = [`t* ~ ${powers.join(' ')} over ${scaling.n} runs`];
  if (plateau.perDecade) parts.push(`maxima from ${digits(plateau.lowest)} to ${digits(plateau.highest)} at small η λ`);
  if (gain.n > 0) parts.push(`above training accuracy 1 in ${gain.gaining} of ${gain.n} runs`);
  return parts.join('; ');
}
