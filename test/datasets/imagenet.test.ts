import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { Decoders, listImageNet, type ImageList, type ImageSource } from '../../lib/datasets/index.ts';
import { middleCrop, randomCrop } from '../../lib/datasets/imagenet/index.ts';
import { train, type TrainingState } from '../../lib/training/index.ts';
import type { Measure, RunConfig, RunEnd } from '../../lib/runs/index.ts';

const CLASSES = ['n01', 'n02', 'n03'];
const TRAIN = 8;
const VAL = 2;
const home = mkdtempSync(join(tmpdir(), 'l2-dynamics-imagenet-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** Each class is a colour, each image of another size; made once, copied by the tests that damage it. */
const whole = join(home, 'whole');
for (const [set, count] of [
  ['train', TRAIN],
  ['val', VAL],
] as const) {
  for (const [label, name] of CLASSES.entries()) {
    const folder = join(whole, set, name);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < count; i++) {
      const colour = { r: label === 0 ? 220 : 30, g: label === 1 ? 220 : 30, b: label === 2 ? 220 : 30 };
      const image = sharp({ create: { width: 48 + 5 * i, height: 70 - 3 * i, channels: 3, background: colour } });
      writeFileSync(join(folder, `${set}_${name}_${i}.JPEG`), await image.jpeg({ quality: 95 }).toBuffer());
    }
  }
}
const copy = (name: string): string => {
  const folder = join(home, name);
  cpSync(whole, folder, { recursive: true });
  return folder;
};
const shortName = ({ name }: ImageSource) => name.replace(/^.*[/ ]/, '');
const decoded = async (list: ImageList) => {
  const decoders = new Decoders({ side: 8, processes: 2 });
  try {
    return await decoders.decode([...list.train, ...list.test].map((source) => ({ source })));
  } finally {
    decoders.close();
  }
};

test('class folders: labels by the alphabet, every image once, decoded to the colours that were written', async () => {
  const list = await listImageNet(whole);
  assert.deepEqual(list.classes, CLASSES);
  assert.equal(new Set(list.train.map(({ name }) => name)).size, 3 * TRAIN);
  assert.equal(list.test.length, 3 * VAL);
  const pixels = await decoded(list);
  const all = [...list.train, ...list.test];
  assert.equal(pixels.length, all.length * 8 * 8 * 3);
  all.forEach(({ label }, i) => {
    for (let at = i * 192; at < (i + 1) * 192; at++) {
      const want = at % 3 === label ? 220 : 30;
      assert.ok(Math.abs(pixels[at]! - want) <= 4, `${all[i]!.name}: ${pixels[at]} instead of ${want}`);
    }
  });
});

test('the official tar files give the same images, labels and order as class folders', async () => {
  const tars = join(home, 'tars');
  mkdirSync(tars);
  const flat = join(home, 'flat');
  mkdirSync(flat);
  const tar = (folder: string, file: string, names: string[]) =>
    execFileSync('tar', ['--format=ustar', '-C', folder, '-cf', file, ...names]);
  for (const name of CLASSES) {
    tar(join(whole, 'train', name), join(flat, `${name}.tar`), readdirSync(join(whole, 'train', name)));
  }
  tar(
    flat,
    join(tars, 'ILSVRC2012_img_train.tar'),
    [...CLASSES].reverse().map((name) => `${name}.tar`),
  );
  const val = join(home, 'val-flat');
  mkdirSync(val);
  const labels: string[] = [];
  for (let i = 0; i < 3 * VAL; i++) {
    const name = CLASSES[(i * 2) % 3]!;
    labels.push(name);
    const source = join(whole, 'val', name, `val_${name}_${Math.floor(i / 3)}.JPEG`);
    cpSync(source, join(val, `ILSVRC2012_val_0000000${i + 1}.JPEG`));
  }
  tar(val, join(tars, 'ILSVRC2012_img_val.tar'), readdirSync(val));
  writeFileSync(join(tars, 'imagenet_2012_validation_synset_labels.txt'), `${labels.join('\n')}\n`);

  const [folders, packed] = [await listImageNet(whole), await listImageNet(tars)];
  assert.deepEqual(packed.classes, CLASSES);
  assert.deepEqual(packed.train.map(shortName), folders.train.map(shortName));
  assert.deepEqual(
    packed.train.map(({ label }) => label),
    folders.train.map(({ label }) => label),
  );
  assert.deepEqual(
    packed.test.map(({ label }) => CLASSES[label]),
    labels,
  );
  assert.deepEqual(
    await decoded({ ...packed, test: [] }),
    await decoded({ ...folders, test: [] }),
    'bytes inside the tar files are those of the files',
  );

  writeFileSync(join(tars, 'imagenet_2012_validation_synset_labels.txt'), 'n01\n');
  await assert.rejects(listImageNet(tars), /1 labels for the 6 images/);
  truncateSync(join(tars, 'ILSVRC2012_img_train.tar'), 5000);
  await assert.rejects(
    listImageNet(tars),
    /ILSVRC2012_img_train\.tar: damaged or cut short at byte \d+: copy it again/,
  );
});

test('a missing folder, one without the sets, an empty class and one that only one set has are errors that say what to do', async () => {
  await assert.rejects(listImageNet(join(home, 'nowhere')), /nowhere: no ImageNet there .*L2_DYNAMICS_IMAGENET/s);
  await assert.rejects(listImageNet(join(whole, 'train')), /expected train\/<class>\/\*\.JPEG/);
  const empty = copy('empty');
  for (const name of readdirSync(join(empty, 'train', 'n02'))) rmSync(join(empty, 'train', 'n02', name));
  await assert.rejects(listImageNet(empty), /n02: a class without JPEG images: copy them again, or remove the class/);
  const uneven = copy('uneven');
  rmSync(join(uneven, 'val', 'n03'), { recursive: true });
  await assert.rejects(listImageNet(uneven), /class n03 has training but no validation images/);
});

test('a damaged image is an error that names it; the other images can still be decoded', async () => {
  const folder = copy('damaged');
  const victim = join(folder, 'train', 'n02', 'train_n02_3.JPEG');
  const list = await listImageNet(folder);
  const decoders = new Decoders({ side: 8, processes: 1 });
  const good = list.train.filter(({ file }) => file !== victim).map((source) => ({ source }));
  const bad = list.train.filter(({ file }) => file === victim).map((source) => ({ source }));
  for (const [what, damage] of [
    ['cut short', () => truncateSync(victim, Math.floor(readFileSync(victim).length / 2))],
    ['no JPEG', () => writeFileSync(victim, 'not an image')],
    ['gone', () => rmSync(victim)],
  ] as const) {
    damage();
    await assert.rejects(
      decoders.decode(bad),
      { name: 'DatasetError', file: victim, message: /train_n02_3\.JPEG: (damaged image|cannot be read)/ },
      what,
    );
  }
  assert.equal((await decoders.decode(good)).length, good.length * 192);
  decoders.close();
  await assert.rejects(decoders.decode(good), /closed/);
});

test('grey, CMYK and tiny images become RGB squares', async () => {
  const folder = join(home, 'odd');
  mkdirSync(folder);
  const grey = sharp({ create: { width: 40, height: 30, channels: 3, background: '#808080' } }).toColourspace('b-w');
  const cmyk = sharp({ create: { width: 40, height: 30, channels: 3, background: '#ff0000' } }).toColourspace('cmyk');
  const tiny = sharp({ create: { width: 1, height: 2, channels: 3, background: '#00ff00' } });
  const sources: ImageSource[] = [];
  for (const [name, image] of Object.entries({ grey, cmyk, tiny })) {
    const file = join(folder, `${name}.JPEG`);
    writeFileSync(file, await image.jpeg().toBuffer());
    sources.push({ name: file, file, label: 0 });
  }
  const decoders = new Decoders({ side: 4, processes: 1 });
  const pixels = await decoders.decode(sources.map((source) => ({ source, draw: { seed: 0, epoch: 0, sample: 0 } })));
  decoders.close();
  assert.equal(pixels.length, 3 * 48);
  assert.ok(pixels.subarray(0, 48).every((value) => Math.abs(value - 128) < 6));
  assert.ok(pixels[48]! > 180 && pixels[49]! < 80, 'red stays red');
});

test('random crops: inside, 8 to 100 % of the area, 3/4 to 4/3, half of them mirrored, another one each epoch', () => {
  const [width, height] = [500, 375];
  const crops = Array.from({ length: 4000 }, (_, sample) => randomCrop(width, height, { seed: 1, epoch: 0, sample }));
  for (const crop of crops) {
    assert.ok(crop.left >= 0 && crop.top >= 0);
    assert.ok(crop.left + crop.width <= width && crop.top + crop.height <= height);
    const [area, aspect] = [(crop.width * crop.height) / (width * height), crop.width / crop.height];
    assert.ok(area >= 0.079 && area <= 1, `${area}`);
    assert.ok(aspect > 0.73 && aspect < 1.36, `${aspect}`);
  }
  const share = crops.filter(({ flip }) => flip).length / crops.length;
  assert.ok(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / crops.length), `${share}`);
  const mean = (of: (crop: (typeof crops)[number]) => number) =>
    crops.reduce((sum, crop) => sum + of(crop), 0) / crops.length;
  // Centres are spread evenly: their mean is the middle.
  assert.ok(Math.abs(mean((c) => c.left + c.width / 2) - width / 2) < 5);
  assert.ok(Math.abs(mean((c) => c.top + c.height / 2) - height / 2) < 5);
  assert.deepEqual(randomCrop(width, height, { seed: 1, epoch: 0, sample: 7 }), crops[7]);
  assert.notDeepEqual(randomCrop(width, height, { seed: 1, epoch: 1, sample: 7 }), crops[7]);
  assert.deepEqual(middleCrop(256, 300), { left: 16, top: 38, width: 224, height: 224, flip: false });
});

