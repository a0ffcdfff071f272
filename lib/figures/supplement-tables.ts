/** The tables of figures S1 to S12, each from an opened figure: what a workbook's analysis cells display. */

import {
  AUTO_L2_RULES,
  budgetClaim,
  contest,
  cOverLambda,
  curvesClaim,
  decays,
  digits,
  familyOf,
  FIT_TIME_RULES,
  fitTimeClaim,
  gridPoints,
  interval,
  levelPace,
  PAPER_C,
  predictions,
  ratioWithoutL2,
  repairClaim,
  rowClaim,
  rowPanels,
  scaleClaim,
  seedsSaid,
  smoothRun,
  summarizeSettings,
  threeRuns,
  tiedClaim,
} from '../analysis/index.ts';
import type { Contender, Contest, FitExponent, Predictions } from '../analysis/index.ts';
import { askedAtFit, budgetsOf, S6_NETWORKS, startsOf } from '../claims/index.ts';
import type { Run } from '../runs/index.ts';
import type { OpenFigure } from './open-figure.ts';
import { dataTable } from './table.ts';
import type { Markdown } from './table.ts';

const stepsSaid = (steps: number): string => (Number.isFinite(steps) ? digits(steps) : 'never');

/** S1: exponents of the time to the fit, network by network. */
export function tableS1({ list }: OpenFigure<'S1'>): Markdown {
  const said = ({ exponent, n }: FitExponent) =>
    exponent ? interval(exponent) : `open, ${n} of ${FIT_TIME_RULES.runs} pairs`;
  return dataTable(
    list.flatMap(({ name, opened }) =>
      opened.map(({ preset, runs }) => {
        const found = fitTimeClaim(askedAtFit(runs));
        const { eta, lambda, smallEta, withoutL2 } = found;
        const zero = ratioWithoutL2(found);
        return {
          name: `${name}, ${preset}`,
          smallEta: Number.isFinite(smallEta) ? smallEta : null,
          n: eta.n,
          eta: said(eta),
          m: lambda.n,
          lambda: said(lambda),
          zero,
          etas: withoutL2.length,
        };
      }),
    ),
    {
      name: 'network',
      smallEta: 'small: η at most',
      n: 'pairs',
      eta: 'exponent of η',
      m: 'pairs',
      lambda: 'exponent of λ',
      zero: 'smallest λ over λ = 0, median',
      etas: 'over η',
    },
  );
}

/** Every setting's mean curve: what it reaches, when, on the clock of L2, and whether it enters the fits. */
export function settingTable(name: string, runs: readonly Run[]): Markdown {
  return dataTable(
    summarizeSettings(runs).map((each) => ({
      lambda: each.lambda,
      eta: each.eta,
      seeds: each.seeds,
      reach: each.reach,
      maximum: each.maxTestAccuracy,
      tStar: each.tStarEpochs,
      decay: each.lambda === 0 ? '–' : digits(each.tStar * each.decayRate, 2),
      length: each.lambda === 0 ? '–' : digits(each.steps * each.decayRate, 2),
      entered: each.included ? 'yes' : each.excludedFor,
    })),
    {
      lambda: `λ (${name})`,
      eta: 'η',
      seeds: 'seeds',
      reach: 'highest training accuracy',
      maximum: 'maximum of the mean curve',
      tStar: 't*, epochs',
      decay: 't* in decay times',
      length: 'length in them',
      entered: 'enters',
    },
  );
}

/** S2: the settings at constant lambda. */
export const tablesS2 = ({ parts }: OpenFigure<'S2'>): Markdown[] =>
  parts.WRN.opened.map(({ preset, runs }) =>
    settingTable(
      `preset ${preset}`,
      runs.filter(({ role }) => role === 'constant'),
    ),
  );

/** S3, S4: predicted lambda against those tied with the best, at every budget; c; and t* lambda at every lambda. */
export function tablesOfPrediction(figure: OpenFigure<'S3'> | OpenFigure<'S4'>): Markdown[] {
  const multiple = figure.figure === 'S3' ? 1 : 2;
  return figure.parts.WRN.opened.flatMap(({ runs, preset }) => {
    const all = predictions(runs);
    return [tiedTable(all, multiple, preset), cTable(all, preset), cOverLambdaTable(all, preset)];
  });
}

function tiedTable(all: Predictions, multiple: 1 | 2, preset: string): Markdown {
  const tied = tiedClaim(all, multiple).budgets;
  return dataTable(
    familyOf(all, multiple).map(({ epochs, steps, tuned, predicted, difference }) => {
      const own = tied.find((each) => each.steps === steps)!;
      return {
        epochs,
        steps,
        predicted: predicted.lambda,
        best: `${tuned.lambda}${tuned.edge ? ', edge' : ''}`,
        tied: own.tied.join(', '),
        factor: digits(own.factor, 2),
        right: own.right ? 'yes' : own.open ? 'open' : 'no',
        difference: interval(difference),
      };
    }),
    {
      epochs: `T, epochs (${preset})`,
      steps: 'steps',
      predicted: 'predicted λ',
      best: 'best λ of the grid',
      tied: 'tied with it',
      factor: 'predicted over the nearest of them',
      right: 'within 10',
      difference: 'accuracy, predicted − best',
    },
  );
}

