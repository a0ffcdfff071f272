/** The claims of a sweep over eta and lambda in words: rows of a workbook's tables, and one sentence. */

import {
  exponentAgreement,
  fitFactor,
  groupBy,
  INCLUSION,
  lambdaLaws,
  plateauAtFirst,
  plateauClaim,
  RULES,
  scalingClaim,
  selectionLaws,
  SMOOTH,
  summarizeRun,
  timed,
  withoutReach,
} from '../analysis/index.ts';
import type {
  Estimate,
  EtaLambdaClaims,
  EtaLambdaPart,
  GainClaim,
  PlateauClaim,
  RunSummary,
  ScalingClaim,
} from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { dataTable, digits, interval, markdown } from './table.ts';
import type { Markdown } from './table.ts';
import { short } from './theme.ts';

const GREEK: Record<string, string> = { eta: 'η', lambda: 'λ' };

/** The fitted law of t*: exponents and constant with intervals, beside t* read from means over looks; or how few runs there are. */
export function lawTable({ law, c, n, scatter, smooth, leftOut }: ScalingClaim): Markdown {
  if (!law || !c) {
    const why = leftOut.map(({ reason, runs }) => `${reason}: ${runs}`).join('; ');
    return markdown(
      `${n === 0 ? 'No pair' : `Only ${count(n, 'pair')}`} of η and λ can enter the fit: too few to decide anything.` +
        (why === '' ? '' : ` Runs are left out for (one may be for several) ${why}.`),
    );
  }
  const exponents = Object.entries(law.exponents).map(([name, estimate]) => ({
    quantity: `exponent of ${GREEK[name] ?? name}`,
    fitted: interval(estimate),
    smooth: smooth?.law.exponents[name] ? interval(smooth.law.exponents[name]) : '–',
    expected: '-1',
  }));
  return dataTable(
    [
      ...exponents,
      {
        quantity: `c with ${exponents.length > 1 ? 'both' : 'it'} at -1, epochs`,
        fitted: small(c),
        smooth: smooth ? small(smooth.c) : '–',
        expected: 'one number',
      },
      {
        quantity: 't* lies within a factor of c/(η λ)',
        fitted: scatter.toFixed(2),
        smooth: smooth ? smooth.scatter.toFixed(2) : '–',
        expected: '1',
      },
    ],
    {
      quantity: `over ${count(n, 'pair')} of η and λ`,
      fitted: 't* of single looks (judged)',
      smooth: `t* of means over ${SMOOTH.looks} looks`,
      expected: 'if t* = c/(η λ)',
    },
  );
}

/** The law of t* over other selections of the runs, and lambda by lambda. `name` heads the first column. */
export function selectionTables(name: string, summaries: readonly RunSummary[]): Markdown[] {
  const exponent = (found: { law: { exponents: Record<string, Estimate> } } | undefined, key: string) =>
    found?.law.exponents[key] ? interval(found.law.exponents[key], 2) : '–';
  const laws = selectionLaws(summaries).filter(({ n }) => n > 0);
  if (laws.length === 0) return [];
  return [
    dataTable(
      laws.map(({ name: selection, n, found }) => ({
        selection,
        n,
        eta: exponent(found, 'eta'),
        lambda: exponent(found, 'lambda'),
        scatter: found ? found.scatter.toFixed(2) : '–',
      })),
      {
        selection: `${name}: runs`,
        n: 'n',
        eta: 'exponent of η',
        lambda: 'exponent of λ',
        scatter: 't* within a factor of c/(η λ)',
      },
    ),
    dataTable(
      lambdaLaws(summaries).map(({ lambda, n, found, c }) => ({ lambda, n, eta: exponent(found, 'eta'), c })),
      { lambda: `λ (${name})`, n: 'runs', eta: 'exponent of η', c: 'median of η λ t*, epochs' },
    ),
  ];
}

