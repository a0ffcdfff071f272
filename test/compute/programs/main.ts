// npm run test:programs [-- part of a name ...]: every published program, eager against compiled. 1 to 2 minutes.
import '../one-thread.ts';
import { factOf, requireSameTraining } from './compare.ts';
import { programs } from './index.ts';

const parts = process.argv.slice(2);
const chosen = programs.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`no program is called ${parts.join(', ')}`);
console.warn = () => undefined; // tfjs on orthogonal initializers, which are replaced at once
let failed = 0;
for (const program of chosen) {
  try {
    await requireSameTraining(program);
    console.log(`ok  ${factOf(program)}`);
  } catch (error) {
    failed++;
    console.error(`NOT ${factOf(program)}\n    ${(error as Error).message}`);
  }
}
console.log(`${chosen.length - failed} of ${chosen.length} programs agree`);
if (failed > 0) process.exitCode = 1;
