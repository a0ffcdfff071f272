import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export type Content = Record<string, unknown>;

/** Header of a wire message, Jupyter messaging protocol 5.5, "General message format". */
export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
  subshell_id?: string | null;
}

export interface Message {
  /** Routing prefix of the ROUTER socket that it came in by, or the topic it is published under. */
  identities: Buffer[];
  header: Header;
  parent: Header | Record<string, never>;
  metadata: Content;
  content: Content;
  buffers: Buffer[];
}

export const PROTOCOL_VERSION = '5.5';
/** So many signatures are remembered, as ipykernel does. */
const REMEMBERED = 2 ** 16;
const DELIMITER = Buffer.from('<IDS|MSG>');

/** What a damaged or forged message is refused with. It is logged and dropped, never answered. */
export class WireError extends Error {}

/** Signs, encodes and decodes the messages of one kernel: one key, one session id. */
export class Codec {
  readonly session = randomUUID();
  readonly #key: string;
  readonly #digest: string;
  readonly #seen = new Set<string>();

  constructor(key: string, scheme = 'hmac-sha256') {
    if (!scheme.startsWith('hmac-')) throw new Error(`signature scheme "${scheme}" is not known; expected hmac-<hash>`);
    this.#key = key;
    this.#digest = scheme.slice('hmac-'.length);
  }

  message(type: string, content: Content, options: Partial<Omit<Message, 'header' | 'content'>> = {}): Message {
    const { identities = [], parent = {}, metadata = {}, buffers = [] } = options;
    const header: Header = {
      msg_id: randomUUID(),
      session: this.session,
      username: 'kernel',
      date: new Date().toISOString(),
      msg_type: type,
      version: PROTOCOL_VERSION,
    };
    return { identities, header, parent, metadata, content, buffers };
  }

  encode(message: Message): Buffer[] {
    const parts = [message.header, message.parent, message.metadata, message.content].map((part) =>
      Buffer.from(
        wellFormed(JSON.stringify(part, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))),
      ),
    );
    return [...message.identities, DELIMITER, Buffer.from(this.#sign(parts)), ...parts, ...message.buffers];
  }

  decode(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0) throw new WireError('no delimiter <IDS|MSG>');
    const [signature, ...rest] = frames.slice(at + 1);
    const parts = rest.slice(0, 4);
    if (signature === undefined || parts.length < 4) throw new WireError(`${rest.length} parts where 4 were expected`);
    if (this.#key !== '') {
      const expected = Buffer.from(this.#sign(parts));
      if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
        throw new WireError('wrong signature');
      }
      this.#refuseReplay(signature.toString('latin1'));
    }
    const [header, parent, metadata, content] = parts.map(parseObject);
    if (typeof header?.['msg_type'] !== 'string' || typeof header['msg_id'] !== 'string') {
      throw new WireError('a header without msg_type or msg_id');
    }
    return {
      identities: frames.slice(0, at),
      header: plainFields(header) as unknown as Header,
      parent: parent as unknown as Header,
      metadata: metadata ?? {},
      content: content ?? {},
      buffers: rest.slice(4),
    };
  }

  /** A signed message that somebody has recorded and sends again is not obeyed. */
  #refuseReplay(signature: string): void {
    if (this.#seen.has(signature)) throw new WireError('a message that was received before');
    this.#seen.add(signature);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value as string);
  }

  #sign(parts: readonly Buffer[]): string {
    if (this.#key === '') return '';
    const hmac = createHmac(this.#digest, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }
}

/** A header goes back with every answer: what no header holds, nested data say, stays behind. */
function plainFields(header: Content): Content {
  return Object.fromEntries(Object.entries(header).filter(([, value]) => value === null || typeof value !== 'object'));
}

/** Half of a pair of surrogates is no text: readers of JSON in other languages fail on it, so it becomes U+FFFD. */
function wellFormed(json: string): string {
  return json.includes('\\ud') ? json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][\da-f]{2}/g, '$1\\ufffd') : json;
}

function parseObject(frame: Buffer): Content {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString());
  } catch {
    throw new WireError('a part that is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WireError('a part that is no object');
  return value as Content;
}
