import type { Header, IopubSocket, PublishOptions } from './wire/index.ts';

/** How long small prints are gathered before they are published as one message. */
const GATHER = 8;
/** A stream message is published at this size at the latest, in UTF-16 code units. */
const LARGEST = 1 << 20;

/** Publishes what cells put out, each under the cell it belongs to; prints are gathered, the order is kept. */
export class OutputPublisher {
  readonly #iopub: IopubSocket;
  #gathered: { parent: Header | undefined; name: string; texts: string[]; size: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(iopub: IopubSocket) {
    this.#iopub = iopub;
  }

  stream(parent: Header | undefined, name: 'stdout' | 'stderr', text: string): void {
    const gathered = this.#gathered;
    if (gathered !== undefined && (gathered.parent !== parent || gathered.name !== name)) this.flush();
    this.#gathered ??= { parent, name, texts: [], size: 0 };
    this.#gathered.texts.push(text);
    this.#gathered.size += text.length;
    if (this.#gathered.size > LARGEST) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER);
  }

  publish(
    parent: Header | undefined,
    type: string,
    content: Record<string, unknown>,
    options: PublishOptions = {},
  ): void {
    this.flush();
    this.#iopub.publish(type, content, parent, options);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    this.#gathered = undefined;
    this.#iopub.publish('stream', { name: gathered.name, text: gathered.texts.join('') }, gathered.parent);
  }
}
