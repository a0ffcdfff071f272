/** What a figure concludes: the parts of its claim, and what follows from them for the whole. */

import { logFolders, standIn } from '../analysis/index.ts';
import type { Agreement, OpenSweep, Part, PartVerdict, PresetName, SweepPlan } from '../analysis/index.ts';
import type { RunConfig } from '../runs/index.ts';

/** The logs of one sweep: what is planned, and each preset of which there are runs (the first, empty, where there are none of any). */
export interface SweepLogs {
  plan: SweepPlan;
  opened: readonly OpenSweep[];
}

/** The logs of a figure, by the names of its sweeps. */
export type FigureLogs = Readonly<Record<string, SweepLogs>>;

/** What one part was judged to be by the rule before the one that counts: the two stand side by side in the workbook. */
export interface EarlierReading {
  panel: string;
  agreement: Agreement;
  /** Numbers, without a full stop. */
  words: string;
}

/** All that a workbook's last word, the report's first page and the README say of a figure. */
export interface Conclusion {
  figure: string;
  claim: string;
  /** Follows from the parts: see `verdictOf`. */
  verdict: Agreement;
  /** How many parts are shown, and which are not. */
  summary: string;
  parts: Part[];
  /** For a reader from another field: what was trained, how often, what came out, how sure that is, what is smaller than in the paper. */
  sentence: string;
  standIn?: string;
  /** Folders of the logs that were read, relative to the repository. */
  data: string[];
  earlier: EarlierReading[];
}

/** What the parts make of the whole: shown where all are, in part where some are; what no part shows is not shown, or not tested where nothing is decided. */
export function verdictOf(parts: readonly Pick<Part, 'verdict'>[]): Agreement {
  const has = (verdict: PartVerdict) => parts.some((part) => part.verdict === verdict);
  if (!has('shown')) return has('not shown') ? 'not shown' : 'not tested here';
  return has('not shown') || has('undecided') ? 'shown in part' : 'shown';
}

/** `3 of 4 parts shown` */
export const countShown = (parts: readonly Pick<Part, 'verdict'>[]): string =>
  `${parts.filter(({ verdict }) => verdict === 'shown').length} of ${parts.length} part${parts.length === 1 ? '' : 's'} shown`;

/** The parts that one preset of a sweep gives: the largest preset that decides any of them counts, else the first. */
export interface Judged {
  plan: SweepPlan;
  sweep: OpenSweep;
  parts: Part[];
}

export function judgeParts({ plan, opened }: SweepLogs, of: (sweep: OpenSweep) => Part[]): Judged {
  const judged = opened.map((sweep) => ({ plan, sweep, parts: of(sweep) }));
  const last = judged.findLast(({ parts }) => parts.some(({ verdict }) => verdict !== 'undecided')) ?? judged[0];
  if (!last) throw new RangeError(`no preset of ${plan.name} was opened: openSweeps gives one at least`);
  return last;
}

/** The sweep of a figure. @throws RangeError that names those which are there */
export function sweepOf(logs: FigureLogs, name: string): SweepLogs {
  const found = logs[name];
  if (!found) throw new RangeError(`a claim needs the sweep ${name}; given are ${Object.keys(logs).join(', ')}`);
  return found;
}

/** A part with what would decide it, where it is not shown; `further` is said where all planned runs are there. */
export function partOf(part: Omit<Part, 'decides'>, sweep: OpenSweep, further: string): Part {
  return part.verdict === 'shown' ? part : { ...part, decides: missingRuns(sweep) ?? further };
}

/** The planned runs that are not there, their cost by the times in the logs that are, and the command; undefined where all are there. */
export function missingRuns({ sweep, coverage, runs, make }: OpenSweep): string | undefined {
  const { missing } = coverage;
  if (missing.length === 0) return undefined;
  const steps = missing.reduce((total, config) => total + config.steps, 0);
  const hours = (steps * secondsAStep(runs, missing[0]!)) / 3600;
  const cost = Number.isFinite(hours) ? `about ${hours < 1 ? hours.toFixed(1) : hours.toFixed(0)} hours of a core` : '';
  const counted = `${steps.toLocaleString('en')} steps`;
  const count = missing.length === 1 ? 'the planned run' : `the ${missing.length} planned runs`;
  return `${count} of ${sweep} that ${missing.length === 1 ? 'is' : 'are'} not there (${cost || counted}): ${make}`;
}

/** Median of what a step took in the runs of the same network that are there; NaN without any. */
function secondsAStep(runs: OpenSweep['runs'], { model, batchSize }: RunConfig): number {
  const kind = JSON.stringify([model, batchSize]);
  const times = runs
    .filter(({ header: { config } }) => JSON.stringify([config.model, config.batchSize]) === kind)
    .flatMap(({ end }) => (end?.reason === 'finished' && end.step > 0 ? [end.seconds / end.step] : []))
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? NaN;
}

/** One network or sweep of a figure, named where there are several. */
export interface Group extends Judged {
  name: string;
}

/** The conclusion that follows from judged parts. Parts stand in the order of `groups`, which is that of the paper's panels. */
export function concludeFrom(
  about: { figure: string; claim: string; sentence: string; earlier?: EarlierReading[]; standIn?: string },
  groups: readonly Group[],
  read: readonly SweepLogs[],
): Conclusion {
  const parts = groups.flatMap((group) => group.parts);
  const named = (verdict: PartVerdict) =>
    parts.filter((part) => part.verdict === verdict).map(({ panel, claim }) => `${panel} (${claim})`);
  const list = (['not shown', 'undecided'] as const).flatMap((verdict) => {
    const those = named(verdict);
    return those.length === 0 ? [] : [`${verdict}: ${those.join(', ')}`];
  });
  const different = about.standIn ?? standInOf(groups);
  return {
    figure: about.figure,
    claim: about.claim,
    verdict: verdictOf(parts),
    summary: `${countShown(parts)}${list.length === 0 ? '' : `; ${list.join('; ')}`}.`,
    parts,
    sentence: about.sentence,
    ...(different !== undefined && { standIn: different }),
    data: logFolders(read.flatMap(({ opened }) => opened)),
    earlier: about.earlier ?? [],
  };
}

/** What is trained instead of the paper's; groups that differ alike are named together. */
function standInOf(groups: readonly Group[]): string | undefined {
  const texts = new Map<string, string[]>();
  for (const { name, plan, sweep } of groups) {
    const text = standIn(plan, sweep.preset as PresetName);
    if (text !== undefined) texts.set(text, [...(texts.get(text) ?? []), name]);
  }
  const alone = groups.length === 1 || (texts.size === 1 && [...texts.values()][0]!.length === groups.length);
  const all = [...texts].map(([text, names]) => (alone ? text : `${names.join(', ')}: ${text}`));
  return all.length === 0 ? undefined : all.join('. ');
}
