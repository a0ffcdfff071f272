/** A figure's logs for a workbook, which must say what is missing and go on. */

import { DATA_FOLDERS, hashConfig, runPath } from '../runs/index.ts';
import type { Preset, Run, Sweep as PlannedSweep, SweepRun } from '../runs/index.ts';
import { coverage } from './coverage.ts';
import type { Coverage } from './coverage.ts';
import { AnalysisError, loadSweep } from './load.ts';
import type { Sweep } from './load.ts';

export type PresetName = Preset;

/** What is needed of a sweep of lib/sweeps to read its logs. */
export type SweepPlan = Pick<PlannedSweep, 'name' | 'runs'>;

/** A run that is planned and not there. */
export interface MissingRun {
  /** Relative to the repository, in the folder of the user's own runs. */
  file: string;
  command: string;
}

export interface OpenSweep extends Omit<Sweep, 'problems'> {
  coverage: Coverage;
  missing: MissingRun[];
  /** Why files or the whole preset could not be used. */
  problems: Error[];
  /** The command that makes, or goes on with, all of the preset. */
  make: string;
}

/**
 * Reads the presets of a sweep of which there are logs, in the order given; the first preset, empty, when there are none of any.
 * Damaged files, and presets whose runs must not be mixed, become problems.
 */
export function openSweeps(
  plan: SweepPlan,
  presets: readonly PresetName[] = ['desk', 'paper'],
  folders: readonly string[] = DATA_FOLDERS,
): OpenSweep[] {
  const opened = presets.map((preset) => openSweep(plan, preset, folders));
  const there = opened.filter(({ runs, problems }) => runs.length + problems.length > 0);
  return there.length > 0 ? there : opened.slice(0, 1);
}

function openSweep(plan: SweepPlan, preset: PresetName, folders: readonly string[]): OpenSweep {
  const loaded = load(plan.name, preset, folders);
  const planned = plan.runs(preset);
  const there = coverage(loaded.runs, planned);
  const absent = new Set(there.missing.map((config) => hashConfig(config)));
  const make = `npm run train -- ${plan.name} --preset ${preset}`;
  const missing = planned
    .filter(({ config }) => absent.has(hashConfig(config)))
    .map(({ config, varying }) => {
      const file = runPath('data/local', { sweep: plan.name, preset, config, hash: hashConfig(config) }, varying);
      return { file, command: `${make} --only ${settingsOf(file)}` };
    });
  return { ...loaded, runs: withRoles(loaded.runs, planned), coverage: there, missing, make };
}

/** Runs with the roles that the plan has for them; those beyond the plan have none. */
export function withRoles(runs: readonly Run[], planned: readonly SweepRun[]): Run[] {
  const roles = new Map(planned.map(({ config, role }) => [hashConfig(config), role]));
  return runs.map((run) => {
    const role = roles.get(run.header.hash);
    return role === undefined ? run : { ...run, role };
  });
}

/** What a run file's name shows: eta=0.1,lambda=0.01. */
function settingsOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).replace(/-[0-9a-f]{8}\.jsonl$/, '');
}

function load(
  sweep: string,
  preset: string,
  folders: readonly string[],
): Omit<Sweep, 'problems'> & { problems: Error[] } {
  try {
    return loadSweep(sweep, preset, folders);
  } catch (error) {
    if (!(error instanceof AnalysisError)) throw error;
    return { sweep, preset, runs: [], summaries: [], problems: error.problems };
  }
}
