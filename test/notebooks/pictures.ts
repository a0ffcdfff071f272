/** Pictures that the README shows: each a workbook's own, written when its outputs are recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The workbook and the file of every picture `notebooks/pictures/<workbook>.svg` in the README. */
export function picturesOfReadme(): { name: string; file: string }[] {
  const found = readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((notebooks\/pictures\/([\w-]+)\.svg)\)/g);
  return [...found].map(([, path, name]) => ({ name: name!, file: join(ROOT, path!) }));
}
