/** A workbook's first line: everything that its figure rests on, by the map of lib/sweeps/figures.ts. */

import { openSweeps } from '../analysis/index.ts';
import type { OpenSweep } from '../analysis/index.ts';
import { CLAIMS } from '../claims/index.ts';
import type { Conclusion } from '../claims/index.ts';
import type { Preset, Sweep } from '../runs/index.ts';
import { findSweep, panelNames, partsOf } from '../sweeps/index.ts';
import type { FigureName, PartName } from '../sweeps/index.ts';
import { logsThere, settingsTable } from './logs.ts';
import { Markdown } from './table.ts';

/** A sweep with its logs. */
export interface SweepLogs {
  plan: Sweep;
  /** A preset each: those of which there are runs, in the order asked for; the first, empty, where there are none of any. */
  opened: OpenSweep[];
}

/** A network or a panel of a figure: what is judged there, and what it is compared with or goes on in. */
export interface OpenPart extends SweepLogs {
  name: string;
  /** The paper's panels: `['2a', '2b', '2c']`, or the figure alone. */
  panels: string[];
  others: SweepLogs[];
}

export interface OpenFigure<Figure extends FigureName = FigureName> {
  figure: Figure;
  presets: readonly Preset[];
  /** In the paper's order. */
  list: OpenPart[];
  parts: Readonly<Record<PartName<Figure>, OpenPart>>;
  /** Every sweep once, by its name. */
  logs: Readonly<Record<string, SweepLogs>>;
  /** The claim's parts and what they come to. @throws TypeError for figure 5 and the theory, whose claims need more than logs */
  readonly conclusion: Conclusion;
  /** What is there, what is missing or left out and why, and the commands that make the rest. */
  logsThere(): Markdown;
  /** What the first preset trains beside what the paper does, a table a sweep. */
  settings(): Markdown;
}

/**
 * Opens a figure: its sweeps, their logs and settings. Reads committed logs and the user's own; what is damaged or missing is told by `logsThere()` and stops nothing.
 *
 * @example
 * const figure = openFigure('2', ['desk']);
 * figure.parts.WRN.opened[0].summaries;
 * @throws RangeError that lists the figures for one that rests on no sweep
 */
export function openFigure<Figure extends FigureName>(
  figure: Figure,
  presets: readonly Preset[] = ['desk', 'paper'],
): OpenFigure<Figure> {
  const logs: Record<string, SweepLogs> = {};
  const open = (name: string): SweepLogs => {
    const plan = findSweep(name);
    return (logs[name] ??= { plan, opened: openSweeps(plan, presets) });
  };
  const list = Object.entries(partsOf(figure)).map(
    ([
      name,
      {
        panels,
        sweeps: [judged, ...others],
      },
    ]): OpenPart => ({
      name,
      panels: panelNames(figure, panels),
      ...open(judged),
      others: others.map(open),
    }),
  );
  const every = () => Object.values(logs);
  return {
    figure,
    presets,
    list,
    parts: Object.fromEntries(list.map((part) => [part.name, part])) as Record<PartName<Figure>, OpenPart>,
    logs,
    get conclusion() {
      return concluded(figure, logs);
    },
    logsThere: () => joined(every().map(({ opened }) => logsThere(opened))),
    settings: () => joined(every().map(({ plan }) => settingsTable(plan, presets[0] ?? 'desk'))),
  };
}

function concluded(figure: string, logs: Readonly<Record<string, SweepLogs>>): Conclusion {
  const claim = (CLAIMS as Readonly<Record<string, (typeof CLAIMS)['1']>>)[figure];
  if (!claim)
    throw new TypeError(
      `the claims of ${figure} need more than its logs: its workbook computes the rest; those by logs alone: ${Object.keys(CLAIMS).join(', ')}`,
    );
  return claim(logs);
}

const joined = (all: readonly Markdown[]): Markdown =>
  new Markdown(all.map(({ text }) => text).join('\n\n'), all.map(({ plain }) => plain).join('\n\n'));
