/** `npm run verify [-- folder ...]`: checks every run file in data/runs and data/local, or in the folders named. Exit code 1 when one fails. */

import { verifyRuns } from './verify.ts';

const folders = process.argv.length > 2 ? process.argv.slice(2) : ['data/runs', 'data/local'];
const { runs, problems, states } = verifyRuns(folders);
for (const problem of problems) console.error(problem.message);
const counts = Object.entries(states).filter(([, count]) => count > 0);
console.log(
  `${runs.length} runs in ${folders.join(', ')}: ${counts.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'}; ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
