import type { Header } from './message.ts';

/** So many clients are remembered, each with its own clock. */
const MOST = 1000;

/**
 * When requests were sent, in milliseconds of this machine's clock. A client's own clock may be wrong: none of its
 * messages came in before it was sent, and the fastest one took next to no time.
 */
export class SendTimes {
  readonly #offsets = new Map<string, number>();

  /** To be told of every message as it comes in. */
  received(header: Header, now = Date.now()): void {
    const date = Date.parse(header.date);
    if (Number.isNaN(date)) return;
    const known = this.#offsets.get(header.session);
    this.#offsets.delete(header.session);
    this.#offsets.set(header.session, Math.min(now - date, known ?? Infinity));
    if (this.#offsets.size > MOST) this.#offsets.delete(this.#offsets.keys().next().value as string);
  }

  sent(header: Header): number | undefined {
    const sent = Date.parse(header.date) + (this.#offsets.get(header.session) ?? 0);
    return Number.isNaN(sent) ? undefined : sent;
  }
}