/** The small ResNet-50 on the made-up folder, pictures of 32 x 32. */
const config: RunConfig = {
  model: { kind: 'resnet50', width: 4, classes: 3, blocks: [1, 1] },
  sigmaW: 1,
  sigmaB: 0,
  data: {
    name: 'imagenet',
    trainSamples: 3 * TRAIN,
    testSamples: 3 * VAL,
    subset: 'first',
    normalization: 'imagenet',
    shrink: 7,
  },
  batchSize: 12,
  batchNormGroup: 6,
  evaluationGroup: 3,
  accumulate: 2,
  measureTraining: 'next-batch',
  loss: 'cross-entropy',
  l2Convention: 'half',
  l2BatchNorm: false,
  eta: 0.05,
  lambda: 1e-4,
  momentum: 0.9,
  nesterov: true,
  schedule: { kind: 'constant' },
  steps: 12,
  seed: 3,
  measure: { every: 4 },
};

async function run(changes: Partial<RunConfig> = {}): Promise<{ measures: Measure[]; end: RunEnd | undefined }> {
  const measures: Measure[] = [];
  let end: RunEnd | undefined;
  for await (const event of train({ ...config, ...changes })) {
    if (event.kind === 'measure') measures.push({ ...event, seconds: 0 });
    if (event.kind === 'end') end = event;
  }
  return { measures, end };
}

