/** Identity of a run: canonical JSON of its configuration, the hash of that, and the file name that carries both. */

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { RunConfig, RunHeader } from './types.ts';

/** Digits of the hash in a file name. */
const SHORT_HASH = 8;

/**
 * JSON with sorted keys and no spaces, numbers in shortest round-trip form: equal values give equal text.
 * Members that are `undefined` are left out. Throws a TypeError for what JSON cannot carry (NaN, Infinity, functions, bigint, undefined in a list).
 */
export function canonicalJson(value: unknown): string {
  return write(value, 'value');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}: a configuration holds finite numbers only`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`)).join(',')}]`;
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const members = Object.entries(value as Record<string, unknown>).filter(([, member]) => member !== undefined);
    // Code-unit order, not the locale's: the hash must be the same on every machine.
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`).join(',')}}`;
  }
  throw new TypeError(`${path} is a ${typeof value}: a configuration holds plain JSON values only`);
}

/** SHA-256, hex, of the configuration's canonical JSON. */
export function hashConfig(config: RunConfig): string {
  return createHash('sha256').update(canonicalJson(config)).digest('hex');
}

/** What places a run in the data folder. */
export type RunIdentity = Pick<RunHeader, 'sweep' | 'preset' | 'config' | 'hash'>;

/**
 * `<root>/<sweep>/<preset>/eta=0.1,lambda=0.001-3fa9c2d1.jsonl`. `varying` names the settings to show, dotted for
 * nested ones (`model.width`, shown as `width=`). Throws when one is missing or not a number, string or boolean.
 */
export function runPath(root: string, run: RunIdentity, varying: readonly string[]): string {
  const shown = varying.map((key) => `${leaf(key)}=${text(run.config, key)}`).join(',');
  const name = `${shown === '' ? 'run' : shown}-${run.hash.slice(0, SHORT_HASH)}.jsonl`;
  return join(root, run.sweep, run.preset, name);
}

function leaf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function text(config: RunConfig, key: string): string {
  let value: unknown = config;
  for (const part of key.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean')
    throw new TypeError(`cannot name a run by ${key}: it is ${value === undefined ? 'missing' : typeof value}`);
  return fileText(value);
}

function fileText(value: string | number | boolean): string {
  return String(value).replaceAll(/[^A-Za-z0-9._+-]/g, '_');
}

/** Why `file` is not the place of this run, or undefined when name, folder, configuration and hash agree. */
export function misplaced(file: string, run: RunIdentity): { found: string; expected: string } | undefined {
  const hash = hashConfig(run.config);
  if (run.hash !== hash)
    return {
      found: `the header's hash is ${run.hash.slice(0, 12)}…`,
      expected: `${hash.slice(0, 12)}…, the hash of its configuration`,
    };
  const name = /^(.*)-([0-9a-f]{8})\.jsonl$/.exec(basename(file));
  if (!name) return { found: 'the name is not that of a run file', expected: '<what varies>-<8 hex digits>.jsonl' };
  if (name[2] !== hash.slice(0, SHORT_HASH))
    return {
      found: `the name says ${name[2]}`,
      expected: `${hash.slice(0, SHORT_HASH)}, from the hash of its configuration`,
    };
  for (const pair of name[1]!.split(',')) {
    const [key, shown] = pair.split('=') as [string, string | undefined];
    if (shown === undefined) continue;
    const held = settings(run.config, key);
    if (!held.includes(shown))
      return {
        found: `the name says ${pair}`,
        expected: `${key}=${held.join(' or ') || 'nothing'}, as its configuration has it`,
      };
  }
  const preset = basename(dirname(file));
  if (preset !== run.preset)
    return { found: `it lies in the folder ${preset}`, expected: `the folder of its preset, ${run.preset}` };
  const sweep = basename(dirname(dirname(file)));
  if (sweep !== run.sweep)
    return { found: `it lies in the sweep ${sweep}`, expected: `the folder of its sweep, ${run.sweep}` };
  return undefined;
}

/** Every value that a configuration holds under this key at any depth, in file-name form. */
function settings(value: unknown, key: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === key && (typeof member === 'number' || typeof member === 'string' || typeof member === 'boolean')
      ? [fileText(member)]
      : settings(member, key),
  );
}
