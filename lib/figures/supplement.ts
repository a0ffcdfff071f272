/** The pictures of figures S1 to S12, each from an opened figure: what a workbook's picture cell displays. */

import {
  contest,
  etaLambdaClaims,
  gridPoints,
  entersNarrowFit,
  lossRuns,
  predictions,
  rowPanels,
  standardClaim,
  summarizeSettings,
  threeRuns,
} from '../analysis/index.ts';
import type { OpenSweep, RunSummary } from '../analysis/index.ts';
import { budgetsOf, missingRuns, S6_NETWORKS, startsOf } from '../claims/index.ts';
import type { Run } from '../runs/index.ts';
import { NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { etaLambdaPanels } from './eta-lambda.ts';
import { rowsChart } from './heatmap.ts';
import { lines } from './lines.ts';
import type { LinePanel, LinesOptions } from './lines.ts';
import { drawn } from './logs.ts';
import type { OpenFigure, SweepLogs } from './open-figure.ts';
import {
  accuracyPanel,
  autoL2Panel,
  curvePanels,
  fitTimePanel,
  lossPanel,
  scalePanels,
  schedulePanel,
  tuningPanel,
} from './panels/index.ts';
import { Markdown } from './table.ts';

/** A chart, or what is missing for it. */
export type Picture = Chart | Markdown;

const WHAT = 'this figure';

const constantEta = (run: Run): boolean => run.header.config.schedule.kind === 'constant';

/** `no logs yet`: which runs would make the panels, at what cost, by which command. */
export function noLogsYet({ opened }: SweepLogs, panels: string): Markdown {
  const missing = opened.map(missingRuns).find((each) => each !== undefined);
  return new Markdown(`${panels}: no logs yet. They come with ${missing ?? opened[0]!.make}.`);
}

/** One chart a preset over several networks of it; `panelsOf` gives a network's panels. */
async function together(
  figure: OpenFigure,
  sweepsOf: readonly SweepLogs[],
  panelsOf: (preset: string) => LinePanel[],
  options: (preset: string, panels: readonly LinePanel[]) => LinesOptions,
): Promise<Picture[]> {
  const all: Picture[] = [];
  for (const preset of figure.presets) {
    const there = sweepsOf.flatMap(({ opened }) => opened.filter((sweep) => sweep.preset === preset));
    if (there.every(({ runs }) => runs.length === 0) && preset !== figure.presets[0]) continue;
    all.push(
      ...(await drawn([there[0] ?? sweepsOf[0]!.opened[0]!], WHAT, () => {
        const panels = panelsOf(preset);
        if (panels.every(({ series }) => series.every(({ points }) => points.length === 0)))
          throw new NothingToDraw('no finished run to draw: the sweeps have not got far enough yet');
        return lines(panels, options(preset, panels));
      })),
    );
  }
  return all;
}

/** S1: steps to training accuracy 1 over eta, a curve a lambda. */
export const pictureS1 = (figure: OpenFigure<'S1'>): Promise<Picture[]> =>
  together(
    figure,
    figure.list,
    (preset) =>
      figure.list.flatMap(({ name, opened }) =>
        opened
          .filter((sweep) => sweep.preset === preset)
          .map(({ summaries }) => fitTimePanel(summaries, `${name}, preset ${preset}`)),
      ),
    (preset) => ({
      legend: 'L2 coefficient',
      width: 330,
      alt: `Epochs to training accuracy 1 over the learning rate, a curve per L2 coefficient, preset ${preset}; both axes logarithmic.`,
    }),
  );

/** The panels of figure 2 for runs at constant lambda, seeds averaged look by look, with c as dashed guides. */
export function lawPicture(
  opened: readonly OpenSweep[],
  letters: readonly [string, string, string],
  runsOf: (sweep: OpenSweep) => readonly Run[] = ({ runs }) => runs,
  what = '',
): Promise<Picture[]> {
  return drawn(opened, WHAT, (sweep) => {
    const settings = summarizeSettings(runsOf(sweep));
    const { c } = standardClaim(settings);
    return etaLambdaPanels(settings, {
      letters,
      what: `${what === '' ? '' : `${what}, `}preset ${sweep.preset}`,
      ...(c && { c }),
    });
  });
}

/** S2: the long runs at constant lambda; the predicted ones are of figures 1b, S3, S4. */
export const pictureS2 = (figure: OpenFigure<'S2'>): Promise<Picture[]> =>
  lawPicture(figure.parts.WRN.opened, ['a', 'b', 'c'], ({ runs }) => runs.filter(({ role }) => role === 'constant'));

/** S3 and S4: maximum within each budget over lambda, c/T (or 2c/T) dashed. */
export const pictureOfPrediction = (figure: OpenFigure<'S3'> | OpenFigure<'S4'>): Promise<Picture[]> => {
  const multiple = figure.figure === 'S3' ? 1 : 2;
  return drawn(figure.parts.WRN.opened, WHAT, ({ runs, preset }) =>
    lines([tuningPanel(predictions(runs), multiple, `Budgets T, preset ${preset}`)], {
      width: 480,
      height: 280,
      legend: 'budget in epochs',
      alt: `Maximum test accuracy within each training budget over λ, preset ${preset}, with the λ predicted by ${multiple === 1 ? '' : '2'}c/T dashed.`,
    }),
  );
};

/** S5: test accuracy at training accuracy 1 and at its maximum over one range of lambda, and the training loss. */
export const pictureS5 = (figure: OpenFigure<'S5'>): Promise<Picture[]> =>
  drawn(figure.parts.FC.opened, WHAT, ({ runs, summaries, preset }) => {
    const lambdas = summaries.filter(finishedWithL2).map(({ lambda }) => lambda);
    const beside = (panel: LinePanel): LinePanel => ({ ...panel, x: { ...panel.x, reach: lambdas } });
    const [first] = lossRuns(runs);
    return lines(
      [
        beside(accuracyPanel(summaries, 'fitTestAccuracy', '(a)  At training accuracy 1')),
        beside(accuracyPanel(summaries, 'maxTestAccuracy', '(b)  Maximum')),
        lossPanel(lossRuns(runs), `(c)  Training loss${first ? `, λ = ${first.header.config.lambda}` : ''}`),
      ],
      {
        legend: 'learning rate',
        alt: `Test accuracy over λ at training accuracy 1 and at its maximum, and training loss over η times epochs, a curve per learning rate; preset ${preset}.`,
      },
    );
  });

const finishedWithL2 = ({ lambda, outcome }: RunSummary): boolean => lambda > 0 && outcome === 'finished';

/** S5 beside: the panels of figure 2 for this loss. */
export const lawPictureS5 = (figure: OpenFigure<'S5'>): Promise<Picture[]> =>
  drawn(figure.parts.FC.opened, 'these panels', ({ summaries, preset }) => {
    const { c } = etaLambdaClaims(summaries).scaling;
    return etaLambdaPanels(summaries, { what: `preset ${preset}`, ...(c && { c }) });
  });

/** S6: loss and accuracy of three runs a network; a network without logs is said to have none. */
export async function pictureS6(figure: OpenFigure<'S6'>): Promise<Picture[]> {
  const networks = S6_NETWORKS.map((network) => ({ ...network, logs: figure.logs[network.sweep]! }));
  const threeOf = (preset: string) =>
    networks.flatMap(({ name, logs, eta }) =>
      logs.opened
        .filter((sweep) => sweep.preset === preset)
        .map(({ runs }) => ({ name, three: threeRuns(runs, eta) }))
        .filter(({ three }) => three.length === 3),
    );
  const charts = await together(
    figure,
    networks.map(({ logs }) => logs),
    (preset) => threeOf(preset).flatMap(({ name, three }) => curvePanels(three, name)),
    (preset) => ({
      columns: 2,
      width: 340,
      height: 180,
      alt: `Accuracy and loss over epochs at three L2 coefficients, preset ${preset}: ${threeOf(preset)
        .map(({ name, three }) => `${name}, η = ${three[0]!.header.config.eta}`)
        .join('; ')}.`,
    }),
  );
  const none = networks.filter(({ logs }) => logs.opened.every(({ runs }) => runs.length === 0));
  return [...charts, ...none.map(({ name, logs }) => noLogsYet(logs, name))];
}

/** S7: the panels of figure 2; training accuracy 1 is not asked of what enters the fits. */
export const pictureS7 = (figure: OpenFigure<'S7'>): Promise<Picture[]> =>
  drawn(figure.parts.FC.opened, WHAT, ({ summaries, preset }) =>
    etaLambdaPanels(
      summaries.map((summary) => ({ ...summary, included: entersNarrowFit(summary) })),
      { what: `preset ${preset}` },
    ),
  );

/** S8: heat maps over eta and lambda, and over lambda and length. */
export const pictureS8 = (figure: OpenFigure<'S8'>): Promise<Picture[]> =>
  drawn(figure.parts['ResNet-50'].opened, WHAT, ({ runs }) => {
    const { grid, stretched } = rowPanels(gridPoints(runs));
    return rowsChart(grid, stretched);
  });

/** S9, S10: test accuracy and lambda over epochs, AutoL2's readings in full lines and constants dashed. */
function contestPicture(opened: readonly OpenSweep[], keep: (run: Run) => boolean): Promise<Picture[]> {
  return drawn(opened, WHAT, ({ runs, preset }) => {
    const all = contest(runs.filter(keep));
    const contenders = [...all.autos, ...all.constants];
    const panels = [
      autoL2Panel(all, contenders, `Test accuracy, preset ${preset}`),
      schedulePanel(all, contenders, 'L2 coefficient'),
    ];
    return lines(panels, {
      colours: 'contrast',
      width: 340,
      height: 260,
      alt: `Test accuracy and L2 coefficient over epochs, preset ${preset}, ${all.steps} steps: ${all.autos.length} readings of AutoL2 and constants ${all.constants.map(({ lambda }) => lambda).join(', ')}.`,
    });
  });
}

export const pictureS9 = (figure: OpenFigure<'S9'>): Promise<Picture[]> =>
  contestPicture(figure.parts.WRN.opened, constantEta);

/** S10: the runs of the paper's 9,600 steps, and those of 2,500. */
export async function pictureS10({ logs }: OpenFigure<'S10'>): Promise<Picture[]> {
  const [long, short] = [logs['wrn-autol2-long']!, logs['wrn-autol2']!];
  const scheduled = (run: Run) => !constantEta(run);
  const charts = await contestPicture(short.opened, scheduled);
  return long.opened.every(({ runs }) => runs.length === 0)
    ? [...charts, noLogsYet(long, 'The paper’s 9,600 steps')]
    : [...(await contestPicture(long.opened, scheduled)), ...charts];
}

/** S11: AutoL2 and the best constant, a panel a network, learning rate and first lambda. */
export function pictureS11(figure: OpenFigure<'S11'>): Promise<Picture[]> {
  const panelsOf = (preset: string) =>
    figure.list.flatMap(({ name, opened, others }) => {
      const ofPreset = (sweeps: readonly OpenSweep[]) => sweeps.find((sweep) => sweep.preset === preset)?.runs ?? [];
      const batchNorm = name === 'FC' ? undefined : name !== 'CNN';
      return startsOf(ofPreset(opened), ofPreset(others[0]!.opened), batchNorm).flatMap(({ eta, lambda, runs }) => {
        const all = contest(runs);
        const tuned = all.tuned ? [{ ...all.tuned, name: 'best constant λ' }] : [];
        const panel = autoL2Panel(all, [...all.autos, ...tuned], `${name}, η = ${eta}, from λ = ${lambda}`);
        return all.auto ? [{ ...panel, ...(all.tuned && { subtitle: `best constant: λ = ${all.tuned.lambda}` }) }] : [];
      });
    });
  return together(figure, figure.list, panelsOf, (preset, panels) => ({
    colours: 'contrast',
    columns: 2,
    width: 340,
    alt: `Test accuracy over epochs of AutoL2 and the best constant λ, preset ${preset}: ${panels.map(({ title }) => title).join('; ')}.`,
  }));
}

/** S12: over lambda, a curve an initial scale. */
export const pictureS12 = (figure: OpenFigure<'S12'>): Promise<Picture[]> => {
  const { plan, opened } = figure.parts.WRN;
  return drawn(opened, WHAT, (sweep) => {
    const sigmas = [...new Set(plan.runs(sweep.preset as 'desk').map(({ config }) => config.sigmaW))];
    const budgets = budgetsOf(plan, sweep, sigmas);
    return lines(scalePanels(budgets), {
      colours: 'contrast',
      sameY: true,
      alt: `Test accuracy over λ, a curve per initial scale ${budgets.sigmas.join(', ')}, preset ${sweep.preset}: early and at its maximum for a budget proportional to 1/λ, and the maximum for a fixed budget.`,
    });
  });
};
