/** RO-Crate 1.2 metadata (https://w3id.org/ro/crate/1.2) of what is handed over: what each file is, who made it, from what. */
import { createHash } from 'node:crypto';
import type { Made } from '../report/made.ts';

/** The name that the specification prescribes. */
export const CRATE_FILE = 'ro-crate-metadata.json';

const PAPER = 'https://arxiv.org/abs/2006.08643';
const LICENCE = 'https://www.apache.org/licenses/LICENSE-2.0';
const AUTHORS = '#authors';
const LANGUAGE = 'https://www.typescriptlang.org/';

const packagePage = (name: string): string =>
  name === 'node' ? 'https://nodejs.org/' : `https://www.npmjs.com/package/${name}`;

/** An entity of a crate: flat JSON-LD. */
export interface Entity {
  '@id': string;
  '@type': string | readonly string[];
  [property: string]: unknown;
}

export interface Crate {
  '@context': unknown;
  '@graph': readonly Entity[];
}

const ENCODINGS: Record<string, string> = {
  html: 'text/html',
  csv: 'text/csv',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  ipynb: 'application/x-ipynb+json',
  js: 'text/javascript',
  css: 'text/css',
  tex: 'application/x-tex',
  txt: 'text/plain',
  sha256: 'text/plain',
  cff: 'application/yaml',
};

const ref = (id: string): { '@id': string } => ({ '@id': id });

/** A path inside the crate as a relative URI. */
const idOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const extensionOf = (path: string): string => /\.([^./]+)$/.exec(path)?.[1] ?? 'txt';

/** What a file is, for people. */
function describe(path: string, made: readonly Made[]): string {
  const name = path.split('/').at(-1) ?? path;
  const workbook = made.find(
    ({ summary }) => name === `${summary.name}.${extensionOf(name)}` || name.startsWith(`${summary.name}-chart-`),
  );
  const of = workbook === undefined ? '' : ` of "${workbook.summary.title}"`;
  if (path === 'report/index.html') return 'First page of the report: what the paper says and which of it shows here';
  if (path.startsWith('report/take-along/'))
    return `${name.endsWith('.csv') ? 'Data of a chart' : 'Picture of a chart'}${of}`;
  if (name.endsWith('.ipynb')) return `Workbook with its outputs${of}`;
  if (path.startsWith('report/workbooks/')) return `Verdict and provenance${of}`;
  if (path.startsWith('report/assets/')) return 'What the pages load: drawing libraries and style';
  if (workbook !== undefined && name.endsWith('.html')) return `Page${of}`;
  if (workbook !== undefined) return `Picture${of}`;
  if (name === 'logs.sha256')
    return 'SHA-256 of every raw log that was read, as sha256sum -c checks it in a checkout of the repository';
  if (name.startsWith('numbers.')) return 'Verdicts and numbers of every figure, for a manuscript';
  return name;
}

function entityOf(path: string, data: Uint8Array, made: readonly Made[]): Entity {
  return {
    '@id': idOf(path),
    '@type': path.endsWith('.ipynb') ? ['File', 'SoftwareSourceCode'] : 'File',
    name: path,
    description: describe(path, made),
    ...(path.endsWith('.ipynb') ? { programmingLanguage: ref(LANGUAGE) } : {}),
    encodingFormat: ENCODINGS[extensionOf(path)] ?? 'text/plain',
    contentSize: String(data.byteLength),
    sha256: createHash('sha256').update(data).digest('hex'),
  };
}

