// npm run fuzz:compute [-- --from 1 --programs 2000]: random programs with random JavaScript state, compiled against eager. Exit code 1 for one that is silently wrong.
import '../one-thread.ts';
import { parseArgs } from 'node:util';
import { tryProgram, type Outcome } from './program.ts';

const { values } = parseArgs({
  options: { from: { type: 'string', default: '1' }, programs: { type: 'string', default: '2000' } },
});
const [from, programs] = [Number(values.from), Number(values.programs)];
if (!Number.isInteger(from) || !Number.isInteger(programs) || programs < 1) {
  throw new Error('--from and --programs must be whole numbers, as in --from 1 --programs 2000');
}
console.warn = () => undefined; // on state that changes all the time
const counts: Record<Outcome['kind'], number> = { equal: 0, refused: 0, late: 0, silent: 0 };
let failed = 0;
for (let seed = from; seed < from + programs; seed++) {
  try {
    const { about, outcome } = tryProgram(seed);
    counts[outcome.kind]++;
    if (outcome.kind === 'late') console.log(`late by ${outcome.calls} calls: ${seed} (${about})`);
    if (outcome.kind === 'silent') {
      console.error(`SILENT: ${seed} (${about}): call ${outcome.at} gave ${outcome.compiled}, eager ${outcome.eager}`);
    }
  } catch (error) {
    failed++;
    console.error(`FAILED: ${seed}: ${(error as Error).stack}`);
  }
  if ((seed - from + 1) % 100 === 0) console.log(`${seed - from + 1} programs: ${JSON.stringify(counts)}`);
}
console.log(
  `${programs} programs: ${counts.equal} equal to eager, ${counts.refused} refused before anything differed, ${counts.late} refused within 8 calls, ` +
    `${counts.silent} silently wrong${failed ? `, ${failed} failed` : ''}`,
);
if (counts.silent + failed > 0) process.exitCode = 1;