/** What the selections say, each number from these runs. */
export function selectionWords(summaries: readonly RunSummary[]): Markdown {
  const used = summaries.filter(({ included }) => included);
  const { law } = scalingClaim(summaries);
  if (!law) return markdown('too few runs enter the fit to ask what its selection does.');
  const [most] = [...groupBy(used, ({ lambda }) => lambda).values()].sort((a, b) => b.length - a.length);
  const row = [...most!].sort((a, b) => a.eta - b.eta);
  const last = row.at(-1)!;
  const list = (of: (summary: RunSummary) => number) => row.map((each) => digits(of(each))).join(', ');
  const fastest = Math.min(...row.map(({ fitStep }) => fitStep));
  const slowed = last.fitStep > fastest && (law.exponents['eta']?.value ?? -1) > -1 + RULES.exponent;
  const early = used.filter(({ tStar, fitStep }) => tStar < fitStep).length;
  const slow = timed(summaries).filter(({ eta, lambda }) => eta <= 0.3 && lambda <= 0.1);
  const all = slow.length > 2 ? fitOf(slow) : undefined;
  return markdown(
    `the rule leaves ${used.length} runs, ${used.filter(({ eta }) => eta >= 1).length} of them with η ≥ 1. ` +
      `At λ = ${last.lambda}, of which most are left, η = ${list(({ eta }) => eta)} reach training accuracy 1 after ${list(({ fitStep }) => fitStep)} steps and t\\* after ${list(({ tStar }) => tStar)}: ` +
      `at the largest η t\\* comes ${Math.abs(last.tStar - last.fitStep)} steps ${last.tStar < last.fitStep ? 'before' : 'after'} the fit. ` +
      (early > 0
        ? `In ${early} of the ${used.length} runs t\\* comes before the fit: their curves peak on the way to it, at a time that need not follow c/(η λ). `
        : '') +
      (slowed
        ? 'The fit gets slower with η and leaves t\\* = c/(η λ) no room before it; and since η λ is cut below, small λ is there with large η only, so both exponents shrink. '
        : '') +
      (all
        ? `Without the demand of a fit, at η ≤ 0.3 and λ ≤ 0.1, t\\* = ${small(all.factor)}/(η λ) holds within a factor of ${all.scatter.toFixed(2)} over ${slow.length} runs; ${slow.filter(({ fits }) => !fits).length} of them do not reach training accuracy 1, for L2 keeps them from it: the network can, without L2.`
        : ''),
  );
}

const fitOf = (runs: readonly RunSummary[]) =>
  fitFactor(
    runs.map(({ tStarEpochs }) => tStarEpochs),
    runs.map(({ eta, lambda }) => 1 / (eta * lambda)),
  );

