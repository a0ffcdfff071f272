// npm run bench -- programs [--only name,name] [--write]: eager tfjs against compiled, ms a step, for the programs of test/compute/programs.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tensorflowVersion, tf } from '../../lib/compute/index.ts';
import { compiled, eagerly, programs, type Trainer, type TrainingProgram } from '../compute/programs/index.ts';

/** Turns of each way, one after the other, so that a busy moment hits both. */
const TURNS = 5;
const TURN_MS = 150;
const PAGE = join(import.meta.dirname, '../../lib/compute/PROGRAMS.md');
const MARK = '<!-- programs -->';

interface Row {
  program: TrainingProgram;
  eager: number;
  compiled: number;
  /** Compiling and the first step, in eager steps. */
  ready: number;
}

/** Mean ms of a step over one turn. */
async function turn(trainer: Trainer): Promise<number> {
  const start = performance.now();
  let steps = 0;
  while (steps === 0 || performance.now() - start < TURN_MS) {
    await trainer.step();
    steps++;
  }
  return (performance.now() - start) / steps;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

async function measure(program: TrainingProgram): Promise<Row> {
  const eager = eagerly(program.make());
  await eager.step();
  await turn(eager);
  const training = program.make();
  const start = performance.now();
  const own = compiled(training);
  await own.step();
  const ready = performance.now() - start;
  for (let i = 0; i < 5; i++) await own.step(); // TensorFlow goes on preparing
  const times: { eager: number[]; compiled: number[] } = { eager: [], compiled: [] };
  for (let i = 0; i < TURNS; i++) {
    times.eager.push(await turn(eager));
    times.compiled.push(await turn(own));
  }
  own.dispose();
  eager.dispose();
  const ms = median(times.eager);
  return { program, eager: ms, compiled: median(times.compiled), ready: ready / ms };
}

const digits = (ms: number): string => ms.toPrecision(ms >= 100 ? 3 : 2);

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ program: { name, from }, eager, compiled: own, ready }) =>
      `| ${name} | ${digits(eager)} | ${digits(own)} | ${digits(eager / own)} | ${digits(ready)} | ${from} |`,
  );
  return [
    '| program | eager ms | compiled ms | times as fast | ready after | after |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } });
const wanted = values.only?.split(',');
const chosen = programs.filter(({ name }) => !wanted || wanted.some((part) => name.includes(part)));
if (chosen.length === 0)
  throw new Error(`no program is called ${values.only}; there are: ${programs.map((p) => p.name).join(', ')}`);
if (values.write && wanted) throw new Error('--write wants all programs: leave --only out');
console.warn = () => undefined; // tfjs on orthogonal initializers, which are replaced at once
const load = loadavg()[0] as number;
const rows: Row[] = [];
for (const program of chosen) {
  const row = await measure(program);
  rows.push(row);
  console.log(
    `${program.name.padEnd(36)} ${digits(row.eager).padStart(7)} ms eager ${digits(row.compiled).padStart(7)} ms compiled ` +
      `${digits(row.eager / row.compiled).padStart(5)} x, ready after ${digits(row.ready)} eager steps`,
  );
}
console.log(`load average at the start ${load.toFixed(1)}`);
if (values.write) {
  const [head = ''] = readFileSync(PAGE, 'utf8').split(MARK);
  const when =
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, load average ${load.toFixed(1)} at the start` +
    `${load > 1 ? ' (not quiet)' : ''}, tfjs ${tf.version_core}, TensorFlow ${tensorflowVersion}, \`npm run bench -- programs --write\`.`;
  writeFileSync(PAGE, `${head}${MARK}\n\n${when}\n\n${table(rows)}\n`);
}
