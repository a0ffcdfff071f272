/** Pictures and tables of the workbook `beyond`: norms and angles at equilibrium, the best lambda against the budget, AdamW. */

import {
  angleRatios,
  budgetExponent,
  decayRate,
  digits,
  equilibriumLaw,
  equilibriumNorms,
  EQUILIBRIUM_RULES,
  exponentClaim,
  interval,
  layerAngles,
  lengthExponent,
  standardClaim,
  summarizeSettings,
} from '../analysis/index.ts';
import type { BudgetExponent, EquilibriumNorm, Estimate, OpenSweep } from '../analysis/index.ts';
import type { Run } from '../runs/index.ts';
import { lines } from './lines.ts';
import type { LinePanel } from './lines.ts';
import { drawn } from './logs.ts';
import type { OpenFigure } from './open-figure.ts';
import { point } from './panels/shared.ts';
import { lawPicture, noLogsYet } from './supplement.ts';
import type { Picture } from './supplement.ts';
import { dataTable } from './table.ts';
import type { Markdown } from './table.ts';

type Beyond = OpenFigure<'beyond'>;

/** A budget of the paper's, halved down to the shortest at which anything is learnt. */
const BUDGETS = [250, 500, 1000, 2000, 4000, 8000];

const WHAT = 'this panel';

/** The law through the middle of the points, as a dashed line with the exponent -1/2. */
function halfLaw(norms: readonly EquilibriumNorm[]) {
  const middle = norms.reduce((sum, { norm, lambda }) => sum + Math.log(norm.value * Math.sqrt(lambda)), 0);
  const factor = Math.exp(middle / norms.length);
  return norms.map(({ lambda }) => ({ x: lambda, y: factor / Math.sqrt(lambda) }));
}

/** Norm at equilibrium over lambda beside lambda^(-1/2), and norms on the clock of L2. */
export const pictureOfNorm = ({ parts }: Beyond): Promise<Picture[]> =>
  drawn(parts.norm.opened, WHAT, ({ runs, preset }) => {
    const norms = equilibriumNorms(runs);
    const clock = norms.map(({ lambda, runs: seeds, norm }) => ({
      name: `λ = ${lambda}`,
      points: seeds[0]!.measures
        .filter(({ step }) => step > 0)
        .map(({ step, l2Norm }) => ({ x: step * decayRate(seeds[0]!.header.config), y: l2Norm / norm.value })),
      mark: 'line' as const,
    }));
    const panels: LinePanel[] = [
      {
        title: 'Norm at equilibrium',
        x: { title: 'L2 coefficient λ', log: true },
        y: { title: 'sum of squares of the weights', log: true },
        series: [
          { name: 'measured', points: norms.map(({ lambda, norm }) => point(lambda, norm)) },
          ...(norms.length > 0 ? [{ name: '~ λ^(−1/2)', points: halfLaw(norms), mark: 'dashed' as const }] : []),
        ],
      },
      {
        title: 'On the way to it',
        subtitle: 'seed 0',
        x: { title: 'decay times', log: true },
        y: { title: 'norm over that at equilibrium', log: true },
        series: clock,
        verticals: [{ x: 0.25 }],
      },
    ];
    return lines(panels, {
      colours: 'contrast',
      width: 320,
      alt: `Sum of squares of the weights at equilibrium over λ, preset ${preset}, beside λ^(−1/2); and over decay times for ${norms.length} λ, a quarter of a decay time marked.`,
    });
  });

/** Lambda by lambda: where the norm settles, when, and when it would by the theory. */
export const normTable = ({ parts }: Beyond): Markdown =>
  dataTable(
    parts.norm.opened.flatMap(({ runs }) =>
      equilibriumNorms(runs).map(({ lambda, seeds, length, norm, reached, predicted }) => ({
        lambda,
        seeds,
        length: Number(digits(length, 3)),
        norm: interval(norm, 0),
        reached: interval(reached, 1),
        predicted: predicted.toFixed(1),
      })),
    ),
    {
      lambda: 'λ',
      seeds: 'seeds',
      length: 'length, decay times',
      norm: 'sum of squares at equilibrium',
      reached: `within ${EQUILIBRIUM_RULES.within} of it from, decay times`,
      predicted: 'by exp(−4 T)',
    },
  );

/** `-0.51 [-0.57, -0.44] over 5 λ`, or that there are too few. */
export function normLaw(runs: readonly Run[]): string {
  const law = equilibriumLaw(equilibriumNorms(runs));
  return law ? `λ^${interval(law.exponent, 2)} over ${law.n} λ` : 'too few λ reach equilibrium';
}