/** c of the short runs beside the paper's. */
function cTable({ c }: Predictions, preset: string): Markdown {
  const here =
    'fault' in c
      ? { who: `preset ${preset}`, epochs: c.fault, steps: '–' }
      : {
          who: `preset ${preset}, ${seedsSaid(c.runs.length)}`,
          epochs: interval(c.epochs),
          steps: interval(c.steps, 2),
        };
  return dataTable(
    [{ who: 'paper', epochs: String(PAPER_C.epochs), steps: digits(PAPER_C.epochs * PAPER_C.stepsAnEpoch, 3) }, here],
    { who: 'c = t* λ of the short run', epochs: 'epochs', steps: 'steps' },
  );
}

/** t* lambda of the long runs: one number, if t* ~ 1/lambda. */
const cOverLambdaTable = (all: Predictions, preset: string): Markdown =>
  dataTable(
    cOverLambda(all).map(({ lambda, steps, atLeast, seeds }) => ({
      lambda,
      steps: interval(steps, 2),
      atLeast: atLeast ? 'in the second half of a run: c is this at least' : '',
      seeds,
    })),
    { lambda: `λ of the long runs (${preset})`, steps: 't* λ, steps', atLeast: 't*', seeds: 'seeds' },
  );

/** S6: when what happens, run by run. */
export function tableS6({ logs }: OpenFigure<'S6'>): Markdown {
  return dataTable(
    S6_NETWORKS.flatMap(({ name, sweep, eta }) =>
      logs[sweep]!.opened.flatMap(({ preset, runs }) => {
        const { rows, orderByLength } = curvesClaim(threeRuns(runs, eta));
        return rows.map((row) => ({ name: `${name}, ${preset}`, ...row, orderByLength }));
      }),
    ),
    {
      name: 'network',
      lambda: 'λ',
      steps: 'steps',
      fitEpochs: 'training accuracy 1 after, epochs',
      tStarEpochs: 't*, epochs',
      maximum: 'maximum test accuracy',
      rise: 'last training loss over its minimum',
      orderByLength: 'order forced by length',
    },
  );
}

/** S7: run by run. */
export const tableS7 = ({ parts }: OpenFigure<'S7'>): Markdown =>
  dataTable(
    parts.FC.opened.flatMap(({ preset, summaries }) => summaries.map((summary) => ({ ...summary, preset }))),
    {
      preset: 'preset',
      lambda: 'λ',
      maxTestAccuracy: 'maximum test accuracy',
      tStarEpochs: 't*, epochs',
      tStar: 't*, steps',
      lastStep: 'of',
      reach: 'highest training accuracy',
    },
  );

/** S8: best lambda of each eta (judged by nobody), spread along lines of equal eta lambda, and what the smallest lambda lacks. */
export function tablesS8({ parts }: OpenFigure<'S8'>): Markdown[] {
  return parts['ResNet-50'].opened.flatMap(({ runs, preset }) => {
    const { grid, stretched } = rowPanels(gridPoints(runs));
    const { best, lines } = rowClaim(grid);
    const gaps = [...new Set([0, ...stretched.map(({ lambda }) => lambda)])].slice(0, 2);
    const repairs = gaps
      .map((smallest) => repairClaim(stretched.filter(({ lambda }) => lambda >= smallest)))
      .filter(
        ({ rows }, i, all) => rows.length > 0 && all.findIndex((each) => each.smallest === all[i]!.smallest) === i,
      );
    return [
      dataTable(
        best.map((each) => ({ preset, ...each })),
        { preset: 'preset', eta: 'η', lambda: 'best λ', product: 'η λ', accuracy: 'maximum test accuracy' },
      ),
      dataTable(
        lines.map((line) => ({ preset, ...line })),
        { preset: 'preset', product: 'η λ', n: 'runs', spread: 'spread of the maximum test accuracy' },
      ),
      dataTable(
        repairs.flatMap(({ smallest, rows }) =>
          rows.map(({ steps, best: top, gap, seeds }) => ({
            preset,
            smallest,
            steps,
            best: interval(top.accuracy),
            lambda: top.lambda,
            gap: interval(gap),
            seeds,
          })),
        ),
        {
          preset: 'preset',
          smallest: 'smallest λ',
          steps: 'length, steps',
          best: 'best test accuracy',
          lambda: 'at λ',
          gap: 'the smallest lacks, seed by seed',
          seeds: 'seeds',
        },
      ),
    ];
  });
}

const changes = ({ runs: [first] }: Contender): string =>
  first?.header.config.autoL2
    ? decays(first)
        .map(({ step, lambda }) => `${Number(lambda.toPrecision(3))} at ${step}`)
        .join(', ') || 'never'
    : '–';

