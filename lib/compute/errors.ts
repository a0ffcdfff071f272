/** A step that cannot be compiled faithfully, or a use of compiled state that would give a wrong number. */
export class CompileError extends Error {
  override name = 'CompileError';
}

/** JavaScript would now build another graph than the one in use. */
export class ChangedError extends CompileError {}
