/** What a workbook says of its logs, and of what they were made with instead of the paper's. */

import { settings } from '../analysis/index.ts';
import type { OpenSweep, PresetName, SweepPlan } from '../analysis/index.ts';
import { ROOT } from '../runs/index.ts';
import { NothingToDraw } from './chart.ts';
import type { Chart } from './chart.ts';
import { dataTable, Markdown } from './table.ts';

/** More missing runs than this are told by one command for all. */
const NAMED = 6;

/** What there is of each preset, what is damaged or missing, and the command that makes it. */
export function logsThere(sweeps: readonly OpenSweep[]): Markdown {
  return new Markdown(sweeps.map(there).join('\n\n'));
}

function there({ sweep, preset, coverage, missing, problems, make }: OpenSweep): string {
  const { planned, ended, diverged, unfinished, extra } = coverage;
  const some = [
    diverged > 0 && `${diverged} of them diverged`,
    unfinished > 0 && `${unfinished} unfinished`,
    extra.length > 0 && `${extra.length} more beyond the plan, without a role`,
  ].filter(Boolean);
  const head = `**${sweep}, preset ${preset}: ${ended} of ${planned} runs are there**${some.length > 0 ? ` (${some.join(', ')})` : ''}.`;
  if (missing.length + unfinished + problems.length === 0) return head;
  const begun = ended + unfinished > 0;
  const rest = `\`${make}\` ${begun ? 'makes the rest' : 'makes them'}; \`npm run train -- ${sweep} --status --preset ${preset}\` tells how far it is.`;
  const damaged = problems.map((problem) => `- not used: ${literal(problem.message.replaceAll(`${ROOT}/`, ''))}`);
  const named =
    begun && missing.length <= NAMED
      ? missing.map(({ file, command }) => `- missing: \`${file}\`: \`${command}\``)
      : [];
  return [`${head} ${rest}`, ...(damaged.length + named.length > 0 ? [[...damaged, ...named].join('\n')] : [])].join(
    '\n\n',
  );
}

/** Text from a damaged log or of a file's name as Markdown that shows it: no element, link or picture begins in it. */
const literal = (text: string): string => text.replaceAll(/[<[`&\\]/g, '\\$&');

/** The preset's settings beside the paper's, from the sweep's definition; those that differ first, in bold. */
export function settingsTable(plan: SweepPlan, preset: PresetName): Markdown {
  const rows = settings(plan, preset).map(({ setting, paper, here, differs }) => ({
    setting: differs ? `**${setting}**` : setting,
    paper,
    here: differs ? here : 'as there',
    differs,
  }));
  const ordered = [...rows.filter(({ differs }) => differs), ...rows.filter(({ differs }) => !differs)];
  return dataTable(ordered, { setting: plan.name, paper: 'preset paper', here: `preset ${preset}` });
}

/** A chart for every preset of which there are logs; where they do not suffice, what makes them. */
export async function drawn(
  sweeps: readonly OpenSweep[],
  what: string,
  draw: (sweep: OpenSweep) => Promise<Chart>,
): Promise<(Chart | Markdown)[]> {
  const pictures: (Chart | Markdown)[] = [];
  for (const sweep of sweeps) {
    try {
      pictures.push(await draw(sweep));
    } catch (error) {
      if (!(error instanceof NothingToDraw)) throw error;
      pictures.push(notThere(sweep, what));
    }
  }
  return pictures;
}

/** What to say in place of a chart or a table. */
export function notThere({ sweep, preset, make }: OpenSweep, what: string): Markdown {
  return new Markdown(
    `There are not enough finished runs of ${sweep}, preset ${preset}, for ${what}: \`${make}\` makes them.`,
  );
}
