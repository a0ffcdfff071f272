import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { conclude, judge, openSweeps, settings, standIn } from '../../lib/analysis/index.ts';
import { logsThere } from '../../lib/figures/index.ts';
import { hashConfig, type Preset } from '../../lib/runs/index.ts';
import { findSweep } from '../../lib/sweeps/index.ts';
import { temporaryFolder } from '../runs/support.ts';
import { paperLaw, writePlanted } from './planted.ts';

const plan = findSweep('cnn-lambda');

test('a sweep without logs opens empty and says the command that makes them', () => {
  const [sweep, ...others] = openSweeps(plan, ['desk', 'paper'], [temporaryFolder()]);
  assert.equal(others.length, 0);
  assert.equal(sweep!.preset, 'desk');
  assert.equal(sweep!.runs.length, 0);
  assert.match(logsThere([sweep!]).text, /0 of \d+ runs are there.*npm run train -- cnn-lambda --preset desk/s);
});

test('logs of the preset paper show beside those of the desk, and alone where these are missing', () => {
  const both = temporaryFolder();
  writePlanted(both, 'cnn-lambda', paperLaw({ c: 1 }));
  writePlanted(both, 'cnn-lambda', paperLaw({ c: 1 }), 'paper');
  assert.deepEqual(
    openSweeps(plan, ['desk', 'paper'], [both]).map(({ preset }) => preset),
    ['desk', 'paper'],
  );
  const alone = temporaryFolder();
  writePlanted(alone, 'cnn-lambda', paperLaw({ c: 1 }), 'paper');
  assert.deepEqual(
    openSweeps(plan, ['desk', 'paper'], [alone]).map(({ preset }) => preset),
    ['paper'],
  );
});

test('a damaged file and a missing one are named with what makes them, and the others are read', () => {
  const folder = temporaryFolder();
  writePlanted(folder, 'cnn-lambda', paperLaw({ c: 1 }));
  const place = `${folder}/cnn-lambda/desk`;
  const [damaged, missing] = fs.readdirSync(place).sort() as [string, string];
  fs.writeFileSync(`${place}/${damaged}`, 'damaged\n');
  fs.rmSync(`${place}/${missing}`);
  const [sweep] = openSweeps(plan, ['desk'], [folder]);
  assert.equal(sweep!.runs.length, plan.runs('desk').length - 2);
  const { text } = logsThere([sweep!]);
  assert.ok(text.includes(damaged) && text.includes(missing), text);
  assert.match(text, /npm run train -- cnn-lambda --preset desk --only eta=/);
});

test('runs have the role that their plan gives them; one beyond the plan has none and is told', () => {
  const folder = temporaryFolder();
  const momentum = findSweep('wrn-momentum-lambda');
  writePlanted(folder, 'wrn-momentum-lambda', paperLaw({ c: 1 }), 'smoke');
  const [all] = openSweeps(momentum, ['smoke'], [folder]);
  const roles = new Map(momentum.runs('smoke').map(({ config, role }) => [hashConfig(config), role]));
  assert.equal(all!.runs.length, roles.size);
  for (const { header, role } of all!.runs) assert.equal(role, roles.get(header.hash));
  const lessPlanned = { ...momentum, runs: (preset: Preset) => momentum.runs(preset).slice(1) };
  const [less] = openSweeps(lessPlanned, ['smoke'], [folder]);
  assert.equal(less!.runs.filter(({ role }) => role === undefined).length, 1);
  assert.match(logsThere([less!]).text, /1 more beyond the plan, without a role/);
});

test('settings are read from the configurations: the desk differs from the paper, the paper not from itself', () => {
  assert.ok(settings(plan, 'desk').some(({ setting, differs }) => setting === 'network' && differs));
  assert.ok(settings(plan, 'paper').every(({ differs }) => !differs));
  assert.match(standIn(plan, 'desk')!, /CNN, 300 channels/);
  assert.equal(standIn(plan, 'paper'), undefined);
  assert.match(standIn(findSweep('fc-eta-lambda'), 'desk')!, /^the paper's network and data; cut or ours/);
});

test('what a workbook concludes names each part, and for an untested one the command', () => {
  const sweeps = openSweeps(plan, ['desk'], [temporaryFolder()]);
  const part = (name: string, agreement: 'shown' | 'not tested here') =>
    judge(name, plan, sweeps, () => ({ agreement, summary: `${name} in numbers` }));
  const all = conclude([part('a', 'shown'), part('b', 'not tested here')]);
  assert.equal(all.verdict, 'shown in part');
  assert.match(
    all.summary,
    /^a: shown: a in numbers\. b: not tested here: b in numbers; more logs: npm run train -- cnn-lambda/,
  );
  assert.deepEqual(all.data, []);
  // Where every planned run is there, a command that makes more would be a false hope.
  const whole = sweeps.map((sweep) => ({ ...sweep, missing: [], coverage: { ...sweep.coverage, missing: [] } }));
  const open = judge('b', plan, whole, () => ({ agreement: 'not tested here' as const, summary: 'b in numbers' }));
  assert.equal(conclude([open]).summary, 'b in numbers; these logs cannot decide it.');
});
