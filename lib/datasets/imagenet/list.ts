/** Which images a folder of ImageNet holds: class folders of JPEG files, or the official tar files, read in place. */
import { createReadStream } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Header } from 'tar';
import { DatasetError, datasetsFolder } from '../store.ts';

/** First byte and length inside a tar file. */
interface Part {
  offset: number;
  bytes: number;
}

/** Where one JPEG lies: a file, or a part of a tar file. */
export interface ImageSource {
  /** For messages: the file, or the tar file and the name inside it. */
  name: string;
  file: string;
  part?: Part;
  /** 0 to classes - 1 */
  label: number;
}

export interface ImageList {
  /** Names of the classes (WordNet ids) in alphabetical order: label i is classes[i]. */
  classes: string[];
  /** Class after class, by name in each. */
  train: ImageSource[];
  test: ImageSource[];
}

const TRAIN_TAR = 'ILSVRC2012_img_train.tar';
const TEST_TAR = 'ILSVRC2012_img_val.tar';
/** One class name a line for the images of TEST_TAR in order, as the TensorFlow TPU reference reads it. */
const TEST_LABELS = 'imagenet_2012_validation_synset_labels.txt';
const JPEG = /\.jpe?g$/i;
const BLOCK = 512;

const EXPECTED =
  `expected train/<class>/*.JPEG and val/<class>/*.JPEG, or the files ${TRAIN_TAR}, ${TEST_TAR} and ${TEST_LABELS} ` +
  '(a class name a line for each validation image). ImageNet is not fetched: ask for it at image-net.org, and name its folder in L2_DYNAMICS_IMAGENET';

/** The user's own ImageNet: `folder`, `$L2_DYNAMICS_IMAGENET`, or `imagenet` in the folder of data sets. */
export const imageNetFolder = (folder?: string): string =>
  resolve(folder ?? (process.env['L2_DYNAMICS_IMAGENET'] || join(datasetsFolder(), 'imagenet')));

/**
 * Lists a folder of ImageNet without decoding anything.
 * @throws DatasetError for a missing folder, a class without images, classes that differ between both sets, a damaged tar file
 */
export async function listImageNet(folder?: string): Promise<ImageList> {
  const root = imageNetFolder(folder);
  const entries = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    throw new DatasetError(root, `${root}: no ImageNet there (${error.code}): ${EXPECTED}`, { cause: error });
  });
  if (entries.includes('train') && entries.includes('val')) {
    const train = await classFolders(join(root, 'train'));
    const test = await classFolders(join(root, 'val'));
    requireSameClasses(root, train.classes, test.classes);
    return { classes: train.classes, train: train.images, test: test.images };
  }
  if ([TRAIN_TAR, TEST_TAR, TEST_LABELS].every((name) => entries.includes(name))) return fromTars(root);
  throw new DatasetError(root, `${root}: no ImageNet there: ${EXPECTED}`);
}

async function classFolders(folder: string): Promise<{ classes: string[]; images: ImageSource[] }> {
  const entries = await readdir(folder, { withFileTypes: true });
  const classes = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  classes.sort();
  if (classes.length === 0) throw new DatasetError(folder, `${folder}: no class folders there`);
  const images: ImageSource[] = [];
  for (const [label, name] of classes.entries()) {
    const own = join(folder, name);
    const files = (await readdir(own)).filter((file) => JPEG.test(file)).sort();
    requireImages(own, files.length);
    images.push(...files.map((file) => ({ name: join(own, file), file: join(own, file), label })));
  }
  return { classes, images };
}

function requireImages(where: string, count: number): void {
  if (count === 0) {
    throw new DatasetError(
      where,
      `${where}: a class without JPEG images: copy them again, or remove the class from both sets`,
    );
  }
}

function requireSameClasses(root: string, train: readonly string[], test: readonly string[]): void {
  const missing = train.find((name) => !test.includes(name));
  const added = test.find((name) => !train.includes(name));
  if (missing !== undefined)
    throw new DatasetError(root, `${root}: class ${missing} has training but no validation images`);
  if (added !== undefined)
    throw new DatasetError(root, `${root}: class ${added} has validation but no training images`);
}

async function fromTars(root: string): Promise<ImageList> {
  const file = join(root, TRAIN_TAR);
  const inner = (await tarEntries(file)).filter(({ name }) => name.endsWith('.tar'));
  inner.sort((a, b) => (a.name < b.name ? -1 : 1));
  const classes = inner.map(({ name }) => name.replace(/^.*\//, '').replace(/\.tar$/, ''));
  if (classes.length === 0) throw new DatasetError(file, `${file}: no tar files of classes in it`);
  const train: ImageSource[] = [];
  for (const [label, part] of inner.entries()) {
    const images = (await tarEntries(file, part)).filter(({ name }) => JPEG.test(name));
    requireImages(`${file}: ${part.name}`, images.length);
    images.sort((a, b) => (a.name < b.name ? -1 : 1));
    train.push(...images.map(({ name, ...at }) => ({ name: `${file}: ${name}`, file, part: at, label })));
  }
  const testFile = join(root, TEST_TAR);
  const images = (await tarEntries(testFile)).filter(({ name }) => JPEG.test(name));
  images.sort((a, b) => (a.name < b.name ? -1 : 1));
  const labelsFile = join(root, TEST_LABELS);
  const names = (await readFile(labelsFile, 'utf8')).split('\n').map((line) => line.trim());
  while (names.at(-1) === '') names.pop();
  if (names.length !== images.length) {
    throw new DatasetError(
      labelsFile,
      `${labelsFile}: ${names.length} labels for the ${images.length} images of ${testFile}`,
    );
  }
  requireSameClasses(root, classes, [...new Set(names)]);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const test = images.map(({ name, ...at }, i) => ({
    name: `${testFile}: ${name}`,
    file: testFile,
    part: at,
    label: labels.get(names[i]!)!,
  }));
  return { classes, train, test };
}

/** The files in a tar file, or in a tar file inside it; only headers are read. */
async function tarEntries(file: string, inside?: Part): Promise<(Part & { name: string })[]> {
  const entries: (Part & { name: string })[] = [];
  const handle = await open(file);
  try {
    const end = inside ? inside.offset + inside.bytes : (await handle.stat()).size;
    const block = Buffer.alloc(BLOCK);
    for (let at = inside?.offset ?? 0; at + BLOCK <= end;) {
      await handle.read(block, 0, BLOCK, at);
      const header = new Header(block, 0);
      if (header.nullBlock) break;
      const bytes = header.size ?? 0;
      const offset = at + BLOCK;
      if (!header.cksumValid || offset + bytes > end) {
        throw new DatasetError(file, `${file}: damaged or cut short at byte ${at}: copy it again`);
      }
      if (header.type === 'File' || header.type === 'OldFile') entries.push({ name: header.path ?? '', offset, bytes });
      at = offset + Math.ceil(bytes / BLOCK) * BLOCK;
    }
    return entries;
  } finally {
    await handle.close();
  }
}

/** The bytes of one JPEG. @throws DatasetError where it cannot be read */
export async function readImage({ name, file, part }: ImageSource): Promise<Buffer> {
  try {
    if (!part) return await readFile(file);
    const chunks = createReadStream(file, { start: part.offset, end: part.offset + part.bytes - 1 });
    return Buffer.concat((await chunks.toArray()) as Buffer[]);
  } catch (error) {
    throw new DatasetError(file, `${name}: cannot be read (${(error as Error).message})`, { cause: error });
  }
}
