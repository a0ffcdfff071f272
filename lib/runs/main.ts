/**
 * `npm run verify [-- folder ...]`: checks every run file that workbooks read, or those in the folders named. Exit code 1 when one fails.
 * `npm run verify -- --write-manifests` first lists new logs of data/runs (or of the folders named) in the SHA256SUMS beside them.
 */
import { parseArgs } from 'node:util';
import { RunFileError } from './error.ts';
import { writeManifest } from './manifest.ts';
import { COMMITTED_LOGS } from './places.ts';
import { DATA_FOLDERS, presetFolders } from './scan.ts';
import { verifyRuns } from './verify.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'write-manifests': { type: 'boolean', default: false } },
});
const named = positionals.length > 0;
let refused = 0;
if (values['write-manifests'])
  for (const place of (named ? positionals : [COMMITTED_LOGS]).flatMap((folder) => presetFolders(folder, {}, [])))
    try {
      writeManifest(place);
    } catch (error) {
      if (!(error instanceof RunFileError)) throw error;
      console.error(`${place} keeps its old manifest: ${error.message}`);
      refused++;
    }
const folders = named ? positionals : DATA_FOLDERS;
const { runs, problems, states } = verifyRuns(folders, { named });
for (const problem of problems) console.error(problem.message);
const counts = Object.entries(states).filter(([, count]) => count > 0);
console.log(
  `${runs.length} runs in ${folders.join(', ')}: ${counts.map(([state, count]) => `${count} ${state}`).join(', ') || 'none'}; ${problems.length} problems`,
);
process.exitCode = problems.length + refused > 0 ? 1 : 0;
