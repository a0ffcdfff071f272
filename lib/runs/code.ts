/** Which code runs: what a run's header says of it. */

import { git } from './git.ts';
import type { RunHeader } from './types.ts';

/** The commit, and whether lib or the locked dependencies differ from it (true where there is no git). */
export function codeVersion(): RunHeader['git'] {
  const commit = git('rev-parse', 'HEAD');
  return {
    commit: commit || 'unknown',
    dirty: commit === '' || git('status', '--porcelain', '--', ':/lib', ':/package.json', ':/package-lock.json') !== '',
  };
}
