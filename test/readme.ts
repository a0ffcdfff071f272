/** Parts of a page that a program writes: what stands between `<!-- <name> -->` and `<!-- /<name> -->`. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Where the part begins and ends in the page's text, after and before the marks. */
function placeIn(file: URL, page: string, name: string): [number, number] {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`${file.pathname} has no ${open} ... ${close}`);
  return [start + open.length, end];
}

export function readBetween(file: URL, name: string): string {
  const page = readFileSync(file, 'utf8');
  return page.slice(...placeIn(file, page, name)).trim();
}

export function writeBetween(file: URL, name: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [start, end] = placeIn(file, page, name);
  writeFileSync(file, `${page.slice(0, start)}\n\n${text}\n\n${page.slice(end)}`);
}
