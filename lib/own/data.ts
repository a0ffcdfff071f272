/** Checks data of one's own, and says by a digest which they are. */
import { createHash } from 'node:crypto';
import type { ImageSets } from '../datasets/index.ts';
import { DefinitionError, type OwnData, type OwnDefinition, type OwnSet } from './types.ts';

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const isImageSets = (data: OwnData | ImageSets): data is ImageSets => 'trainImages' in data;

/** Images as lib/datasets loads them. */
function fromImages({ name, shape, classes, trainImages, trainLabels, testImages, testLabels }: ImageSets): OwnData {
  return {
    name,
    shape,
    classes,
    train: { x: trainImages, y: trainLabels },
    test: { x: testImages, y: testLabels },
  };
}

/**
 * The data of a definition, checked.
 * @throws DefinitionError for shapes, counts, labels or values that do not fit together
 */
export async function loadData(source: OwnDefinition['data']): Promise<OwnData> {
  const given = await (typeof source === 'function' ? source() : source);
  if (typeof given !== 'object' || given === null)
    throw new DefinitionError(`data is ${String(given)}: expected { name, shape, classes, train, test }`);
  const data = isImageSets(given) ? fromImages(given) : given;
  const { name, shape, labelShape = [], classes, normalization = 'none' } = data;
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name ?? ''))
    throw new DefinitionError(`data.name is ${JSON.stringify(name)}: expected one word of small letters, digits and -`);
  for (const [what, sizes] of Object.entries({ shape, labelShape }))
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size >= 1))
      throw new DefinitionError(
        `data.${what} is ${JSON.stringify(sizes)}: expected the sizes of one sample, e.g. [28, 28, 1]`,
      );
  if (!Number.isInteger(classes) || classes < 2)
    throw new DefinitionError(`data.classes is ${classes}: expected a whole number from 2`);
  if (normalization !== 'per-set' && normalization !== 'none')
    throw new DefinitionError(
      `data.normalization is ${JSON.stringify(normalization)}: expected 'per-set' or 'none'; other ways belong into the data themselves`,
    );
  for (const part of ['train', 'test'] as const) checkSet(`data.${part}`, data[part], data);
  if (data.train.x.constructor !== data.test.x.constructor)
    throw new DefinitionError(
      `data.train.x is a ${data.train.x.constructor.name}, data.test.x a ${data.test.x.constructor.name}: expected one type`,
    );
  return data;
}

function checkSet(what: string, set: OwnSet | undefined, { shape, labelShape = [], classes }: OwnData): void {
  const { x, y } = set ?? {};
  if (!(x instanceof Uint8Array || x instanceof Float32Array || x instanceof Int32Array))
    throw new DefinitionError(`${what}.x is ${kindOf(x)}: expected a Uint8Array, Float32Array or Int32Array`);
  if (!(y instanceof Uint8Array || y instanceof Int32Array))
    throw new DefinitionError(`${what}.y is ${kindOf(y)}: expected classes as an Int32Array or Uint8Array`);
  const samples = countOf(y, labelShape);
  if (samples < 1 || !Number.isInteger(samples) || x.length !== samples * product(shape))
    throw new DefinitionError(
      `${what} has ${x.length} values in x and ${y.length} labels in y: a sample of shape [${shape.join(', ')}] has ${product(shape)} values` +
        ` and ${product(labelShape)} ${product(labelShape) === 1 ? 'label' : 'labels'}, so that there are ${x.length / product(shape)} samples by x and ${samples} by y`,
    );
  const label = y.findIndex((each) => each < 0 || each >= classes);
  if (label !== -1)
    throw new DefinitionError(
      `${what}.y[${label}] is ${y[label]}: with ${classes} classes expected 0 to ${classes - 1}`,
    );
  const value = x instanceof Float32Array ? x.findIndex((each) => !Number.isFinite(each)) : -1;
  if (value !== -1) throw new DefinitionError(`${what}.x[${value}] is ${x[value]}: expected finite numbers`);
}

const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'plain object'}` : String(value);

/** Samples that labels are for. */
export const countOf = (y: OwnSet['y'], labelShape: readonly number[] = []): number => y.length / product(labelShape);

/** SHA-256, hex, of everything about the data that a run can depend on. Names are not. */
export function digestOf({ shape, labelShape = [], classes, normalization = 'none', train, test }: OwnData): string {
  const sum = createHash('sha256');
  sum.update(JSON.stringify({ shape, labelShape, classes, normalization }));
  for (const { x, y } of [train, test]) {
    for (const values of [x, Int32Array.from(y)]) {
      sum.update(`${values.constructor.name} ${values.length}\n`);
      sum.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return sum.digest('hex');
}
