/** One line of a run file to and from text, and what a whole line must hold. */

import { SCHEMA } from './types.ts';
import type { Measure, Observation, RunHeader, RunLine } from './types.ts';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];
const MEASURED = [
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

/** The fields of a measurement that a resumed run must repeat to the bit: all but the time. */
export const REPEATED = MEASURED.filter((field) => field !== 'seconds');

/** One line with its newline. Numbers are in shortest round-trip form; a diverged loss is written as "NaN" or "Infinity". */
export function formatLine(line: RunLine): string {
  return `${JSON.stringify(line, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`;
}

/** A line as it will be read back, or a text that says what is wrong with it. */
export function parseLine(text: string): RunLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  const line = value as Record<string, unknown>;
  switch (line['kind']) {
    case 'run':
      return headerFault(line) ?? (line as unknown as RunHeader);
    case 'measure':
      for (const field of MEASURED) {
        if (typeof line[field] === 'string' && NON_FINITE.includes(line[field])) line[field] = Number(line[field]);
        if (typeof line[field] !== 'number') return `${field} is ${JSON.stringify(line[field])}, not a number`;
      }
      return wholeStep(line) ?? (line as unknown as Measure);
    case 'observe': {
      if (typeof line['seconds'] !== 'number') return 'an observation needs its seconds';
      const values = line['values'];
      if (typeof values !== 'object' || values === null || Array.isArray(values))
        return 'an observation needs its values';
      for (const [name, value] of Object.entries(values))
        if (!(Array.isArray(value) ? value : [value]).every((item) => typeof item === 'number'))
          return `the observed ${name} is neither a number nor a list of numbers`;
      return wholeStep(line) ?? (line as unknown as Observation);
    }
    case 'resume':
      return (
        wholeStep(line) ?? (typeof line['at'] === 'string' ? (line as unknown as RunLine) : 'a resume needs its time')
      );
    case 'l2-decay':
      return (
        wholeStep(line) ??
        (typeof line['lambda'] === 'number' ? (line as unknown as RunLine) : 'an l2-decay needs its lambda')
      );
    case 'end':
      if (!['finished', 'diverged', 'stopped', 'failed'].includes(String(line['reason'])))
        return `the reason ${JSON.stringify(line['reason'])} is unknown`;
      if (typeof line['seconds'] !== 'number') return 'an end needs its seconds';
      return wholeStep(line) ?? (line as unknown as RunLine);
    default:
      return `its kind is ${JSON.stringify(line['kind'])}`;
  }
}

function wholeStep(line: Record<string, unknown>): string | undefined {
  const step = line['step'];
  return Number.isInteger(step) && (step as number) >= 0
    ? undefined
    : `step is ${JSON.stringify(step)}, not a whole number from 0`;
}

function headerFault(header: Partial<RunHeader>): string | undefined {
  if (header.schema !== SCHEMA) return `its schema is ${String(header.schema)}, this code reads ${SCHEMA}`;
  for (const field of ['sweep', 'preset', 'hash', 'device', 'cpu', 'startedAt'] as const)
    if (typeof header[field] !== 'string') return `the header's ${field} is missing`;
  for (const field of ['numerics', 'threads'] as const)
    if (typeof header[field] !== 'number') return `the header's ${field} is missing`;
  for (const field of ['config', 'datasets', 'git', 'versions'] as const)
    if (typeof header[field] !== 'object' || header[field] === null) return `the header's ${field} is missing`;
  return undefined;
}

/** The first field in which two measurements of one step differ beyond time, or undefined. NaN equals NaN. */
export function firstDifference(a: Measure, b: Measure): (typeof REPEATED)[number] | undefined {
  // -0 is written as 0.
  return REPEATED.find((field) => !Object.is(a[field] + 0, b[field] + 0));
}
