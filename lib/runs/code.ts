/** Which code runs: what a run's header says of it. */

import { execFileSync } from 'node:child_process';
import type { RunHeader } from './types.ts';

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** The commit, and whether lib or the locked dependencies differ from it (true where there is no git). */
export function codeVersion(): RunHeader['git'] {
  const commit = git('rev-parse', 'HEAD');
  return {
    commit: commit || 'unknown',
    dirty: commit === '' || git('status', '--porcelain', '--', ':/lib', ':/package.json', ':/package-lock.json') !== '',
  };
}
