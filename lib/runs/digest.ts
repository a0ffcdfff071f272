/**
 * The running digest of a run file, from schema 2 on: the last field of every line is the SHA-256 of all bytes of the file before that field,
 * so that a changed, added, removed or moved byte shows at its own line. `head -c <bytes before ,"digest"> <file> | sha256sum` makes the same.
 */

import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

/** Hex digits that a line carries: 64 bits tell any accident. The end line has all 64, which stand for the file. */
const DIGITS = 16;
const FIELD = ',"digest":"';

/** What has been read or written so far of one file. */
export class RunningDigest {
  #hash: Hash;

  constructor(hash: Hash = createHash('sha256')) {
    this.#hash = hash;
  }

  /** The same state once more: a line that does not reach the disk leaves no trace in the first. */
  copy(): RunningDigest {
    return new RunningDigest(this.#hash.copy());
  }

  /** Adds bytes as they are, e.g. what a resumed run holds. */
  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    return this;
  }

  /** Adds a line, `json` without its newline, and returns it with its digest and newline. */
  seal(json: string, whole: boolean): string {
    const body = json.slice(0, -1);
    this.#hash.update(body);
    const digest = this.#now(whole);
    const rest = `${FIELD}${digest}"}\n`;
    this.#hash.update(rest);
    return body + rest;
  }

  /**
   * Adds a line as it lies in the file, without its newline (the caller's, by `update`). Returns its JSON without the digest, and what is wrong
   * with the digest.
   */
  open(bytes: Buffer, whole: boolean): { json: string; fault?: string } {
    const digits = whole ? 64 : DIGITS;
    const text = bytes.toString('utf8');
    const at = text.lastIndexOf(FIELD);
    const carried = at === -1 ? '' : text.slice(at + FIELD.length, -2);
    if (carried.length !== digits || !text.endsWith('"}'))
      return { json: text, fault: `it does not end with its digest of ${digits} digits` };
    const body = bytes.length - Buffer.byteLength(text.slice(at));
    this.#hash.update(bytes.subarray(0, body));
    const digest = this.#now(whole);
    this.#hash.update(bytes.subarray(body));
    const json = `${text.slice(0, at)}}`;
    if (carried === digest) return { json };
    const fault = `its digest is ${carried.slice(0, DIGITS)}, that of the bytes before it ${digest.slice(0, DIGITS)}: it was changed, or lines before it`;
    return { json, fault };
  }

  #now(whole: boolean): string {
    const digest = this.#hash.copy().digest('hex');
    return whole ? digest : digest.slice(0, DIGITS);
  }
}