/** Plateau and law by the rules as first fixed and as changed after the first logs, one under the other. */
export function readingsTable(name: string, summaries: readonly RunSummary[]): Markdown {
  const before = withoutReach(summaries);
  const scaling = (each: readonly RunSummary[]) => scalingWords(scalingClaim(each));
  return dataTable(
    [
      {
        rule: `as first fixed: runs that enter the fit of t*, η λ ≤ ${RULES.plateauRate}`,
        plateau: plateauWords(plateauAtFirst(before)),
        scaling: scaling(before),
      },
      {
        rule: `decay of weights ≤ ${RULES.plateauRate} a step, length × decay ≥ ${RULES.plateauLength}`,
        plateau: plateauWords(plateauClaim(before)),
        scaling: scaling(before),
      },
      {
        rule: `and training accuracy at least ${INCLUSION.reach} (judged)`,
        plateau: plateauWords(plateauClaim(summaries)),
        scaling: scaling(summaries),
      },
    ],
    { rule: `rule (${name})`, plateau: 'plateau', scaling: 't*' },
  );
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `shown: 12 pairs from 0.84 to 0.86; 0.004 [..] a decade of eta, ..` */
function plateauWords({ agreement, n, lowest, highest, perDecade }: PlateauClaim): string {
  if (!perDecade) return `${agreement}: ${count(n, 'pair')} of η and λ`;
  const slopes = [
    perDecade.eta && `${interval(perDecade.eta, 4)} a decade of η`,
    `${interval(perDecade.lambda, 4)} a decade of λ`,
  ].filter(Boolean);
  return `${agreement}: ${n} from ${digits(lowest)} to ${digits(highest)}; ${slopes.join(', ')}`;
}

function exponentWords(key: string, estimate: Estimate, n: number): string {
  const agreement = exponentAgreement(estimate, -1);
  const wide = agreement === 'not tested here' ? ', the interval is too wide' : '';
  return `${agreement}${wide}: ${GREEK[key] ?? key}^ ${interval(estimate)} over ${n}`;
}

function scalingWords({ law, n }: ScalingClaim): string {
  if (!law) return `not tested here: ${count(n, 'pair')} of η and λ can enter the fit`;
  return Object.entries(law.exponents)
    .map(([key, estimate]) => exponentWords(key, estimate, n))
    .join('; ');
}

function gainWords({ agreement, gaining, n, median, plain, fitRange, reach }: GainClaim): string {
  if (n === 0) {
    const never = Number.isFinite(reach) && reach < 1 ? `; training accuracy is ${digits(reach)} at most` : '';
    return `${agreement}: no run that enters the fit reaches training accuracy 1${never}`;
  }
  return (
    `${agreement}: means over looks rise in ${gaining} of ${n}, by ${digits(median, 2)} in the median; ` +
    `the maximum is above the one look in ${plain.gaining}, by ${digits(plain.median, 2)}; ` +
    `at training accuracy 1 it is ${fitRange.map((value) => digits(value)).join(' to ')}`
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
  parts: readonly EtaLambdaPart[] = ['plateau', 'scaling', 'gain'],
): { claim: string; paper: string; measured: string }[] {
  const rows = {
    plateau: [
      {
        claim: `${name}: the maximum hardly depends on ${plateau.perDecade && !plateau.perDecade.eta ? '' : 'η and on '}small λ`,
        paper: 'one plateau [M]',
        measured: plateauWords(plateau),
      },
    ],
    scaling: scaling.law
      ? Object.entries(scaling.law.exponents).map(([key, estimate]) => ({
          claim: `${name}: epochs to the maximum against ${GREEK[key] ?? key}`,
          paper: `t* ~ 1/${GREEK[key] ?? key} [M]`,
          measured: exponentWords(key, estimate, scaling.n),
        }))
      : [
          {
            claim: `${name}: epochs to the maximum`,
            paper: 't* ~ 1/(η λ) [M]',
            measured: scalingWords(scaling),
          },
        ],
    gain: [
      {
        claim: `${name}: training on after training accuracy 1 helps`,
        paper: 'the maximum is higher [M]',
        measured: gainWords(gain),
      },
    ],
  };
  return parts.flatMap((part) => rows[part]);
}

/**
 * How far each run fits what it is trained on, since the claims are for networks that can, and t* against the time in which L2 shrinks weights:
 * one number if t* ~ 1/lambda, and what the length of the run allows. `name` heads the first column.
 */
export function reachTable(name: string, runs: readonly Run[]): Markdown {
  return dataTable(
    runs.map((run) => {
      const { eta, lambda, seed, steps, maxTestAccuracy, tStar, tStarEpochs, decayRate, excludedFor } =
        summarizeRun(run);
      return {
        lambda,
        eta,
        seed,
        reach: 1 - Math.min(...run.measures.map(({ trainError }) => trainError)),
        maxTestAccuracy,
        tStarEpochs,
        shrunk: short(tStar * decayRate, 2),
        length: short(steps * decayRate, 2),
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
      shrunk: 't* × decay rate',
      length: 'length × decay rate',
      entered: 'enters the fit',
    },
  );
}

/** For a verdict: what each judged panel says in a sentence, and which of them these logs leave open. */
export function etaLambdaSummary({ scaling, plateau, gain, parts }: EtaLambdaClaims): string {
  if (parts.every((part) => ({ scaling, plateau, gain })[part].agreement === 'not tested here') && !scaling.law)
    return `${count(scaling.n, 'pair')} of η and λ can enter the fit, too few to decide`;
  const powers = Object.entries(scaling.law?.exponents ?? {}).map(
    ([key, estimate]) => `${GREEK[key] ?? key}^${interval(estimate, 2)}`,
  );
  const open = scaling.agreement === 'not tested here' ? 'open: ' : '';
  const sentences = {
    scaling: scaling.law
      ? `${open}t* ~ ${powers.join(' ')} over ${count(scaling.n, 'pair')}`
      : `${open}t* (${count(scaling.n, 'pair')} of η and λ can enter its fit)`,
    plateau: plateau.perDecade
      ? `maxima of ${plateau.n} from ${digits(plateau.lowest)} to ${digits(plateau.highest)} at small η λ`
      : 'open: the plateau',
    gain:
      gain.n > 0
        ? `${gain.agreement === 'not tested here' ? 'open: ' : ''}above training accuracy 1 in ${gain.gaining} of ${gain.n}`
        : `open: the gain (training accuracy is ${digits(gain.reach)} at most)`,
  };
  return parts.map((part) => sentences[part]).join('; ');
}
