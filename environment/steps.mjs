// How set-up steps run: stamped by the hash of what they were made from, in parallel where they can, one line each.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * One step of set-up.
 * @typedef {object} Step
 * @property {string} name what its line is called
 * @property {string[]} [after] names of steps that must be done first
 * @property {string} [skip] why it does not apply here; it is then not run
 * @property {() => boolean} isDone cheap: true when what the step makes is there and was made from today's inputs
 * @property {(log: Run) => Promise<string | void>} run makes it; may return a remark for its line
 */

/** @typedef {(command: string, args: string[], options?: { cwd?: string, env?: Record<string, string | undefined> }) => Promise<string>} Run */

/** An error whose message is all that a person needs: shown without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** SHA-256, hex, of texts and of the contents of files. A file that does not exist counts as such. */
export function hashOf(texts, files = []) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) {
    hash.update(`${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Every file below `folder`, sorted, without node_modules. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Writes a file whole or not at all. */
export function writeWhole(file, text) {
  const temporary = `${file}.tmp-${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Removes what killed set-ups left: `<anything>.tmp-<pid>` in `folder` whose process is gone. */
export function removeLeftovers(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = Number(/\.tmp-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Waits until no other set-up works in this checkout, then holds the lock until the returned function is called. */
export async function lock(folder, say) {
  const file = join(folder, 'lock');
  mkdirSync(folder, { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    const holder = Number(readStamp(file));
    if (age > 1000 && !(holder > 0 && isAlive(holder))) rmSync(file, { force: true });
    else if (!told) {
      say(`another set-up (process ${holder}) works in this checkout: waiting for it`);
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs commands with their output in `logFile`; a failing one throws a SetupError with the last lines of it. Resolves to stdout. */
function commandRunner(logFile, running) {
  return (command, args, options = {}) =>
    new Promise((resolve, reject) => {
      const log = createWriteStream(logFile, { flags: 'a' });
      log.write(`$ ${command} ${args.join(' ')}\n`);
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
      running.add(child);
      let stdout = '';
      let tail = '';
      const keep = (chunk) => {
        log.write(chunk);
        tail = (tail + chunk).slice(-3000);
      };
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
        keep(chunk);
      });
      child.stderr.on('data', keep);
      const fail = (what) => {
        const lines = tail.trimEnd().split('\n').slice(-20);
        reject(
          new SetupError(
            `${command} ${what}\n${lines.map((line) => `    ${line}`).join('\n')}\n  all of it: ${logFile}`,
          ),
        );
      };
      child.on('error', (error) => {
        running.delete(child);
        fail(`could not be started: ${error.message}`);
      });
      child.on('close', (code, signal) => {
        running.delete(child);
        log.end();
        if (code === 0) resolve(stdout);
        else fail(signal ? `was ended by ${signal}` : `failed with exit code ${code}`);
      });
    });
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs the steps that are not done, each as soon as those it comes after are. When one fails, those already running finish
 * (their work is kept), nothing new is started, and all failures are thrown as one SetupError.
 * @param {Step[]} steps
 * @param {string} logFolder
 * @param {(line: string) => void} say
 */
export async function runSteps(steps, logFolder, say) {
  mkdirSync(logFolder, { recursive: true });
  const failures = [];
  const children = new Set();
  const begun = new Map();
  const width = Math.max(...steps.map((step) => step.name.length));
  const tell = (step, text) => say(`  ${step.name.padEnd(width)}  ${text}`);

  const begin = async (step) => {
    const earlier = (step.after ?? []).map((name) => begun.get(name)).filter((promise) => promise !== undefined);
    const allMade = (await Promise.all(earlier)).every(Boolean);
    if (step.skip !== undefined) {
      tell(step, `skipped: ${step.skip}`);
      return true;
    }
    if (!allMade || failures.length > 0) return false;
    const start = performance.now();
    try {
      if (step.isDone()) {
        tell(step, 'up to date');
        return true;
      }
      const logFile = join(logFolder, `${step.name.replaceAll(/\W+/g, '-')}.log`);
      rmSync(logFile, { force: true });
      const remark = await step.run(commandRunner(logFile, children));
      tell(step, `${seconds(start)}${remark ? `  ${remark}` : ''}`);
      return true;
    } catch (error) {
      tell(step, `FAILED after ${seconds(start)}`);
      failures.push(`${step.name}: ${error instanceof SetupError ? error.message : error.stack}`);
      return false;
    }
  };

  const stop = (signal) => {
    for (const child of children) child.kill(signal);
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  for (const step of steps) begun.set(step.name, begin(step));
  await Promise.all(begun.values());
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (failures.length > 0) {
    throw new SetupError(`${failures.join('\n')}\n\nWhat was done is kept: the same command goes on from here.`);
  }
}
