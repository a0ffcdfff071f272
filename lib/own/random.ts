/** Points drawn at random from a grid whose settings may be ranges; a function of seed, point and setting alone, so that more points keep the first. */
import { philox } from '../random/index.ts';
import { DefinitionError, type Point, type Range, type SettingValue } from './types.ts';

/** Keeps these draws apart from a run's own, which have key [seed, 0] and [seed, 1]. */
const KEY = 2;

export const isRange = (value: unknown): value is Range =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value;

/** FNV-1a of a setting's name. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** @throws DefinitionError for a range without two ends in order, or a logarithmic one from 0 */
export function checkRange(where: string, { from, to, log = true, whole = false }: Range): void {
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to))
    throw new DefinitionError(`${where} is a range from ${from} to ${to}: expected two numbers, the first the smaller`);
  if (log && from <= 0)
    throw new DefinitionError(`${where} is a logarithmic range from ${from}: expected it above 0, or log: false`);
  if (typeof log !== 'boolean' || typeof whole !== 'boolean')
    throw new DefinitionError(`${where} is a range whose log or whole is neither true nor false`);
}

/** `count` points: of lists each value is as likely, of ranges each place, logarithmically unless `log` is false. Three digits of a number are kept. */
export function randomPoints(
  grid: Readonly<Record<string, SettingValue | readonly SettingValue[] | Range>>,
  { runs, seed = 0 }: { runs: number; seed?: number },
): Point[] {
  return Array.from({ length: runs }, (_, i) =>
    Object.fromEntries(
      Object.entries(grid).map(([name, values]) => {
        const [word] = philox([i, 0, streamOf(name), 0], [seed, KEY]);
        const share = (word! + 0.5) / 0x1_0000_0000;
        if (isRange(values)) {
          const { from, to, log = true, whole = false } = values;
          const value = log ? from * (to / from) ** share : from + (to - from) * share;
          return [name, whole ? Math.round(value) : Number(value.toPrecision(3))];
        }
        const list = Array.isArray(values) ? (values as SettingValue[]) : [values as SettingValue];
        return [name, list[Math.floor(share * list.length)]!];
      }),
    ),
  );
}
