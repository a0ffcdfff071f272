import { readCell } from './cell.ts';
import { CellNames } from './names.ts';
import { lower } from './lower.ts';
import { rewrite } from './rewrite.ts';

let warm = false;

/** Takes one cell the whole way, so that the user's first one finds parser and type stripper loaded (50 ms). */
export function warmUp(folder: string): void {
  if (warm) return;
  warm = true;
  const cell = readCell('const warm: number = 1;');
  lower(cell, folder).then(
    ({ code }) => rewrite(code, 0, new CellNames()),
    () => {},
  );
}
