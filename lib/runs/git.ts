import { execFileSync } from 'node:child_process';
import { ROOT } from './places.ts';

/** What `git <args>` prints in the repository, trimmed; empty where there is no git, or no repository. */
export function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
