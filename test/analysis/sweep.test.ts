import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import {
  exclusions,
  fitPowerLaw,
  loadSweep,
  measureFrame,
  summarizeRun,
  summaryFrame,
} from '../../lib/analysis/index.ts';
import { NUMERICS, readRun } from '../../lib/runs/index.ts';
import { temporaryFolder } from '../runs/support.ts';
import { deskGrid, measuredSteps, syntheticMeasure, writeSynthetic, writeSyntheticSweep } from './support.ts';
import type { SyntheticRun } from './support.ts';

const root = temporaryFolder();
const base: SyntheticRun = { eta: 0.1, lambda: 0.01, peak: 400, steps: 2000, fit: 40 };

function summary(changes: Partial<SyntheticRun>) {
  const folder = temporaryFolder();
  return summarizeRun(readRun(writeSynthetic(folder, { ...base, ...changes })));
}

test('the maximum, t* with its resolution and training accuracy 1 are those of a scan by hand', () => {
  const s = summary({});
  const steps = measuredSteps(base.steps);
  const errors = steps.map((step) => syntheticMeasure(base, step).testError);
  const least = Math.min(...errors);
  assert.equal(s.maxTestAccuracy, 1 - least);
  assert.equal(s.maxStep, steps[errors.indexOf(least)]);
  // 10,000 test images: within 0.005 is within 50 images.
  const star = errors.findIndex((error) => Math.round(1e4 * error) <= Math.round(1e4 * least) + 50);
  assert.equal(s.tStar, steps[star]);
  assert.equal(s.tStarAfter, steps[star - 1]);
  assert.equal(s.measuresBeforeTStar, star);
  assert.equal(s.fitStep, 40);
  assert.equal(s.fitTestAccuracy, 1 - syntheticMeasure(base, 40).testError);
  assert.ok(s.included && s.longEnough);
});

test('an accuracy exactly 0.005 below the maximum counts as within it', () => {
  const run = readRun(writeSynthetic(temporaryFolder(), base));
  run.measures.forEach((measure, i) => (measure.testError = i < 10 ? 0.5 : i === 10 ? 0.305 : i === 11 ? 0.3 : 0.4));
  assert.equal(summarizeRun(run).tStar, run.measures[10]!.step);
  run.measures[10]!.testError = 0.3051;
  assert.equal(summarizeRun(run).tStar, run.measures[11]!.step);
});

const reasons: [string, Partial<SyntheticRun>, RegExp][] = [
  ['that diverged', { diverged: true }, /^diverged/],
  ['that was killed', { cut: 100 }, /not finished \(unfinished\)/],
  ['whose maximum comes at its end', { peak: 5000 }, /t\* in the second half of the run/],
  ['with t* among its first measurements', { peak: 6 }, /fewer than 8 measurements before t\*/],
  ['that never reaches training accuracy 1', { fit: Infinity }, /training accuracy 1 not reached/],
];
for (const [name, changes, reason] of reasons)
  test(`a run ${name} is left out of fits, and says why`, () => {
    const s = summary(changes);
    assert.equal(s.included, false);
    assert.match(s.excludedFor, reason);
  });

test('a diverged run keeps the best of what it measured before', () => {
  const s = summary({ diverged: true });
  assert.equal(s.outcome, 'diverged');
  assert.equal(s.maxStep, 5);
  assert.ok(Number.isFinite(s.maxTestAccuracy));
});

test('from a synthetic sweep the fit recovers the exponents that made it', () => {
  const folder = temporaryFolder();
  writeSyntheticSweep(folder, { a: 0.9, b: 1.1, c: 0.35 });
  const { summaries, runs } = loadSweep('fc-eta-lambda', 'desk', [folder]);
  assert.equal(runs.length, deskGrid().length);
  const included = summaries.filter((s) => s.included);
  assert.ok(included.length > 40, `${included.length} runs included`);
  const law = fitPowerLaw(
    included.map((s) => s.maxStep),
    { eta: included.map((s) => s.eta), lambda: included.map((s) => s.lambda) },
  );
  assert.ok(Math.abs(law.exponents['eta']!.value + 0.9) < 0.03, JSON.stringify(law));
  assert.ok(Math.abs(law.exponents['lambda']!.value + 1.1) < 0.03, JSON.stringify(law));
  assert.equal(
    exclusions(summaries).reduce((total, { runs: n }) => total + n, 0) >= summaries.length - included.length,
    true,
  );
});

test('the desk grid has the 118 runs that the sweep names', () => {
  assert.equal(deskGrid().length, 118);
});

test('a run of other numerics or data files, or a damaged one, is left out by name and takes none of the others', () => {
  const folder = temporaryFolder();
  const used = [0.1, 0.2].map((eta) => writeSynthetic(folder, { ...base, eta }));
  const numerics = writeSynthetic(folder, { ...base, eta: 0.3 });
  // The version after the last known one, as a later release or a flipped bit would have it.
  fs.writeFileSync(numerics, fs.readFileSync(numerics, 'utf8').replace(/"numerics":\d+/, `"numerics":${NUMERICS + 1}`));
  const data = writeSynthetic(folder, { ...base, eta: 0.4, datasets: { synthetic: '1'.repeat(64) } });
  const damaged = writeSynthetic(folder, { ...base, eta: 0.5 });
  fs.writeFileSync(damaged, 'damaged\n');
  const { runs, summaries, problems } = loadSweep('fc-eta-lambda', 'desk', [folder]);
  assert.deepEqual(
    runs.map(({ file }) => file),
    used,
  );
  assert.equal(summaries.length, 2);
  const byFile = new Map(problems.map((problem) => [problem.file, problem.message]));
  assert.deepEqual([...byFile.keys()].toSorted(), [numerics, data, damaged].toSorted());
  assert.match(byFile.get(numerics)!, /numerics is \d+, not a whole number from 1 to/);
  assert.match(byFile.get(data)!, /synthetic \(SHA-256\) is 1{12}, which must not be mixed with 0{12} of 2 other runs/);
});

test('a sweep without runs is an error with the command that makes them', () => {
  assert.throws(
    () => loadSweep('fc-eta-lambda', 'paper', [root]),
    /no readable run of fc-eta-lambda, preset paper.*npm run train -- fc-eta-lambda --preset paper/,
  );
});

test('the frames hold every run and every measurement, with accuracies beside the settings', () => {
  const folder = temporaryFolder();
  writeSynthetic(folder, base);
  writeSynthetic(folder, { ...base, eta: 0.2 });
  const { runs, summaries } = loadSweep('fc-eta-lambda', 'desk', [folder]);
  const frame = summaryFrame(summaries);
  assert.deepEqual(frame.shape[0], 2);
  assert.deepEqual(frame['eta'].values, [0.1, 0.2]);
  const measures = measureFrame(runs);
  assert.equal(measures.shape[0], 2 * measuredSteps(base.steps).length);
  assert.equal(measures['testAccuracy'].values[3], 1 - syntheticMeasure(base, 3).testError);
});

test('analysis loads no native library and no TensorFlow binding', () => {
  const script = `
    await import(${JSON.stringify(new URL('../../lib/analysis/index.ts', import.meta.url).href)});
    const loaded = process.report.getReport().sharedObjects.filter((name) => /tensorflow|\\.node$/.test(name));
    console.log(JSON.stringify(loaded));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(child.status, 0, child.stderr);
  assert.deepEqual(JSON.parse(child.stdout), []);
});
