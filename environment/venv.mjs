// A Python environment with locked requirements, for what is not part of the set-up: fixtures and the bench's peers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} command @param {string[]} args */
export function runOrThrow(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Error(`${command} was not found: install Python 3.10, 3.11 or 3.12 with its venv module`);
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${status}`);
}

/**
 * The Python of the environment `folder`, made from the hashed requirements in the file `requirements` unless it is there and they are the same.
 * Throws where Python is missing or pip fails; what is half made is made anew the next time.
 * @param {string} folder @param {string} requirements @returns {string}
 */
export function pythonEnvironment(folder, requirements) {
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'requirements.txt');
  const locked = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === locked) return python;
  console.log(`installing what ${requirements} names into ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  runOrThrow(process.env.PYTHON ?? 'python3', '-m', 'venv', folder);
  const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  runOrThrow(python, '-m', 'pip', 'install', ...options, '-r', requirements);
  writeFileSync(stamp, locked);
  return python;
}