/** How a page came about: which workbook was run with what, reading which logs. */
function actionOf({ summary }: Made): Entity[] {
  const { name, title, provenance } = summary;
  const folders = [...new Set(provenance.data.map(({ path }) => path.split('/').slice(0, -1).join('/') || path))];
  return [
    {
      '@id': `#run-${name}`,
      '@type': 'CreateAction',
      name: `Run of "${title}" at commit ${provenance.commit}${provenance.dirty ? ', with files changed since' : ''}`,
      endTime: provenance.madeAt,
      instrument: [
        ref(`report/workbooks/${name}.ipynb`),
        ...Object.keys(provenance.versions)
          .filter((each) => each !== 'typescript')
          .map((each) => ref(packagePage(each))),
      ],
      ...(folders.length > 0
        ? { object: [ref('logs.sha256'), ...folders.map((folder) => ref(`#${idOf(folder)}`))] }
        : {}),
      result: ref(`report/${name}.html`),
      ...(summary.error === undefined ? {} : { error: summary.error }),
    },
    ...folders.map((folder) => ({
      '@id': `#${idOf(folder)}`,
      '@type': 'CreativeWork',
      name: `Raw training logs ${folder} of the repository`,
      description: 'Not in this crate: logs.sha256 has the checksum of every file.',
    })),
  ];
}

/**
 * The metadata of a crate.
 * @param files what lies in the crate, by path, without the metadata file itself
 * @param made the workbooks behind the report
 */
export function crateOf(files: ReadonlyMap<string, Uint8Array>, made: readonly Made[]): Crate {
  const parts = [...files].map(([path, data]) => entityOf(path, data, made));
  const actions = new Map(made.flatMap(actionOf).map((entity) => [entity['@id'], entity]));
  const dates = made.map(({ summary }) => summary.provenance.madeAt).toSorted();
  const commits = [...new Set(made.map(({ summary }) => summary.provenance.commit))];
  const versions: Record<string, string> = made[0]?.summary.provenance.versions ?? {};
  const packages = Object.entries(versions).filter(([name]) => name !== 'typescript');
  return {
    '@context': 'https://w3id.org/ro/crate/1.2/context',
    '@graph': [
      {
        '@id': CRATE_FILE,
        '@type': 'CreativeWork',
        conformsTo: ref('https://w3id.org/ro/crate/1.2'),
        about: ref('./'),
      },
      {
        '@id': './',
        '@type': 'Dataset',
        name: 'l2-dynamics: a reproduction of "On the training dynamics of deep networks with L2 regularization"',
        description:
          'Every figure of the paper made again from raw training logs: a report that opens offline, the data of each chart, the workbooks with their outputs, and the checksums of the logs.',
        datePublished: dates.at(-1) ?? new Date(0).toISOString(),
        license: ref(LICENCE),
        version: commits.join(', '),
        author: ref(AUTHORS),
        publisher: ref(AUTHORS),
        about: ref(PAPER),
        hasPart: parts.map((part) => ref(part['@id'])),
        mentions: [...actions.keys()].filter((id) => id.startsWith('#run-')).map(ref),
      },
      { '@id': AUTHORS, '@type': 'Organization', name: 'The l2-dynamics authors', url: PAPER },
      {
        '@id': LICENCE,
        '@type': 'CreativeWork',
        name: 'Apache License 2.0',
        identifier: LICENCE,
        description: 'A permissive open-source licence.',
      },
      {
        '@id': PAPER,
        '@type': 'ScholarlyArticle',
        name: 'On the training dynamics of deep networks with L2 regularization',
        author: [ref('#aitor-lewkowycz'), ref('#guy-gur-ari')],
        datePublished: '2020',
      },
      { '@id': '#aitor-lewkowycz', '@type': 'Person', name: 'Aitor Lewkowycz' },
      { '@id': '#guy-gur-ari', '@type': 'Person', name: 'Guy Gur-Ari' },
      {
        '@id': LANGUAGE,
        '@type': 'ComputerLanguage',
        name: 'TypeScript',
        url: LANGUAGE,
        ...(versions['typescript'] === undefined ? {} : { version: versions['typescript'] }),
      },
      ...packages.map(([name, version]) => ({
        '@id': packagePage(name),
        '@type': 'SoftwareApplication',
        name,
        url: packagePage(name),
        version,
      })),
      ...parts,
      ...actions.values(),
    ],
  };
}
