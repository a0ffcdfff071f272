import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashConfig, runPath, type RunConfig } from '../../lib/runs/index.ts';
import { exampleConfig, exampleHeader, exampleMeasure } from '../runner/support.ts';

/** Writes a log of `measures` looks, every step one, as far as a watcher reads: without digests. Returns its file. */
export function writeLog(
  root: string,
  {
    seed,
    measures,
    ended = true,
    changes = {},
  }: { seed: number; measures: number; ended?: boolean; changes?: Partial<RunConfig> },
): string {
  const config = exampleConfig(seed, { steps: measures - 1, ...changes });
  const file = runPath(join(root), { sweep: 'made-up', preset: 'smoke', config, hash: hashConfig(config) }, [
    'eta',
    'lambda',
    'seed',
  ]);
  const lines: object[] = [exampleHeader(config)];
  for (let step = 0; step < measures; step++) lines.push(exampleMeasure(config, step));
  if (ended) lines.push({ kind: 'end', reason: 'finished', step: measures - 1, seconds: measures });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}
