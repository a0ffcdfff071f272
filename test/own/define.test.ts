import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hashConfig } from '../../lib/runs/index.ts';
import {
  defineSweep,
  DefinitionError,
  openDefinition,
  type GivenToModels,
  type OwnData,
  type OwnDefinition,
} from '../../lib/own/index.ts';
import { sourceDigest } from '../../lib/own/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'l2-define-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const data: OwnData = {
  name: 'four',
  shape: [2],
  classes: 2,
  train: { x: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), y: Int32Array.of(0, 1, 0, 1) },
  test: { x: Float32Array.of(0, 1), y: Int32Array.of(1) },
};
const model = ({ tf, classes }: GivenToModels) =>
  tf.sequential({ layers: [tf.layers.dense({ units: classes, inputShape: [2] })] });
const base = { name: 'right', data, model, steps: 10 };
const right: OwnDefinition = { ...base, grid: { eta: 0.1, lambda: [0, 0.01] } };

describe('a wrong definition is refused with what was found and what is expected', () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['no name', { name: undefined }, /name is undefined: expected small letters/],
    ['a name that is no folder', { name: '../x' }, /name is "..\/x"/],
    ['a member that it has not', { epochs: 3 }, /a sweep has no epochs: it has name, .*Settings of the model belong/],
    ['no model', { model: 'cnn' }, /model is "cnn": expected a function/],
    ['no grid', { grid: undefined }, /grid is undefined: expected the values of each setting/],
    ['no lambda', { grid: { eta: 1 } }, /grid has no lambda/],
    ['a negative eta', { grid: { eta: -1, lambda: 0 } }, /grid.eta has the value -1: expected numbers from 0/],
    ['an empty list', { grid: { eta: 1, lambda: [] } }, /grid.lambda is empty/],
    ['a value twice', { grid: { eta: 1, lambda: [0.1, 0.1] } }, /grid.lambda has a value twice/],
    ['a value that is no value', { grid: { eta: 1, lambda: 1, width: [{}] } }, /grid.width has the value \{\}/],
    ['NaN', { grid: { eta: 1, lambda: [Number.NaN] } }, /grid.lambda has the value/],
    ['a setting that the run has already', { grid: { eta: 1, lambda: 1, steps: 3 } }, /a setting "steps"/],
    ['steps without end', { steps: ({ lambda }: { lambda: number }) => 1 / lambda }, /lambda = 0 may need a length/],
    ['no steps', { steps: undefined }, /steps is undefined/],
    ['no seeds', { seeds: [] }, /seeds is \[\]/],
    ['a seed that is none', { seeds: [0.5] }, /seeds is \[0.5\]: expected whole numbers/],
    ['a batch that is too large', { batchSize: 5 }, /batchSize is 5: expected a whole number from 1 to 4/],
    ['more samples than there are', { trainSamples: 9 }, /trainSamples is 9: expected a whole number from 1 to 4/],
    ['a loss that is none', { loss: 'hinge' }, /loss is "hinge": expected 'cross-entropy\/k'/],
    ['a momentum of 1', { momentum: 1 }, /momentum is 1/],
    ['a schedule of measuring that is none', { measure: { every: 0 } }, /measure is \{"every":0\}: expected/],
    ['a grid of which nothing is kept', { keep: () => false }, /keep leaves no run/],
    ['smoke with a model of its own', { smoke: { model: () => 0 } }, /smoke has no model/],
    ['no data', { data: undefined }, /data is missing/],
    ['data without a name', { data: { ...data, name: 'My data' } }, /data.name is "My data"/],
    [
      'a label beyond the classes',
      { data: { ...data, classes: 2, test: { x: data.test.x, y: Int32Array.of(2) } } },
      /data.test.y\[0\] is 2: with 2 classes expected 0 to 1/,
    ],
    ['too few values', { data: { ...data, shape: [3] } }, /data.train has 8 values in x and 4 labels/],
    [
      'values that are no numbers',
      { data: { ...data, test: { x: Float32Array.of(0, Number.NaN), y: data.test.y } } },
      /data.test.x\[1\] is NaN/,
    ],
    [
      'a list in place of an array',
      { data: { ...data, test: { x: [0, 1], y: data.test.y } } },
      /data.test.x is a Array/,
    ],
  ];
  for (const [what, change, message] of wrong)
    test(what, async () => {
      const definition = { ...right, ...change } as OwnDefinition;
      await assert.rejects(defineSweep(definition), (error: Error) => {
        assert.ok(error instanceof DefinitionError, error.stack);
        assert.match(error.message, message);
        return true;
      });
    });

  test('a preset that it has not', async () => {
    const sweep = await defineSweep(right);
    assert.throws(
      () => sweep.runs('smoke'),
      /right has no preset smoke: there is desk; give the definition a member smoke/,
    );
  });

  test('a file without a sweep', async () => {
    const file = join(folder, 'none.ts');
    writeFileSync(file, 'export const x = 1;');
    await assert.rejects(openDefinition(file), /its default export is no sweep/);
    await assert.rejects(openDefinition(join(folder, 'absent.ts')), /there is no such file/);
  });
});

