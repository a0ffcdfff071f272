// node probe.mjs LANG < CODE: ends well where the parser can read the code, with less stack than it will have in the kernel.
import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

const code = readFileSync(0, 'utf8');
const lang = process.argv[2];
/** @param {number} depth */
const below = (depth) =>
  depth > 0 ? below(depth - 1) + 1 : parseSync(`cell.${lang}`, code, { lang }).program.body.length;
below(3000);
