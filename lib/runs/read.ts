import { isUtf8 } from 'node:buffer';
import { misplaced } from './config.ts';
import { asRunFileError, RunFileError } from './error.ts';
import { RunningDigest } from './digest.ts';
import { readRegularFile } from './file.ts';
import { parseLine } from './lines.ts';
import { outOfRange, wrongEnd, wrongStep } from './ranges.ts';
import type { Measure, Observation, Run, RunEnd, RunEvent, RunHeader, RunLine } from './types.ts';

const RESTORE = 'Restore it (git checkout -- <file>), or delete it and make it again with npm run train.';

/** What a run file holds, and how many of its bytes are whole lines. */
export interface RunText extends Run {
  wholeBytes: number;
  /** Where the end line begins, for a resume that takes it back. */
  endAt: number | undefined;
}

/**
 * Reads one run file and checks every line, the hash, the name and the folder. A cut last line is skipped (`torn`).
 * Throws a RunFileError that names the file and the line.
 */
export function readRun(file: string): Run {
  const { wholeBytes: _bytes, endAt: _end, ...run } = readRunText(file);
  return run;
}

export function readRunText(file: string): RunText {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file);
  } catch (cause) {
    throw asRunFileError(file, 'read the run', cause);
  }
  return parseRun(file, bytes);
}

/** What `bytes`, the content of `file`, hold. */
export function parseRun(file: string, bytes: Buffer): RunText {
  const fail = (line: number, found: string, expected: string): never => {
    throw new RunFileError({ file, line, found, expected, remedy: RESTORE });
  };
  let header: RunHeader | undefined;
  const measures: Measure[] = [];
  const observations: Observation[] = [];
  const events: RunEvent[] = [];
  let end: RunEnd | undefined;
  let endAt: number | undefined;
  let torn = false;
  let at = 0;
  const digest = new RunningDigest();
  for (let number = 1; at < bytes.length; number++) {
    const newline = bytes.indexOf(10, at);
    const next = newline === -1 ? bytes.length : newline + 1;
    const text = bytes.subarray(at, newline === -1 ? next : newline);
    const line = readLine(text, header, digest);
    if (typeof line === 'string') {
      // Only a writer that was killed leaves a line without its newline: a part of one, never more.
      if (newline === -1 && !holdsWholeLine(text)) {
        torn = true;
        break;
      }
      fail(number, `the line is damaged: ${line}`, 'a run, measure, observe, resume, l2-decay or end line');
    } else if (!header) {
      if (line.kind === 'run') header = line;
      else fail(number, `the first line is a ${line.kind}`, 'the run line, which says what was run');
    } else if (line.kind === 'run') {
      fail(number, 'a second run line', 'one run a file');
    } else if (end) {
      fail(number, `a ${line.kind} line follows the end`, 'nothing after the end line');
    } else {
      const last =
        (line.kind === 'measure' ? measures : line.kind === 'observe' ? observations : []).at(-1)?.step ?? -1;
      if (line.step <= last)
        fail(
          number,
          `${line.kind === 'observe' ? 'the observation of ' : ''}step ${line.step} follows step ${last}`,
          'growing steps',
        );
      const fault = outOfRange(line, header);
      if (fault !== undefined) fail(number, fault, 'what its configuration says');
      if (line.kind === 'measure') measures.push(line);
      else if (line.kind === 'observe') observations.push(line);
      else if (line.kind === 'end') [end, endAt] = [line, at];
      else events.push(line);
    }
    if (newline !== -1) digest.update(NEWLINE);
    at = next;
  }
  if (!header)
    return fail(1, torn ? 'the run line is cut' : 'the file is empty', 'the run line, which says what was run');
  const fault = misplaced(file, header);
  if (fault)
    throw new RunFileError({
      file,
      line: 1,
      ...fault,
      remedy:
        'A changed configuration is another run: put back the original file or make the run again with npm run train.',
    });
  const run = { file, header, measures, observations, events, ...(end && { end }), torn };
  const wrong = wrongStep(run) ?? wrongEnd(run);
  if (wrong) throw new RunFileError({ file, ...wrong, remedy: RESTORE });
  return { ...run, wholeBytes: at, endAt };
}

const NEWLINE = Buffer.from('\n');
const SEALED = Buffer.from('"digest":');

/** A line of a file whose header is known; of the first line, whether it has a digest says its schema. */
function readLine(bytes: Buffer, header: RunHeader | undefined, digest: RunningDigest): RunLine | string {
  const text = bytes.toString('utf8');
  if (header ? header.schema === 1 : !bytes.includes(SEALED)) {
    if (!isUtf8(bytes)) return 'it is not UTF-8';
    const line = parseLine(text);
    return typeof line !== 'string' && line.kind === 'run' && line.schema !== 1 ? 'it has no digest' : line;
  }
  const { json, fault } = digest.open(bytes, text.startsWith('{"kind":"end"'));
  const line = parseLine(json);
  // What is wrong with the line itself says more than its digest.
  return fault === undefined || (typeof line === 'string' && json !== text) ? line : fault;
}

/** Whether the text without a newline begins with a whole JSON object that something follows. */
function holdsWholeLine(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  const last = text.lastIndexOf('}');
  if (last === -1 || last === text.length - 1) return false;
  try {
    JSON.parse(text.slice(0, last + 1));
    return true;
  } catch {
    return false;
  }
}
