/** Where the workbooks and the page that shows them are. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NOTEBOOKS, ROOT } from '../../lib/runs/index.ts';

export const FOLDER = NOTEBOOKS;
export const README = pathToFileURL(join(ROOT, 'README.md'));
