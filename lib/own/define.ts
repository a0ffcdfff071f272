/** From a few lines to a sweep: checks a definition, names everything that is wrong with it, and spreads its grid into runs. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureSteps, presets, type Preset, type RunConfig, type SweepRun } from '../runs/index.ts';
import { inOrder } from '../sweeps/grid.ts';
import { countOf, digestOf, loadData } from './data.ts';
import { checkRange, isRange, randomPoints } from './random.ts';
import { sourceDigest } from './source.ts';
import {
  DefinitionError,
  type Grid,
  type OwnData,
  type OwnDefinition,
  type OwnSweep,
  type Point,
  type SettingValue,
} from './types.ts';

const TRAINING = [
  ...['batchSize', 'loss', 'l2Convention', 'l2BatchNorm', 'momentum', 'nesterov', 'schedule', 'autoL2', 'adamW'],
  ...['sigmaW', 'sigmaB', 'weightSeed', 'trainSamples', 'testSamples'],
] as const;
const FIELDS = [
  'name',
  'title',
  'data',
  'model',
  'grid',
  'random',
  'keep',
  'steps',
  'measure',
  'seeds',
  'smoke',
  ...TRAINING,
];
const IN_SMOKE = ['grid', 'random', 'keep', 'steps', 'measure', 'seeds', ...TRAINING];
const LOSSES = ['cross-entropy/k', 'cross-entropy', 'mse'];
/** What a grid's setting cannot be called: the run or the model function has it already. */
const TAKEN = ['tf', 'inputShape', 'classes', 'kind', 'source', 'steps', 'seed', 'seeds', 'measure', 'name', 'data'];

/** As a file names a sweep: a folder, and a name in a log. */
const NAME = /^[a-z0-9][a-z0-9-]*$/;

/**
 * A sweep of your own, ready for `npm run train -- ./my-sweep.ts` when it is the default export of that file:
 *
 *     export default defineSweep({
 *       name: 'my-cnn',
 *       data: () => loadMnist({ trainSamples: 512 }),
 *       model: ({ tf, inputShape, classes, width }) => tf.sequential({ layers: [...] }),
 *       grid: { eta: 0.1, lambda: [0.001, 0.01, 0.1], width: [16, 32] },
 *       steps: ({ eta, lambda }) => 2 / (eta * lambda),
 *     });
 *
 * @throws DefinitionError for what cannot be trained, before anything is
 */
export async function defineSweep<const G extends Grid>(given: OwnDefinition<G>): Promise<OwnSweep> {
  const file = definingFile();
  // Inside, settings are looked up by name.
  const definition = given as unknown as OwnDefinition;
  checkFields(definition);
  const { name, title = name, model, smoke } = definition;
  const data = await loadData(definition.data);
  const identity = { dataSha256: digestOf(data), modelSha256: sourceDigest(model, file) };
  const sizes: Partial<Record<Preset, OwnDefinition>> = {
    desk: definition,
    ...(smoke && { smoke: { ...definition, ...smoke } }),
  };
  const planned = new Map<Preset, SweepRun[]>();
  for (const preset of presets) {
    const sized = sizes[preset];
    if (sized) planned.set(preset, runsOf(sized, data, identity, preset));
  }
  return {
    name,
    title,
    data,
    model,
    ...identity,
    ...(file !== undefined && { definition: file }),
    runs(preset) {
      const runs = planned.get(preset);
      if (!runs)
        throw new DefinitionError(
          `${name} has no preset ${preset}: there is ${[...planned.keys()].join(' and ')}${preset === 'smoke' ? '; give the definition a member smoke, e.g. { steps: 10 }' : ''}`,
        );
      return runs;
    },
  };
}

/** The file whose code calls `defineSweep`; none where that is a notebook's cell or a test from text. */
function definingFile(): string | undefined {
  const lines = (new Error('where').stack ?? '').split('\n').slice(1);
  for (const line of lines) {
    const url = /(file:\/\/[^\s)]+?):\d+:\d+\)?$/.exec(line)?.[1];
    if (url === undefined) {
      if (/node:internal/.test(line)) continue;
      // A frame without a file: the first one outside this room is the caller's.
      return undefined;
    }
    const path = fileURLToPath(url.replace(/\?.*$/, ''));
    if (dirname(path) !== import.meta.dirname) return path;
  }
  return undefined;
}

const shown = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));

