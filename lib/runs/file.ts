/** Reading a file that may be anything. */

import fs from 'node:fs';
import { RunFileError } from './error.ts';

/** No run comes near: AutoL2's looks at every tenth of a million steps take 15 MB. */
const READ_LIMIT = 256 * 2 ** 20;

/**
 * The bytes of a regular file, or of one that a link leads to. Never waits: a FIFO, a device or a folder is an error, as is a file of more
 * than 256 MB.
 */
export function readRegularFile(file: string): Buffer {
  // Non-blocking, since opening a FIFO would wait for its writer.
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  try {
    const stat = fs.fstatSync(fd);
    const kind = stat.isFile() ? undefined : stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a FIFO' : 'a device';
    if (kind !== undefined || stat.size > READ_LIMIT)
      throw new RunFileError({
        file,
        found: kind === undefined ? `the file has ${stat.size} bytes` : `it is ${kind}`,
        expected: `a regular file of at most ${READ_LIMIT} bytes`,
        remedy: 'Take it out of the folder of runs.',
      });
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