/** How many of the settings that enter the law of t* peak before a quarter of a decay time. */
export function earlyPeaks(runs: readonly Run[]): string {
  const settings = summarizeSettings(runs).filter(({ included }) => included);
  const early = settings.filter(({ tStar, decayRate: rate }) => tStar * rate < 0.25).length;
  return `${early} of ${settings.length} pairs of η and λ`;
}

/** Angle of one update over sqrt(2 r/(1 + momentum)), kernel by kernel. */
export async function pictureOfAngles({ parts }: Beyond): Promise<Picture[]> {
  if (parts.angle.opened.every(({ runs }) => runs.length === 0))
    return [noLogsYet(parts.angle, 'Angles, layer by layer')];
  return drawn(parts.angle.opened, WHAT, ({ runs, preset }) => {
    const angles = layerAngles(runs);
    const kinds = [
      { name: 'batch norm follows', invariant: true },
      { name: 'other kernels', invariant: false },
    ];
    return lines(
      [
        {
          title: 'Angle of one update, a point a kernel',
          subtitle: 'mean over the second half of each run',
          x: { title: 'predicted, √(2 r/(1 + momentum))', log: true },
          y: { title: 'measured angle', log: true },
          series: [
            ...kinds.map(({ name, invariant }) => ({
              name,
              points: angles
                .filter((each) => each.invariant === invariant)
                .map(({ predicted, angle }) => ({ x: predicted, y: angle })),
              mark: invariant ? ('points' as const) : ('hollow' as const),
            })),
            {
              name: 'equal',
              points: [...new Set(angles.map(({ predicted }) => predicted))]
                .sort((a, b) => a - b)
                .map((x) => ({ x, y: x })),
              mark: 'dashed' as const,
            },
          ],
        },
      ],
      {
        colours: 'contrast',
        width: 380,
        height: 280,
        alt: `Measured angle of one update against the predicted one, ${angles.length} kernels, preset ${preset}.`,
      },
    );
  });
}

/** Measured over predicted angle, a run and kind of kernel. */
export const angleTable = ({ parts }: Beyond): Markdown =>
  dataTable(
    parts.angle.opened.flatMap(({ runs }) =>
      angleRatios(layerAngles(runs)).map(({ lambda, eta, momentum, invariant, layers, predicted, ratio }) => ({
        lambda,
        eta,
        momentum,
        kernels: `${layers}, ${invariant ? 'batch norm follows' : 'others'}`,
        predicted: predicted.toFixed(4),
        ratio: interval(ratio, 2),
      })),
    ),
    {
      lambda: 'λ',
      eta: 'η',
      momentum: 'momentum',
      kernels: 'kernels',
      predicted: 'predicted angle',
      ratio: 'measured over predicted',
    },
  );

const constants = ({ runs }: OpenSweep): Run[] => runs.filter(({ role }) => role === 'constant');
const lengths = ({ runs }: OpenSweep): Run[] =>
  runs.filter(({ role }) => role === 'lengths' || role === 'grid and lengths');

/** The two sweeps with a best lambda at several budgets. */
export function budgetExponents({ logs }: Beyond): { name: string; found: BudgetExponent }[] {
  const of = (sweep: string) => logs[sweep]!.opened;
  return [
    ...of('wrn-momentum-lambda').map((sweep) => ({
      name: `WRN, momentum, ${sweep.preset}`,
      found: budgetExponent(constants(sweep), BUDGETS),
    })),
    ...of('resnet-eta-lambda').map((sweep) => ({
      name: `ResNet, schedule, ${sweep.preset}`,
      found: lengthExponent(lengths(sweep)),
    })),
  ];
}

/** The best lambda at every budget, and the exponents. */
export function budgetTables(figure: Beyond): Markdown[] {
  const all = budgetExponents(figure);
  const said = (estimate: Estimate | undefined) => (estimate ? interval(estimate, 2) : '–');
  return [
    dataTable(
      all.flatMap(({ name, found }) =>
        found.rows.map(({ steps, lambda, accuracy, edge }) => ({
          name,
          steps,
          lambda: `${lambda}${edge ? ', edge' : ''}`,
          accuracy,
        })),
      ),
      { name: 'sweep', steps: 'budget, steps', lambda: 'best λ', accuracy: 'test accuracy, means over looks' },
    ),
    dataTable(
      all.map(({ name, found }) => ({
        name,
        budgets: said(found.overBudgets),
        seeds: said(found.overSeeds),
        n: found.seeds,
      })),
      {
        name: 'd log(best λ) / d log(budget)',
        budgets: 'over budgets, 95 % of the fit',
        seeds: 'mean over seeds, 95 %',
        n: 'seeds',
      },
    ),
  ];
}