function checkFields(definition: OwnDefinition): void {
  if (typeof definition !== 'object' || definition === null)
    throw new DefinitionError(
      `defineSweep was given ${shown(definition)}: expected { name, data, model, grid, steps }`,
    );
  const unknown = Object.keys(definition).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined)
    throw new DefinitionError(
      `a sweep has no ${unknown}: it has ${FIELDS.join(', ')}. Settings of the model belong into the grid`,
    );
  const inSmoke = Object.keys(definition.smoke ?? {}).find((key) => !IN_SMOKE.includes(key));
  if (inSmoke !== undefined)
    throw new DefinitionError(`smoke has no ${inSmoke}: what may differ there is ${IN_SMOKE.join(', ')}`);
  const { name, model, data } = definition;
  if (typeof name !== 'string' || !NAME.test(name))
    throw new DefinitionError(`name is ${shown(name)}: expected small letters, digits and -, as of a folder`);
  if (typeof model !== 'function')
    throw new DefinitionError(`model is ${shown(model)}: expected a function that makes the network of one run`);
  if (data === undefined) throw new DefinitionError('data is missing: expected { name, shape, classes, train, test }');
}

/** Every combination of the grid's values, the first setting outermost. */
function combinations(grid: Grid): Point[] {
  let points: Point[] = [{}];
  for (const [key, values] of Object.entries(grid))
    points = points.flatMap((point) =>
      (Array.isArray(values) ? (values as SettingValue[]) : [values as SettingValue]).map((value) => ({
        ...point,
        [key]: value,
      })),
    );
  return points;
}

function checkRandom(random: OwnDefinition['random']): void {
  if (random === undefined) return;
  const { runs, seed = 0 } = random;
  if (!(Number.isInteger(runs) && runs >= 1 && Number.isInteger(seed) && seed >= 0))
    throw new DefinitionError(`random is ${shown(random)}: expected { runs: 20, seed: 0 }, whole numbers`);
}

function pointsOf({ grid, random }: OwnDefinition): Point[] {
  if (!random) return combinations(grid);
  // Of lists alone some may be drawn twice.
  return [...new Map(randomPoints(grid, random).map((point) => [JSON.stringify(point), point])).values()];
}

function checkGrid(grid: Grid | undefined, where: string, isRandom: boolean): void {
  if (typeof grid !== 'object' || grid === null)
    throw new DefinitionError(
      `${where} is ${shown(grid)}: expected the values of each setting, e.g. { eta: 0.1, lambda: [0.001, 0.01] }`,
    );
  for (const needed of ['eta', 'lambda'])
    if (!(needed in grid))
      throw new DefinitionError(`${where} has no ${needed}: expected one or several numbers from 0`);
  for (const [key, given] of Object.entries(grid)) {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key) || TAKEN.includes(key))
      throw new DefinitionError(
        `${where} has a setting ${JSON.stringify(key)}: expected a name of letters and digits, and none of ${TAKEN.join(', ')}`,
      );
    if (isRange(given)) {
      checkRange(`${where}.${key}`, given);
      if (!isRandom)
        throw new DefinitionError(
          `${where}.${key} is a range: expected values, or random: { runs: 20 } beside the grid to draw from it`,
        );
      if ((key === 'eta' || key === 'lambda') && given.from < 0)
        throw new DefinitionError(`${where}.${key} is a range from ${given.from}: expected numbers from 0`);
      continue;
    }
    const values = Array.isArray(given) ? (given as unknown[]) : [given];
    if (values.length === 0) throw new DefinitionError(`${where}.${key} is empty: expected at least one value`);
    for (const value of values) {
      const isNumber = typeof value === 'number' && Number.isFinite(value);
      if (!isNumber && typeof value !== 'string' && typeof value !== 'boolean')
        throw new DefinitionError(
          `${where}.${key} has the value ${shown(value)}: expected finite numbers, texts or true and false`,
        );
      if ((key === 'eta' || key === 'lambda') && !(isNumber && value >= 0))
        throw new DefinitionError(`${where}.${key} has the value ${shown(value)}: expected numbers from 0`);
    }
    if (new Set(values).size < values.length)
      throw new DefinitionError(`${where}.${key} has a value twice: ${values.join(', ')}`);
  }
}

function wholeSetting(what: string, value: unknown, most: number, of: string): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > most)
    throw new DefinitionError(`${what} is ${shown(value)}: expected a whole number from 1 to ${most}, ${of}`);
  return value as number;
}

