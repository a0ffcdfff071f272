/** Figures 2, 3, 4 and S2: accuracies and t* over eta and lambda, of each network; and the tables of how well t* = c/(eta lambda) holds. */

import { etaLambdaClaims, exclusions, predictions, summarizeRun, summaryFrame } from '../../analysis/index.ts';
import type { OpenSweep, RunSummary } from '../../analysis/index.ts';
import type { Chart } from '../chart.ts';
import { collapse, etaLambdaPanels } from '../eta-lambda.ts';
import { lawTable, readingsTable, reachTable, selectionTables, selectionWords } from '../eta-lambda-claims.ts';
import { exploreCurves } from '../curves.ts';
import type { PlotlyFigure } from '../curves.ts';
import { drawn, notThere } from '../logs.ts';
import type { OpenFigure, OpenPart } from '../open-figure.ts';
import { dataTable, Markdown, markdown } from '../table.ts';

/** The runs of a sweep that a law is asked of. */
export type RunsOfLaw = (sweep: OpenSweep) => RunSummary[];

export const everyRun: RunsOfLaw = ({ summaries }) => summaries;

/** Figures 4 and S2: the long runs at constant lambda; those at predicted lambda belong to figures 1b, S3 and S4. */
export const constantRuns: RunsOfLaw = ({ runs }) => constantsOf(runs).map(summarizeRun);

const constantsOf = (runs: OpenSweep['runs']) => predictions(runs).constants.flatMap((each) => each.runs);

type Shown = (Chart | Markdown | PlotlyFigure)[];

/** The three panels of each network, a chart a preset of which there are logs. */
export async function lawPanels({ list }: OpenFigure, runsOf = everyRun): Promise<Shown> {
  const shown: Shown = [];
  for (const part of list) {
    const letters = lettersOf(part);
    const what = list.length > 1 ? `panels ${letters.join(', ')}` : 'this figure';
    const charts = await drawn(part.opened, what, (sweep) => {
      const summaries = runsOf(sweep);
      const { c } = etaLambdaClaims(summaries).scaling;
      const name = `${list.length > 1 ? `${part.name}, ` : ''}preset ${sweep.preset}`;
      return etaLambdaPanels(summaries, { letters, what: name, ...(c && { c }) });
    });
    shown.push(...charts);
  }
  return shown;
}

/** The paper's letters of a network's panels; a, b, c where the figure is one network's. */
const lettersOf = ({ panels }: OpenPart): [string, string, string] => {
  const [a, b, c] = panels.map((panel) => panel.replace(/^\d+/, ''));
  return b === undefined || c === undefined ? ['a', 'b', 'c'] : [a!, b, c];
};

/** How many runs of each network do not enter the fit of t*, by reason; a run may have several. */
export const exclusionsTable = ({ list }: OpenFigure): Markdown =>
  dataTable(
    each(list).flatMap(({ name, sweep }) => exclusions(sweep.summaries).map((row) => ({ network: name, ...row }))),
    { network: 'network', reason: 'left out for', runs: 'runs' },
  );

/** The runs that enter it, each with its t*, known no better than the interval between two measurements. */
export function includedTables({ list }: OpenFigure): Markdown[] {
  return each(list)
    .filter(({ sweep }) => sweep.summaries.some(({ included }) => included))
    .map(({ name, sweep }) => {
      const frame = summaryFrame(sweep.summaries);
      return dataTable(frame.query(frame['included']), {
        eta: `η (${name})`,
        lambda: 'λ',
        maxTestAccuracy: 'maximum',
        tStarAfter: 't* after, steps',
        tStar: 'and at latest',
        fitStep: 'training accuracy 1 at',
        fitTestAccuracy: 'test accuracy there',
      });
    });
}

/** The fitted law of t* of each network. */
export function lawTables({ list }: OpenFigure, runsOf = everyRun): Markdown[] {
  return each(list).flatMap(({ name, sweep }) => [
    markdown(`**${name}**`),
    lawTable(etaLambdaClaims(runsOf(sweep)).scaling),
  ]);
}

/** Test accuracy over eta lambda x epochs in units of the fitted c: curves that fall on one another where the law holds. */
export async function collapses({ list }: OpenFigure, runsOf = everyRun): Promise<Chart[]> {
  const found = each(list).flatMap(({ sweep }) => {
    const summaries = runsOf(sweep);
    const { c } = etaLambdaClaims(summaries).scaling;
    return c ? [{ summaries, c }] : [];
  });
  return Promise.all(found.map(({ summaries, c }) => collapse(summaries, c)));
}

/** The law over other selections of the same logs, and what they say together. */
export const selections = ({ list }: OpenFigure): Markdown[] =>
  each(list).flatMap(({ name, sweep }) => [
    ...selectionTables(name, sweep.summaries),
    markdown(`**${name}**: ${selectionWords(sweep.summaries).text}`),
  ]);

/** Every training curve of seed 0, to explore. */
export async function explorers({ list }: OpenFigure): Promise<Shown> {
  return Promise.all(
    each(list).map(async ({ name, sweep }) => {
      const once = sweep.runs.filter(({ header }) => header.config.seed === 0);
      return once.length > 0
        ? exploreCurves(once, `${name}: every η and λ of the sweep`)
        : notThere(sweep, 'training curves');
    }),
  );
}

/** How far the training accuracy of each constant lambda comes, and t* beside the time in which L2 shrinks weights. */
export const reachTables = ({ list }: OpenFigure): Markdown[] =>
  each(list).map(({ sweep }) => reachTable(`preset ${sweep.preset}`, constantsOf(sweep.runs)));

/** Plateau and law by the rules as first fixed and as changed. */
export const readingsTables = ({ list }: OpenFigure): Markdown[] =>
  each(list).map(({ sweep }) => readingsTable(`preset ${sweep.preset}`, constantRuns(sweep)));

/** Every preset of every network, named as tables name it. */
function each(list: readonly OpenPart[]): { name: string; sweep: OpenSweep }[] {
  return list.flatMap(({ name, opened }) =>
    opened.map((sweep) => ({
      name: list.length > 1 ? `${name}, preset ${sweep.preset}` : `Preset ${sweep.preset}`,
      sweep,
    })),
  );
}
