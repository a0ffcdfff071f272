/** What tells runs apart: the settings of their configurations that are values, flat. */
import type { Run, RunConfig } from '../runs/index.ts';
import type { SettingValue } from './types.ts';

/** Settings of a run that are values: `width` of the model, `trainSamples` of the data, `momentum`. Lists and objects are left out. */
export function settingsOf({ model, data, ...rest }: RunConfig): Record<string, SettingValue> {
  const { kind: _kind, source: _source, ...ofModel } = model;
  const { trainSamples, testSamples } = data;
  const all = { ...rest, trainSamples, testSamples, ...ofModel };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value)),
  ) as Record<string, SettingValue>;
}

/** eta, lambda and seed, and what else differs among these runs. */
export function varyingSettings(runs: readonly Pick<Run, 'header'>[]): string[] {
  const all = runs.map(({ header }) => settingsOf(header.config));
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  const differing = names.filter((name) => new Set(all.map((settings) => settings[name])).size > 1);
  return ['eta', 'lambda', 'seed', ...differing.filter((name) => !['eta', 'lambda', 'seed'].includes(name))];
}
