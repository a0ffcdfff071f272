/** Pictures that the README shows: each a workbook's own, written when its outputs are recorded. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { README } from './places.ts';

/** The workbook and the file of every picture `notebooks/pictures/<workbook>.svg` in the README. */
export function picturesOfReadme(): { name: string; file: string }[] {
  const found = readFileSync(README, 'utf8').matchAll(/\]\((notebooks\/pictures\/([\w-]+)\.svg)\)/g);
  return [...found].map(([, path, name]) => ({ name: name!, file: fileURLToPath(new URL(path!, README)) }));
}
