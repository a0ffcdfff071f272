/**
 * What native libraries say while they are loaded, past any log level, is no output of a cell. A library that loads one in a session writes
 * BEGIN to file descriptor 2 before and END after: APC sequences, which terminals do not show. What lies between them is left out.
 */
export const QUIET_BEGIN = '\u001B_quiet\u001B\\';
export const QUIET_END = '\u001B_/quiet\u001B\\';

/** Text without what lies between the marks, which may come in any pieces. */
export class Quieted {
  #held = '';
  #quiet = false;

  /** What of the text so far can be shown now. */
  push(text: string): string {
    this.#held += text;
    let shown = '';
    for (;;) {
      const mark = this.#quiet ? QUIET_END : QUIET_BEGIN;
      const at = this.#held.indexOf(mark);
      if (at < 0) break;
      if (!this.#quiet) shown += this.#held.slice(0, at);
      this.#held = this.#held.slice(at + mark.length);
      this.#quiet = !this.#quiet;
    }
    if (this.#quiet) return shown;
    const keep = beginningOf(QUIET_BEGIN, this.#held);
    shown += this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return shown;
  }

  /** What was held back, at the end of a cell: a library that never wrote its END died while loading, and what it said matters. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    this.#quiet = false;
    return rest;
  }
}

/** How many of the last characters of a text may be the first ones of a mark. */
export function beginningOf(mark: string, text: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (mark.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
