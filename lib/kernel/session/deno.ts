import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { DISPLAY, viewsOf } from './display.ts';
import { imageType } from './images.ts';
import type { MimeBundle } from './protocol.ts';

/** What the façade stands on. */
export interface DenoHost {
  display(data: MimeBundle, metadata: MimeBundle, displayId: string | undefined, update: boolean): void;
  /** Publishes any message of the iopub channel under the cell that runs. */
  publish(type: string, content: MimeBundle, metadata: MimeBundle, buffers: Uint8Array[]): void;
}

interface DisplayOptions {
  /** The object is a MIME bundle already. */
  raw?: boolean;
  update?: boolean;
  display_id?: string;
}

interface BroadcastExtra {
  metadata?: MimeBundle;
  buffers?: (Uint8Array | ArrayBuffer)[];
}

type Tag = (strings: TemplateStringsArray, ...values: unknown[]) => object;

/** `Deno.jupyter`, as Deno documents it, over the kernel's own displays: notebooks made for Deno's kernel run. */
export function denoJupyter(host: DenoHost): object {
  const format = async (value: unknown): Promise<MimeBundle> => (await viewsOf(value)) ?? { 'text/plain': 'undefined' };
  return Object.freeze({
    $display: DISPLAY,
    html: tag('text/html'),
    md: tag('text/markdown'),
    svg: tag('image/svg+xml'),
    image,
    format,
    async display(value: unknown, options: DisplayOptions = {}): Promise<void> {
      const bundle = options.raw === true ? (value as MimeBundle) : await format(value);
      host.display(bundle, {}, options.display_id, options.update === true);
    },
    // Awaited by those who call it, as in Deno.
    broadcast: async (type: string, content: MimeBundle, extra: BroadcastExtra = {}): Promise<void> =>
      broadcast(host, type, content, extra),
  });
}

function broadcast(
  host: DenoHost,
  type: string,
  content: MimeBundle,
  { metadata = {}, buffers = [] }: BroadcastExtra,
): void {
  if (typeof type !== 'string' || typeof content !== 'object' || content === null) {
    throw new TypeError(
      `Deno.jupyter.broadcast takes a message type and its content, an object; not ${inspect(type)} and ${inspect(content)}`,
    );
  }
  if (type === 'display_data' || type === 'update_display_data') {
    const { data = {}, metadata: shown = {}, transient = {} } = content as Record<string, MimeBundle>;
    const id = transient['display_id'] as string | undefined;
    host.display(data, shown, id, type === 'update_display_data');
    return;
  }
  const bytes = buffers.map((each) => (each instanceof Uint8Array ? each : new Uint8Array(each)));
  host.publish(type, content, metadata, bytes);
}

/** A template whose text is shown as one type. */
function tag(type: string): Tag {
  return (strings, ...values) => displayable({ [type]: String.raw({ raw: strings }, ...values) });
}

/** @throws TypeError where the bytes are no PNG, JPEG, GIF, WebP or SVG */
function image(source: string | URL | Uint8Array): object {
  const bytes = source instanceof Uint8Array ? source : readFileSync(source);
  const type = imageType(bytes) ?? (/\.svg$/i.test(String(source)) ? 'image/svg+xml' : undefined);
  if (type === undefined)
    throw new TypeError(`no PNG, JPEG, GIF, WebP or SVG: ${inspect(source, { maxArrayLength: 8 })}`);
  return displayable({ [type]: type === 'image/svg+xml' ? Buffer.from(bytes).toString('utf8') : bytes });
}

function displayable(bundle: MimeBundle): object {
  return { [DISPLAY]: () => bundle };
}

/**
 * Puts `Deno` where cells and the notebook's own files find it and packages do not: a package that finds a `Deno` takes
 * Deno's ways, which are not there.
 */
export function installDeno(host: DenoHost): void {
  if ('Deno' in globalThis) return;
  const deno = Object.freeze({ jupyter: denoJupyter(host) });
  Object.defineProperty(globalThis, 'Deno', {
    get: () => (/[\\/]node_modules[\\/]/.test(callerFile()) ? undefined : deno),
    set(value: unknown) {
      Object.defineProperty(globalThis, 'Deno', { value, writable: true, configurable: true });
    },
    configurable: true,
    enumerable: false,
  });
}

/** The file of the code that reads the property. */
function callerFile(): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, sites) => sites[0]?.getFileName() ?? '';
    const probe: { stack?: string } = {};
    Error.captureStackTrace(probe, Object.getOwnPropertyDescriptor(globalThis, 'Deno')?.get);
    return probe.stack ?? '';
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