test('a ResNet-50 learns the made-up folder, to the bit the same with another number of decoders', async () => {
  process.env['L2_DYNAMICS_IMAGENET'] = whole;
  process.env['L2_DYNAMICS_DECODERS'] = '2';
  const first = await run();
  assert.equal(first.end?.reason, 'finished');
  assert.deepEqual(
    first.measures.map(({ step, epoch }) => [step, epoch]),
    [0, 4, 8, 12].map((step) => [step, step / 2]),
  );
  const [before, afterwards] = [first.measures[0]!, first.measures.at(-1)!];
  assert.ok(afterwards.trainLoss < 0.5 * before.trainLoss, `${before.trainLoss} to ${afterwards.trainLoss}`);
  process.env['L2_DYNAMICS_DECODERS'] = '1';
  assert.deepEqual((await run()).measures, first.measures);
});

test('a batch in two accumulated parts gives the update of the whole batch', async () => {
  process.env['L2_DYNAMICS_IMAGENET'] = whole;
  const [parts, all] = [await run({ steps: 1 }), await run({ steps: 1, accumulate: 1 })];
  all.measures.forEach((measure, i) => {
    for (const value of ['trainLoss', 'testLoss', 'l2Norm'] as const) {
      const want = parts.measures[i]![value];
      assert.ok(
        Math.abs(measure[value] / want - 1) < 1e-4,
        `step ${measure.step} ${value}: ${measure[value]}, in parts ${want}`,
      );
    }
  });
});

test('stopped in the middle and resumed, the stream goes on with the batches it would have had', async () => {
  process.env['L2_DYNAMICS_IMAGENET'] = whole;
  const uninterrupted = (await run({ steps: 4, measure: { every: 1 } })).measures;
  const stop = new AbortController();
  let from: TrainingState | undefined;
  const settings = { ...config, steps: 4, measure: { every: 1 } };
  for await (const event of train(settings, { signal: stop.signal })) {
    if (event.kind === 'measure' && event.step === 2) stop.abort();
    if (event.kind === 'checkpoint') from = event.state;
  }
  assert.equal(from?.step, 2);
  const rest: Measure[] = [];
  for await (const event of train(settings, { from: from! })) {
    if (event.kind === 'measure') rest.push({ ...event, seconds: 0 });
  }
  assert.deepEqual(rest, uninterrupted.slice(2));
});

test('a folder, a network or settings that do not fit each other are errors that name both', async () => {
  process.env['L2_DYNAMICS_IMAGENET'] = whole;
  const { data } = config;
  await assert.rejects(run({ data: { ...data, trainSamples: 25 } }), /trainSamples is 25, the folder has 24/);
  await assert.rejects(run({ model: { ...config.model, classes: 10 } }), /10 classes, the folder 3/);
  await assert.rejects(run({ measureTraining: 'set' }), /measureTraining must be 'next-batch'/);
  await assert.rejects(run({ augmentation: { flip: true } }), /augmentation must be left out/);
  await assert.rejects(run({ data: { ...data, name: 'cifar10', shrink: 1 } }), /'imagenet' is for ImageNet alone/);
});
