/** What is wrong with a run file, where, what was expected there, and what to do about it. */
export class RunFileError extends Error {
  override readonly name = 'RunFileError';
  readonly file: string;
  /** Line number from 1, where the fault is in a line. */
  readonly line: number | undefined;
  readonly expected: string;
  readonly remedy: string;

  constructor(fault: {
    file: string;
    line?: number;
    found: string;
    expected: string;
    remedy: string;
    cause?: unknown;
  }) {
    const place = fault.line === undefined ? fault.file : `${fault.file}:${fault.line}`;
    super(`${place}: ${fault.found}. Expected ${fault.expected}. ${fault.remedy}`, { cause: fault.cause });
    this.file = fault.file;
    this.line = fault.line;
    this.expected = fault.expected;
    this.remedy = fault.remedy;
  }
}

const remedies: Record<string, { found: string; expected: string; remedy: string }> = {
  ENOSPC: {
    found: 'the disk is full',
    expected: 'room for the next lines of the log and for a checkpoint',
    remedy: 'Free some space and start the same command again: the run goes on from its last checkpoint.',
  },
  EDQUOT: {
    found: 'the disk quota is used up',
    expected: 'room for the next lines of the log and for a checkpoint',
    remedy: 'Free some space and start the same command again: the run goes on from its last checkpoint.',
  },
  EACCES: {
    found: 'permission denied',
    expected: 'a folder and file this user may write',
    remedy: 'Change their permissions, or write the runs to another folder.',
  },
  EROFS: {
    found: 'the file system is read-only',
    expected: 'a folder that can be written',
    remedy: 'Write the runs to another folder.',
  },
  ENOENT: {
    found: 'no such file or folder',
    expected: 'a run file there',
    remedy: 'Check the path, or make the run with npm run train.',
  },
};
remedies['ENOTDIR'] = remedies['ENOENT']!;
remedies['ELOOP'] = { ...remedies['ENOENT']!, found: 'its links go round in a circle' };
remedies['EISDIR'] = { ...remedies['ENOENT']!, found: 'it is a folder' };
remedies['ENXIO'] = { ...remedies['ENOENT']!, found: 'it is a socket or a device' };
remedies['EPERM'] = remedies['EACCES']!;

/** An operating-system error in the words of this project; errors that are already clear pass through. */
export function asRunFileError(file: string, doing: string, cause: unknown): RunFileError {
  if (cause instanceof RunFileError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const known = code === undefined ? undefined : remedies[code];
  if (known) return new RunFileError({ file, ...known, found: `cannot ${doing}: ${known.found} (${code})`, cause });
  return new RunFileError({
    file,
    found: `cannot ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`,
    expected: 'a working file system',
    remedy: 'See the cause and start the same command again: the run goes on from its last checkpoint.',
    cause,
  });
}
