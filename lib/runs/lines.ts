/** One line of a run file to and from text, and what a whole line must hold by itself; `ranges.ts` compares it with its run. */

import { NUMERICS, SCHEMAS } from './types.ts';
import type { Measure, RunLine } from './types.ts';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];
/** The numbers of a measurement. */
export const MEASURED = [
  'step',
  'epoch',
  'seconds',
  'trainLoss',
  'trainError',
  'testLoss',
  'testError',
  'l2Norm',
  'eta',
  'lambda',
] as const;
/** What is no longer finite where a run diverges. */
const MAY_DIVERGE: readonly string[] = ['trainLoss', 'trainError', 'testLoss', 'testError', 'l2Norm'];

/** The fields of a measurement that a resumed run must repeat to the bit: all but the time. */
export const REPEATED = MEASURED.filter((field) => field !== 'seconds');

type Line = Record<string, unknown>;
type Check = (value: unknown, field: string) => string | undefined;

/** One line without its newline. Numbers are in shortest round-trip form; a diverged loss is written as "NaN" or "Infinity". */
export function formatLine(line: RunLine): string {
  return JSON.stringify(line, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** A line as it will be read back, or a text that says what is wrong with it. */
export function parseLine(text: string): RunLine | string {
  let line: Line;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
    line = value as Line;
  } catch {
    return 'it is not JSON';
  }
  const kind = line['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) return `its kind is ${shown(kind)}`;
  if (kind === 'run' && !SCHEMAS.includes(line['schema'] as 1))
    return `its schema is ${shown(line['schema'])}, this code reads ${SCHEMAS.join(' and ')}`;
  const fields = FIELDS[kind as RunLine['kind']];
  for (const [field, check] of Object.entries(fields)) {
    if (!(field in line) && OPTIONAL.includes(`${kind}.${field}`)) continue;
    const fault = check(line[field], field);
    if (fault !== undefined) return fault;
  }
  const unknown = Object.keys(line).find((field) => field !== 'kind' && !Object.hasOwn(fields, field));
  if (unknown !== undefined) return `a ${kind} line has no ${shown(unknown)}`;
  // Also finds what JSON.parse takes in silence: a field twice, 1e999, a digit too many.
  if (JSON.stringify(line) !== text) return 'it is not written as a run file writes it';
  if (kind === 'measure') for (const field of MAY_DIVERGE) line[field] = Number(line[field]);
  if (kind === 'observe') line['values'] = numbers(line['values'] as Line);
  return line as unknown as RunLine;
}

/** The first field in which two measurements of one step differ beyond time, or undefined. NaN equals NaN. */
export function firstDifference(a: Measure, b: Measure): (typeof REPEATED)[number] | undefined {
  // -0 is written as 0.
  return REPEATED.find((field) => !Object.is(a[field] + 0, b[field] + 0));
}

/** A value in a message: not longer than a message may be. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value, field) =>
    test(value) ? undefined : `${field} is ${shown(value)}, not ${what}`;
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is Line =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMeasured = (value: unknown): boolean =>
  (isNumber(value) && value >= 0) || (isText(value) && NON_FINITE.includes(value));
const isObserved = (value: unknown): boolean => isNumber(value) || (isText(value) && NON_FINITE.includes(value));

const whole = (from: number, to: number = Number.MAX_SAFE_INTEGER): Check =>
  is(
    to === Number.MAX_SAFE_INTEGER ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`,
    (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
  );
const matching = (what: string, pattern: RegExp): Check => is(what, (value) => isText(value) && pattern.test(value));
const notNegative = is('a number from 0', (value) => isNumber(value) && value >= 0);
const fraction = is(
  'a number from 0 to 1',
  (value) => value === 'NaN' || (isNumber(value) && value >= 0 && value <= 1),
);
const measured = is('a number from 0, "NaN" or "Infinity"', isMeasured);
const name = matching('a name of small letters, digits and -', /^[a-z0-9][a-z0-9-]*$/);
const sha256 = matching('64 hex digits', /^[0-9a-f]{64}$/);
const time = is(
  'a time such as 2026-01-31T12:00:00.000Z',
  (value) =>
    isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && Number.isFinite(Date.parse(value)),
);
const text = is('a text', (value) => isText(value) && value !== '');
const textByName = is('texts by name', (value) => isObject(value) && Object.values(value).every(isText));

const OPTIONAL: readonly string[] = ['end.message'];
const step = whole(0);
const FIELDS: Record<RunLine['kind'], Record<string, Check>> = {
  run: {
    schema: is('known', (value) => SCHEMAS.includes(value as 1)),
    numerics: whole(1, NUMERICS),
    sweep: name,
    preset: name,
    config: is('a configuration', isObject),
    hash: sha256,
    datasets: (value, field) =>
      isObject(value)
        ? Object.entries(value)
            .map(([file, sum]) => sha256(sum, `${field} ${file}`))
            .find((fault) => fault !== undefined)
        : `${field} is ${shown(value)}, not SHA-256 sums by file`,
    git: is(
      'a commit of 40 hex digits and whether it was dirty',
      (value) =>
        isObject(value) &&
        /^(unknown|[0-9a-f]{40})$/.test(String(value['commit'])) &&
        typeof value['dirty'] === 'boolean' &&
        Object.keys(value).length === 2,
    ),
    versions: textByName,
    device: is('cpu or gpu', (value) => value === 'cpu' || value === 'gpu'),
    threads: whole(1, 65_536),
    cpu: text,
    startedAt: time,
  },
  measure: {
    step,
    epoch: notNegative,
    seconds: notNegative,
    trainLoss: measured,
    trainError: fraction,
    testLoss: measured,
    testError: fraction,
    l2Norm: measured,
    eta: notNegative,
    lambda: notNegative,
  },
  observe: {
    step,
    seconds: notNegative,
    values: (values, field) => {
      if (!isObject(values)) return `${field} is ${shown(values)}, not numbers by name`;
      const wrong = Object.entries(values).find(
        ([, value]) => !(Array.isArray(value) ? value : [value]).every(isObserved),
      );
      return wrong && `the observed ${wrong[0].slice(0, 60)} is neither a number nor a list of numbers`;
    },
  },
  resume: { step, at: time },
  'l2-decay': { step, lambda: notNegative },
  end: {
    reason: is('finished, diverged, stopped or failed', (value) =>
      ['finished', 'diverged', 'stopped', 'failed'].includes(value as string),
    ),
    step,
    seconds: notNegative,
    message: is('a text', isText),
  },
};

function numbers(values: Line): Line {
  const number = (value: unknown): unknown => (isText(value) ? Number(value) : value);
  for (const [key, value] of Object.entries(values))
    values[key] = Array.isArray(value) ? (value.every(isNumber) ? value : value.map(number)) : number(value);
  return values;
}
