/** A pool in a process of its own, for tests that kill it or run two at once: pool-process.ts <root> <runs> <steps>. */
import { runPool } from '../../lib/runner/pool.ts';
import { exampleRuns, fakeChild } from './support.ts';

const [root, count, steps] = process.argv.slice(2) as [string, string, string];
const runs = exampleRuns(
  root,
  Array.from({ length: Number(count) }, () => ({ steps: Number(steps) })),
);
const outcomes = await runPool(runs, { root, jobs: 2, threads: 1, child: fakeChild });
console.log(JSON.stringify([...outcomes].map(([run, outcome]) => [run.name, outcome])));