test('every combination of the grid that is kept is a run of every seed, shortest first', async () => {
  const sweep = await defineSweep({
    ...base,
    grid: { eta: [0.1, 0.2], lambda: [0.01, 0.1], width: [1, 2] },
    keep: ({ eta, width }) => eta < 0.2 || width === 1,
    steps: ({ eta, lambda }) => 2 / (eta * lambda),
    seeds: [0, 3],
  });
  const runs = sweep.runs('desk');
  assert.equal(runs.length, 12);
  assert.deepEqual([...new Set(runs.map(({ config }) => config.steps))], [100, 200, 1000, 2000]);
  assert.deepEqual(runs[0]!.varying, ['eta', 'lambda', 'model.width', 'seed']);
  assert.equal(new Set(runs.map(({ config }) => hashConfig(config))).size, 12);
});

test('a grid that grows keeps the runs it had', async () => {
  const hashes = async (lambda: number[]): Promise<string[]> =>
    (await defineSweep({ ...base, grid: { eta: 0.1, lambda } })).runs('desk').map(({ config }) => hashConfig(config));
  const [few, more] = [await hashes([0.1]), await hashes([0.01, 0.1])];
  assert.ok(more.includes(few[0]!));
});

test('other data are other runs', async () => {
  const first = await defineSweep(right);
  const changed = { ...data, test: { x: Float32Array.of(0, 2), y: data.test.y } };
  const second = await defineSweep({ ...right, data: changed });
  assert.notEqual(first.dataSha256, second.dataSha256);
  assert.notEqual(hashConfig(first.runs('desk')[0]!.config), hashConfig(second.runs('desk')[0]!.config));
});

describe('the hash of a model’s source', () => {
  let files = 0;
  /** Of `export const model` in a file of this text. */
  const digest = async (text: string): Promise<string> => {
    const file = join(folder, `model-${files++}.ts`);
    writeFileSync(file, text);
    const { model } = (await import(file)) as { model: () => unknown };
    return sourceDigest(model, file);
  };
  const base = `const other = 1;\nconst WIDTH = 3;\nexport const model = ({ tf }) => tf.x(WIDTH);`;

  test('does not follow comments, layout, types, or what the model does not reach', async () => {
    const expected = await digest(base);
    for (const same of [
      base.replace('WIDTH);', 'WIDTH) /* of the layer */;'),
      base.replace('({ tf }) =>', '({\n  tf,\n}) =>\n    '),
      base.replace('({ tf })', '({ tf }: { tf: any }): any'),
      base.replace('const WIDTH = 3', 'const WIDTH: number = 3 as number'),
      base.replace('other = 1', 'other = 2'),
    ])
      assert.equal(await digest(same), expected, same);
  });

  test('follows the function and everything of its file that it reaches, however far', async () => {
    const seen = new Set([await digest(base)]);
    for (const changed of [
      base.replace('tf.x', 'tf.y'),
      base.replace('WIDTH = 3', 'WIDTH = 4'),
      base.replace('WIDTH = 3', 'WIDTH = other + 2'),
      base.replace('WIDTH = 3', 'WIDTH = other + 2').replace('other = 1', 'other = 2'),
      base.replace('tf.x(WIDTH)', 'tf.x({ WIDTH })'),
      base.replace('tf.x(WIDTH)', "tf.x('WIDTH')"),
      base.replace('tf.x(WIDTH)', 'tf.x(/WIDTH/)'),
      base.replace('tf.x(WIDTH)', 'tf.x(/WIDTH/i)'),
      base.replace('tf.x(WIDTH)', 'tf.x(!WIDTH)'),
      base.replace('tf.x(WIDTH)', 'tf.x?.(WIDTH)'),
      base.replace('tf.x(WIDTH)', 'tf.x(null)'),
      base.replace('tf.x(WIDTH)', 'tf.x(false)'),
      base.replace('tf.x(WIDTH)', 'tf.x(true)'),
      base.replace('tf.x(WIDTH)', 'tf.x(3n)'),
      base.replace('tf.x(WIDTH)', 'tf.x(4n)'),
    ]) {
      const found = await digest(changed);
      assert.ok(!seen.has(found), changed);
      seen.add(found);
    }
  });

  test('follows files that the model imports, and what those import', async () => {
    const deep = join(folder, 'deep.ts');
    writeFileSync(join(folder, 'helper.ts'), `import { n } from './deep.ts';\nexport const layer = (tf) => tf.x(n);`);
    const text = `import { layer } from './helper.ts';\nexport const model = ({ tf }) => layer(tf);`;
    writeFileSync(deep, 'export const n = 1;');
    const first = await digest(text);
    writeFileSync(deep, 'export const n = 2;');
    assert.notEqual(await digest(text), first);
    writeFileSync(deep, 'export const n = 1; // as before');
    assert.equal(await digest(text), first);
  });

  test('in a cell refuses a name from outside the function, since its meaning could change unseen', () => {
    const width = 3;
    const text = ({ tf }: { tf: { x(n: number): unknown } }) => tf.x(width);
    assert.throws(() => sourceDigest(text, undefined), /uses width, which is defined outside it/);
    const whole = ({ tf, n }: { tf: { x(n: number): unknown }; n: number }) => {
      const twice = Math.max(n, 2) * 2;
      return tf.x(twice);
    };
    assert.match(sourceDigest(whole, undefined), /^[0-9a-f]{64}$/);
  });
});
