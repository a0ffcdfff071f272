/** Where the workbooks and the page that shows them are. */
import { fileURLToPath } from 'node:url';

export const FOLDER = fileURLToPath(new URL('../../notebooks/', import.meta.url));
export const README = new URL('../../README.md', import.meta.url);
