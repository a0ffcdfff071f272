/** The report and what it rests on as one zip, an RO-Crate. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { CRATE_FILE, crateOf } from './crate.ts';
import type { Made } from '../report/made.ts';

/** Folder inside the zip. */
export const CRATE_FOLDER = 'l2-dynamics-report';

/** Compressed already. */
const STORED = /\.png$/;

/** Every regular file below `folder`, by its path in the crate. */
function filesOf(folder: string, under: string): [string, Uint8Array][] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.tmp-'))
    .map((entry): [string, Uint8Array] => {
      const file = join(entry.parentPath, entry.name);
      return [`${under}${file.slice(folder.length)}`.replaceAll('\\', '/'), readFileSync(file)];
    });
}

/** The checksums of all logs that were read, as `sha256sum -c` reads them at the repository's root. */
export function logsManifest(made: readonly Made[]): string {
  const sums = new Map(
    made.flatMap(({ summary }) => summary.provenance.data.map(({ path, sha256 }) => [path, sha256])),
  );
  return [...sums]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([path, sha256]) => `${sha256}  ${path}\n`)
    .join('');
}

const README = `Open report/index.html with a double click: it needs no network.

report/             the report, a page a figure
report/take-along/  the data of each chart as CSV, the chart as SVG and PNG
report/workbooks/   the workbooks with their outputs (Jupyter), verdicts and provenance as JSON
logs.sha256         checksum of every raw log that was read: sha256sum -c ../logs.sha256 in a checkout of the repository
${CRATE_FILE}  what every file is, by RO-Crate 1.2
`;

/**
 * The zip of a report. The same report gives the same bytes.
 * @param report its folder
 * @param made the workbooks behind it
 */
export function zipOf(report: string, made: readonly Made[]): Uint8Array {
  const text = new TextEncoder();
  const files = new Map<string, Uint8Array>([
    ['README.txt', text.encode(README)],
    ['logs.sha256', text.encode(logsManifest(made))],
    ...filesOf(report, 'report').toSorted(([a], [b]) => a.localeCompare(b, 'en')),
  ]);
  const crate = text.encode(`${JSON.stringify(crateOf(files, made), null, 2)}\n`);
  const entries: Zippable = {};
  const last = made
    .map(({ summary }) => summary.provenance.madeAt)
    .toSorted()
    .at(-1);
  for (const [path, data] of [[CRATE_FILE, crate] as const, ...files])
    entries[`${CRATE_FOLDER}/${path}`] = [data, { level: STORED.test(path) ? 0 : 9 }];
  return zipSync(entries, { mtime: last ?? '1980-01-02' });
}
