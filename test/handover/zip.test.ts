import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { summariesAt } from '../../lib/handover/against.ts';
import { CRATE_FILE } from '../../lib/handover/crate.ts';
import { readReport } from '../../lib/report/made.ts';
import { CRATE_FOLDER, zipOf } from '../../lib/handover/zip.ts';
import { crateFaults } from './rules.ts';
import { plantedReport } from './support.ts';

const LOGS = { 'data/runs/a/desk/eta=1,lambda=0.1.jsonl': 'a'.repeat(64), 'data/runs/b/desk/x.jsonl': 'b'.repeat(64) };

function crated() {
  using report = plantedReport([
    { name: 'figure-1', effect: -1, logs: LOGS },
    { name: 'figure-2', effect: -2 },
  ]);
  const zip = zipOf(report.folder, readReport(report.folder));
  const again = zipOf(report.folder, readReport(report.folder));
  const files = new Map(
    Object.entries(unzipSync(zip)).map(([path, data]) => [path.replace(`${CRATE_FOLDER}/`, ''), data]),
  );
  const text = (path: string) => new TextDecoder().decode(files.get(path));
  return { zip, again, files, text, crate: JSON.parse(text(CRATE_FILE)) as { '@graph': Record<string, unknown>[] } };
}

test('the zip of a report is an RO-Crate that describes every file in it, and the same report gives the same bytes', () => {
  const { zip, again, files, crate } = crated();
  assert.deepEqual(crateFaults(crate, files), []);
  assert.deepEqual(zip, again);
  for (const path of ['report/index.html', 'report/take-along/figure-1-chart-1.csv', 'report/workbooks/figure-2.ipynb'])
    assert.ok(files.has(path), path);
});

test('the checksums of the logs that were read lie in the zip as sha256sum reads them', () => {
  const { text } = crated();
  assert.equal(
    text('logs.sha256'),
    Object.entries(LOGS)
      .map(([path, sum]) => `${sum}  ${path}\n`)
      .join(''),
  );
});

test('a crate that lost or changed a file, a link or a required property is told', () => {
  const { files, crate } = crated();
  const without = new Map([...files].filter(([path]) => path !== 'report/figure-1.html'));
  assert.deepEqual(crateFaults(crate, without), ['report/figure-1.html does not exist']);
  const changed = new Map(files).set('README.txt', new TextEncoder().encode('x'));
  assert.deepEqual(crateFaults(crate, changed), ['README.txt has another size', 'README.txt has another checksum']);
  assert.deepEqual(crateFaults(crate, new Map(files).set('new.txt', new Uint8Array())), ['new.txt is not described']);
  const graph = crate['@graph'].map((entity) => ({ ...entity }));
  delete graph.find((entity) => entity['@id'] === './')?.['license'];
  assert.deepEqual(crateFaults({ ...crate, '@graph': graph }, files), ['the root has no license']);
  const unlinked = crate['@graph'].filter((entity) => entity['@id'] !== '#authors');
  assert.match(crateFaults({ ...crate, '@graph': unlinked }, files).join(), /leads to #authors, which is nowhere/);
});

test('a folder without a report is named, with the command that makes one', () => {
  assert.throws(() => readReport('/nonexistent'), /\/nonexistent holds no report .*npm run figures/);
});

test('another report is found in a zip, in what was unpacked of it and in a folder; anything else is named', () => {
  using report = plantedReport([
    { name: 'figure-10', effect: -1 },
    { name: 'figure-2', effect: -2 },
  ]);
  const zip = join(report.folder, '..', `${basename(report.folder)}.zip`);
  writeFileSync(zip, zipOf(report.folder, readReport(report.folder)));
  const names = (path: string) => summariesAt(path).map(({ name }) => name);
  assert.deepEqual(
    [names(zip), names(report.folder)],
    [
      ['figure-2', 'figure-10'],
      ['figure-2', 'figure-10'],
    ],
  );
  writeFileSync(zip, 'no zip');
  assert.throws(
    () => summariesAt(zip),
    /--against .*\.zip cannot be read .*it takes a zip that "npm run handover" wrote/,
  );
  rmSync(zip);
  assert.throws(() => summariesAt(zip), /there is nothing of that name/);
  assert.throws(() => summariesAt(join(report.folder, 'assets')), /holds no report/);
  writeFileSync(join(report.folder, 'workbooks', 'x.json'), '{}');
  assert.throws(() => summariesAt(report.folder), /holds no report/);
});
