/** The end of a run file, as one writer left it. */

import fs from 'node:fs';
import { RunningDigest } from './digest.ts';
import { syncFile } from './durable.ts';
import { RunFileError } from './error.ts';
import { formatLine } from './lines.ts';
import type { RunLine } from './types.ts';

/** Bytes at the end that are looked at: from schema 2 on they hold the digest of all before. */
const TAIL_BYTES = 96;

/**
 * A file to which whole lines are added, each only where the file still ends as this writer left it: whatever else wrote to it, moved it or
 * took it away, nothing is overwritten, and no line goes into a file that nobody will find.
 */
export class AppendFile {
  readonly #file: string;
  #fd: number;
  #size: number;
  #tail: Buffer;
  /** Of the first `#size` bytes; undefined in schema 1, whose lines have none. */
  #digest: RunningDigest | undefined;

  /** Opens `file`, of which `content` are the whole lines, and cuts whatever follows. A last line without its newline gets it. */
  constructor(file: string, content: Buffer, schema: number) {
    this.#file = file;
    // Appending is the system's: a second writer's bytes are never written over.
    this.#fd = fs.openSync(file, 'a+');
    this.#size = content.length;
    this.#tail = content.subarray(-TAIL_BYTES);
    this.#digest = schema === 1 ? undefined : new RunningDigest().update(content);
    try {
      if (fs.fstatSync(this.#fd).size !== content.length) fs.ftruncateSync(this.#fd, content.length);
      if (content.at(-1) !== NEWLINE[0]) this.#write(NEWLINE, this.#digest?.copy().update(NEWLINE));
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  /** Adds a line, or leaves the file as it was. */
  append(line: RunLine): void {
    const json = formatLine(line);
    const digest = this.#digest?.copy();
    this.#write(Buffer.from(digest?.seal(json, line.kind === 'end') ?? `${json}\n`), digest);
  }

  /** Returns when everything added so far is on the disk. */
  flush(): void {
    syncFile(this.#fd);
  }

  get closed(): boolean {
    return this.#fd === -1;
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    fs.closeSync(fd);
  }

  #write(bytes: Buffer, digest: RunningDigest | undefined): void {
    this.#mustBeAsLeft();
    try {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(this.#fd, bytes, done, bytes.length - done);
    } catch (cause) {
      // Half a line may have fitted: take it back, so that the file stays a row of whole lines.
      try {
        if (fs.fstatSync(this.#fd).size - this.#size < bytes.length) fs.ftruncateSync(this.#fd, this.#size);
      } catch {
        // The reader skips a torn last line all the same.
      }
      throw cause;
    }
    this.#size += bytes.length;
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-TAIL_BYTES);
    this.#digest = digest;
  }

  #mustBeAsLeft(): void {
    const { size, ino, dev } = fs.fstatSync(this.#fd, { bigint: true });
    const there = fs.statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    const end = Buffer.alloc(this.#tail.length);
    if (size === BigInt(this.#size)) fs.readSync(this.#fd, end, 0, end.length, this.#size - end.length);
    const found =
      there?.ino !== ino || there.dev !== dev
        ? `the file was ${there ? 'replaced' : 'taken away'} while this run was written`
        : size !== BigInt(this.#size)
          ? `the file has ${size} bytes, not the ${this.#size} that this writer left`
          : end.equals(this.#tail)
            ? undefined
            : 'the file does not end as this writer left it';
    if (found !== undefined)
      throw new RunFileError({
        file: this.#file,
        found: `${found}; nothing was added to it`,
        expected: 'one writer a run, and nobody else at its file',
        remedy: 'Find out with npm run verify whether the file is whole; if so, start the same command again.',
      });
  }
}

const NEWLINE = Buffer.from('\n');