/** Figure 2b's panels for AdamW, decoupled decay. */
export async function pictureOfAdamW({ parts }: Beyond): Promise<Picture[]> {
  return parts.AdamW.opened.every(({ runs }) => runs.length === 0)
    ? [noLogsYet(parts.AdamW, 'AdamW')]
    : lawPicture(parts.AdamW.opened, ['a', 'b', 'c'], ({ runs }) => runs, 'FC, AdamW');
}

/** t* against 1/(eta lambda) for AdamW, beside SGD's on the paper's FC network, by the same rules. */
export const optimizerTable = ({ logs }: Beyond): Markdown =>
  dataTable(
    [
      { name: 'AdamW, decoupled decay', sweep: logs['fc-adamw']! },
      { name: 'SGD, L2', sweep: logs['fc-eta-lambda']! },
    ].flatMap(({ name, sweep }) =>
      sweep.opened.map(({ runs, preset }) => {
        const settings = summarizeSettings(runs);
        const standard = standardClaim(settings);
        const { exponents, n } = exponentClaim(settings);
        const exponent = (of: string) => {
          const found = exponents.find((each) => each.name === of);
          return found ? interval(found.estimate, 2) : '–';
        };
        return {
          name: `${name}, ${preset}`,
          within: standard.n === 0 ? 'no logs yet' : `${standard.within} of ${standard.n}`,
          decades: Number(digits(standard.decades, 2)),
          times: standard.decayAtTStar ? interval(standard.decayAtTStar, 2) : '–',
          eta: exponent('eta'),
          lambda: exponent('lambda'),
          n,
        };
      }),
    ),
    {
      name: 'optimizer',
      within: 't* within 2 of c/(η λ)',
      decades: 'decades of η λ',
      times: 't* in decay times 1/(η λ)',
      eta: 'exponent of η',
      lambda: 'exponent of λ',
      n: 'over pairs',
    },
  );

/** What theory says of each question, and what these logs do: rows for `claims` of lib/report. */
export function beyondRows(figure: Beyond): { claim: string; paper: string; measured: string }[] {
  const { norm, angle, SGD } = figure.parts;
  const ratios = angle.opened
    .flatMap(({ runs }) => angleRatios(layerAngles(runs)))
    .filter(({ invariant }) => invariant);
  const adamW = figure.logs['fc-adamw']!.opened.map(({ runs }) => standardClaim(summarizeSettings(runs)))[0];
  return [
    {
      claim: 'sum of squares of the weights at equilibrium, at one η',
      paper: '~ λ^(−1/2), for weights before batch norm',
      measured: norm.opened.map(({ runs }) => normLaw(runs)).join('; '),
    },
    {
      claim: `decay times until it stays within ${EQUILIBRIUM_RULES.within} of that`,
      paper: '|w|⁴ goes there as exp(−4 T)',
      measured:
        norm.opened
          .flatMap(({ runs }) => equilibriumNorms(runs))
          .map(
            ({ lambda, reached, predicted }) =>
              `${reached.value.toFixed(1)} at λ = ${lambda} (theory ${predicted.toFixed(1)})`,
          )
          .join(', ') || 'no logs yet',
    },
    {
      claim: 'peaks of test accuracy too early to know λ (figure 2e)',
      paper: 't* below a quarter of a decay time',
      measured: SGD.opened.map(({ runs }) => earlyPeaks(runs)).join('; '),
    },
    {
      claim: 'angle of one update, kernels before batch norm',
      paper: '√(2 r/(1 + momentum))',
      measured:
        ratios.length === 0
          ? 'no logs yet'
          : ratios
              .map(
                ({ lambda, momentum, ratio }) =>
                  `${interval(ratio, 2)} times that at λ = ${lambda}, momentum ${momentum}`,
              )
              .join('; '),
    },
    ...budgetExponents(figure).map(({ name, found }) => ({
      claim: `exponent of the best λ in the budget, ${name}`,
      paper: '−1 (the paper’s c/T)',
      measured: `${found.overBudgets ? interval(found.overBudgets, 2) : 'too few budgets'}${found.overSeeds ? `; seeds ${interval(found.overSeeds, 2)}` : ''}; ${found.rows.filter(({ edge }) => edge).length} of ${found.rows.length} budgets at an edge of the grid`,
    })),
    {
      claim: 'AdamW: t* within a factor of 2 of c/(η λ)',
      paper: 'timescale 1/(η λ)',
      measured: adamW && adamW.n > 0 ? `${adamW.within} of ${adamW.n} pairs, ${adamW.verdict}` : 'no logs yet',
    },
  ];
}
