import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../lib/runs/index.ts';
import { importsIn, importsOf, libFiles, testsOf } from './imports.ts';

/** The rooms of lib from the ground up: each may import those before it and none after it. */
const FLOORS = [
  ...['kernel', 'random', 'runs'],
  ...['compute', 'datasets', 'models', 'training', 'theory', 'sweeps'],
  ...['analysis', 'claims', 'own', 'runner', 'watch', 'export', 'figures'],
  ...['report', 'handover'],
];

/** Arrows up that are there and are to go: a sweep of one's own trains in the runner's pool, which opens such sweeps. */
const UP = [
  'lib/own/halving.ts -> lib/runner/index.ts',
  'lib/own/train.ts -> lib/runner/index.ts',
  'lib/own/train.ts -> lib/runner/pool.ts',
];

/** How many files past the indices of others a room may import. */
const PAST_INDEX = 5;
/** May only fall: report's index is what workbooks import, and the hand-over makes pages of its parts; own builds on training's parts. */
const ALLOWED: Readonly<Record<string, number>> = { handover: 14, own: 8 };

const roomOf = (file: string) => file.split('/')[1]!;

/** What is wrong with imports between rooms, given the files and what each imports. */
function faults(files: readonly string[], imports: (file: string) => readonly string[]): string[] {
  const crossing = files.flatMap((from) =>
    imports(from)
      .filter((to) => to.startsWith('lib/') && roomOf(to) !== roomOf(from))
      .map((to) => ({ from, to })),
  );
  const up = crossing
    .filter(({ from, to }) => FLOORS.indexOf(roomOf(to)) > FLOORS.indexOf(roomOf(from)))
    .map(({ from, to }) => `${from} -> ${to}`)
    .filter((arrow) => !UP.includes(arrow))
    .map((arrow) => `${arrow}: an arrow up, to a room above`);
  const past = Object.entries(
    Object.groupBy(
      crossing.filter(({ to }) => !to.endsWith('/index.ts')),
      ({ from }) => roomOf(from),
    ),
  )
    .map(([room, list]) => ({ room, past: [...new Set(list!.map(({ to }) => to))] }))
    .filter(({ room, past }) => past.length > (ALLOWED[room] ?? PAST_INDEX))
    .map(({ room, past }) => `${room} imports ${past.length} files past an index: ${past.join(', ')}`);
  return [...up, ...past];
}

test('every room has its floor', () => {
  const rooms = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(rooms.map(({ name }) => name).sort(), [...FLOORS].sort());
});

test('no room imports one above it, so no two import each other, and few imports go past an index', () => {
  assert.deepEqual(faults(libFiles(), importsOf), []);
});

test('an arrow up and a sixth import past an index would be found', () => {
  const graph: Record<string, string[]> = {
    'lib/runs/a.ts': importsIn('lib/runs/a.ts', "import { x } from '../figures/index.ts';"),
    'lib/figures/b.ts': ['lib/runs/index.ts', ...[1, 2, 3, 4, 5, 6].map((i) => `lib/runs/${i}.ts`)],
  };
  const found = faults(Object.keys(graph), (file) => graph[file] ?? []);
  assert.equal(found.length, 2);
  assert.match(found[0]!, /lib\/runs\/a.ts -> lib\/figures\/index.ts: an arrow up/);
  assert.match(found[1]!, /figures imports 6 files past an index/);
});

test('a file of lib is covered by the tests of its room that reach it, else by the nearest', () => {
  const graph: Record<string, string[]> = {
    'test/a/x.test.ts': ['lib/a/index.ts'],
    'test/b/y.test.ts': ['lib/b/index.ts'],
    'lib/a/index.ts': ['lib/a/x.ts'],
    'lib/b/index.ts': ['lib/a/index.ts', 'lib/b/deep.ts'],
    'lib/a/x.ts': ['lib/b/deep.ts'],
  };
  const tests = ['test/a/x.test.ts', 'test/b/y.test.ts'];
  const of = (file: string) => testsOf(file, tests, (each) => graph[each] ?? []);
  assert.deepEqual(of('lib/a/x.ts'), ['test/a/x.test.ts']);
  assert.deepEqual(of('lib/b/deep.ts'), ['test/b/y.test.ts']);
  assert.deepEqual(of('lib/c/none.ts'), []);
});
