/** `npm run data [-- mnist cifar10] [--folder DIR]`: fetches data sets that are missing and verifies all of them. */
import { parseArgs } from 'node:util';
import { storedDatasets } from './load.ts';
import { datasetsFolder, fetchDataset, readVerified } from './store.ts';

const { values, positionals } = parseArgs({
  options: { folder: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});
const known = Object.keys(storedDatasets);

if (values.help) {
  console.log(`npm run data [-- ${known.join(' ')}] [--folder DIR]   fetch and verify data sets (default: all)`);
} else {
  const options = values.folder === undefined ? {} : { folder: values.folder };
  for (const name of positionals.length > 0 ? positionals : known) {
    const dataset = storedDatasets[name];
    if (!dataset) {
      console.error(`data set ${JSON.stringify(name)} is not known; known are ${known.join(', ')}`);
      process.exitCode = 2;
      continue;
    }
    try {
      await fetchDataset(dataset, { ...options, onProgress: showProgress });
      endProgress();
      await readVerified(dataset, options);
      console.log(`${name}: ${dataset.files.length} files verified in ${datasetsFolder(values.folder)}/${name}`);
    } catch (error) {
      endProgress();
      console.error((error as Error).message);
      process.exitCode = 1;
    }
  }
}

function showProgress({ dataset, phase, fraction }: { dataset: string; phase: string; fraction?: number }): void {
  const percent = fraction === undefined ? '' : `${Math.floor(100 * fraction)} %`.padStart(6);
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${dataset}${percent} ${phase}`);
  else if (phase !== 'downloading') process.stderr.write(`${dataset}${percent} ${phase}\n`);
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