/** Every contender of a contest, by means over looks and by single ones, and when AutoL2 lowered lambda (first seed). */
function contenderTable(name: string, runs: readonly Run[]): Markdown {
  const [smooth, single] = [contest(runs.map(smoothRun)), contest(runs)];
  const singles = new Map([...single.autos, ...single.constants].map((each) => [each.name, each]));
  return dataTable(
    [...smooth.autos, ...smooth.constants].map((each) => ({
      name: each.name,
      seeds: each.runs.length,
      best: interval(each.best),
      early: interval(each.early),
      single: interval(singles.get(each.name)!.best),
      changes: changes(singles.get(each.name)!),
    })),
    {
      name: `${name}, ${smooth.steps} steps`,
      seeds: 'seeds',
      best: 'maximum, means over 5 looks',
      early: `within ${AUTO_L2_RULES.early} of the run`,
      single: 'maximum, single looks',
      changes: 'λ lowered to, at step',
    },
  );
}

function levelTable(name: string, { levels, seeds }: Contest): Markdown {
  return dataTable(
    levels.map(({ accuracy, auto, constant, ratio }, i) => ({
      accuracy: digits(accuracy, 3),
      share: AUTO_L2_RULES.levels[i]!,
      auto: stepsSaid(auto),
      constant: stepsSaid(constant),
      ratio: Number.isFinite(ratio.value) ? interval(ratio, 2) : '–',
      judged: AUTO_L2_RULES.levels[i]! >= AUTO_L2_RULES.fromLevel ? 'yes' : 'no',
    })),
    {
      accuracy: `test accuracy (${name}, ${seedsSaid(seeds)})`,
      share: 'share of the best',
      auto: 'steps of AutoL2',
      constant: 'of the soonest constant',
      ratio: 'AutoL2 / constant',
      judged: 'judged',
    },
  );
}

const constantEta = (run: Run): boolean => run.header.config.schedule.kind === 'constant';

/** S9: contenders, and times to several accuracies. */
export const tablesS9 = ({ parts }: OpenFigure<'S9'>): Markdown[] =>
  parts.WRN.opened.flatMap(({ runs, preset }) => {
    const mine = runs.filter(constantEta);
    return [contenderTable(`preset ${preset}`, mine), levelTable(preset, contest(mine.map(smoothRun)))];
  });

/** S10: contenders with the learning-rate schedule, over 9,600 and over 2,500 steps. */
export const tablesS10 = ({ logs }: OpenFigure<'S10'>): Markdown[] =>
  [logs['wrn-autol2-long']!, logs['wrn-autol2']!]
    .flatMap(({ opened }) => opened)
    .filter(({ runs }) => runs.length > 0)
    .map(({ runs, preset }) =>
      contenderTable(
        `preset ${preset}`,
        runs.filter((run) => !constantEta(run)),
      ),
    );

/** S11: contenders, a table a network and start. */
export const tablesS11 = ({ list }: OpenFigure<'S11'>): Markdown[] =>
  list.flatMap(({ name, opened, others }) =>
    opened.flatMap(({ preset, runs }) => {
      const constants = others[0]!.opened.find((sweep) => sweep.preset === preset)?.runs ?? [];
      const batchNorm = name === 'FC' ? undefined : name !== 'CNN';
      return startsOf(runs, constants, batchNorm).map(({ eta, lambda, runs: all }) =>
        contenderTable(`${name}, ${preset}, η = ${eta}, from λ = ${lambda}`, all),
      );
    }),
  );

/** S12: spreads over the scales early and late, and figure 1a at every scale. */
export function tablesS12({ parts }: OpenFigure<'S12'>): Markdown[] {
  const { plan, opened } = parts.WRN;
  return opened.flatMap((sweep) => {
    const sigmas = [...new Set(plan.runs(sweep.preset as 'desk').map(({ config }) => config.sigmaW))];
    const budgets = budgetsOf(plan, sweep, sigmas);
    const clock = `${digits(budgets.pace, 2)}/λ steps`;
    return [
      dataTable(
        scaleClaim(budgets).rows.map(({ lambda, step, early, late }) => ({
          preset: sweep.preset,
          lambda,
          step,
          early,
          late,
        })),
        {
          preset: `T = ${clock}`,
          lambda: 'λ',
          step: 'early: step',
          early: 'spread there',
          late: 'spread of the maximum',
        },
      ),
      dataTable(
        budgets.sigmas.map((sigmaW) => {
          const { fixedDrop, repair, seeds } = budgetClaim(budgets, sigmaW);
          const { range, perDecade, verdict } = levelPace(budgets, sigmaW);
          return {
            sigmaW,
            small: interval(fixedDrop.small),
            large: interval(fixedDrop.large),
            range,
            perDecade: interval(perDecade),
            verdict,
            repair: interval(repair),
            seeds,
          };
        }),
        {
          sigmaW: `σ_w, ${sweep.preset}`,
          small: 'drop of the fixed time to the smallest λ',
          large: 'to the largest',
          range: `range of T = ${clock} at small λ`,
          perDecade: 'change a decade of λ',
          verdict: 'level',
          repair: 'gain of training longer',
          seeds: 'seeds',
        },
      ),
    ];
  });
}