function runsOf(
  definition: OwnDefinition,
  data: OwnData,
  { dataSha256, modelSha256 }: { dataSha256: string; modelSha256: string },
  preset: Preset,
): SweepRun[] {
  const where = preset === 'smoke' ? 'grid (smoke)' : 'grid';
  const { grid, keep = () => true, seeds = [0], measure = { pointsPerDecade: 20, everyBelow: 20 } } = definition;
  checkGrid(grid, where, definition.random !== undefined);
  checkRandom(definition.random);
  if (!Array.isArray(seeds) || seeds.length === 0 || !seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new DefinitionError(`seeds is ${shown(seeds)}: expected whole numbers from 0, e.g. [0, 1, 2]`);
  const isTraining = (key: string): boolean => key === 'eta' || key === 'lambda' || TRAINING.includes(key as 'loss');
  const fixed = Object.fromEntries(
    TRAINING.filter((key) => definition[key] !== undefined).map((key) => [key, definition[key]]),
  );
  const points = pointsOf(definition).filter((point) => keep(point));
  if (points.length === 0) throw new DefinitionError('keep leaves no run of the grid: expected it to be true for some');
  const varying = [...Object.keys(grid).map((key) => placeOf(key, isTraining)), 'seed'];
  const runs = points.flatMap((point) => {
    const own = Object.entries(point).filter(([key]) => !isTraining(key));
    const settings = { ...fixed, ...Object.fromEntries(Object.entries(point).filter(([key]) => isTraining(key))) };
    const { trainSamples, testSamples, batchSize, ...training } = settings as Record<string, unknown>;
    const trained = trainSamples ?? countOf(data.train.y, data.labelShape);
    const tested = testSamples ?? countOf(data.test.y, data.labelShape);
    wholeSetting('trainSamples', trained, countOf(data.train.y, data.labelShape), 'the samples there are');
    wholeSetting('testSamples', tested, countOf(data.test.y, data.labelShape), 'the samples there are');
    const steps = stepsOf(definition.steps, point);
    const config = {
      model: { kind: 'own', source: modelSha256, ...Object.fromEntries(own) },
      data: {
        name: 'own',
        title: data.name,
        sha256: dataSha256,
        trainSamples: trained,
        testSamples: tested,
        subset: 'first',
        normalization: data.normalization ?? 'none',
      },
      batchSize: wholeSetting('batchSize', batchSize ?? trained, trained as number, 'the training samples'),
      loss: 'cross-entropy',
      l2Convention: 'half',
      momentum: 0,
      schedule: { kind: 'constant' },
      ...training,
      steps,
      measure,
    };
    // sigmaW and sigmaB are there where they are given alone: layers of tfjs have initializers of their own.
    return seeds.map((seed) => ({ ...config, seed }) as unknown as RunConfig);
  });
  for (const config of runs) checkConfig(config);
  return inOrder(
    runs.map((config) => ({
      config,
      varying,
      role: config.lambda === 0 ? ('without L2' as const) : ('grid' as const),
    })),
  );
}

/** Where a setting of the grid lies in the configuration. */
function placeOf(key: string, isTraining: (key: string) => boolean): string {
  if (key === 'trainSamples' || key === 'testSamples') return `data.${key}`;
  return isTraining(key) ? key : `model.${key}`;
}

function stepsOf(steps: OwnDefinition['steps'], point: Point): number {
  const given = typeof steps === 'function' ? steps(point) : steps;
  // 2 / (0.1 * 0.03) is meant to be 666.666666667, and its whole steps 667.
  const whole = typeof given === 'number' ? Math.ceil(Number(given.toPrecision(12))) : Number.NaN;
  if (!Number.isSafeInteger(whole) || whole < 1)
    throw new DefinitionError(
      `steps is ${shown(given)} for ${JSON.stringify(point)}: expected a number of optimizer steps from 1${point['lambda'] === 0 ? '; lambda = 0 may need a length of its own' : ''}`,
    );
  return whole;
}

function checkConfig(config: RunConfig): void {
  const { loss, l2Convention, momentum, measure, steps } = config;
  if (!LOSSES.includes(loss))
    throw new DefinitionError(`loss is ${shown(loss)}: expected ${LOSSES.map((each) => `'${each}'`).join(', ')}`);
  if (l2Convention !== 'half' && l2Convention !== 'full')
    throw new DefinitionError(`l2Convention is ${shown(l2Convention)}: expected 'half' or 'full'`);
  if (!(typeof momentum === 'number' && momentum >= 0 && momentum < 1))
    throw new DefinitionError(`momentum is ${shown(momentum)}: expected a number from 0, below 1`);
  const isSchedule =
    typeof measure === 'object' &&
    measure !== null &&
    ('every' in measure
      ? Number.isInteger(measure.every) && measure.every >= 1
      : measure.pointsPerDecade > 0 && measure.everyBelow >= 0);
  if (!isSchedule)
    throw new DefinitionError(
      `measure is ${shown(measure)}: expected { every: 10 } or { pointsPerDecade: 20, everyBelow: 20 }`,
    );
  measureSteps(measure, steps);
}
