import { JSON, Object } from './intrinsics.ts';
import type { MimeBundle } from './protocol.ts';
import { plain } from './shapes.ts';
import { take, type Steps } from './steps.ts';
import { libraryView } from './views.ts';

/** Deno's convention, which values of any library may follow: the method returns a MIME bundle. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** As nbformat has it: binary data as base64, JSON as JSON, with typed arrays as arrays of numbers. */
export function encodeBundle(bundle: MimeBundle): MimeBundle {
  const encoded: MimeBundle = {};
  for (const [type, data] of Object.entries(bundle)) encoded[type] = encode(type, data);
  return encoded;
}

function encode(type: string, data: unknown): unknown {
  if (type.endsWith('json')) return toJson(data);
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return typeof data === 'string' ? data : toJson(data);
}

/** What JSON keeps of a value, typed arrays as arrays. */
export function toJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    ArrayBuffer.isView(each) && !(each instanceof DataView) ? Array.from(each as unknown as ArrayLike<unknown>) : each,
  );
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

/**
 * The views of a value, the richest the front end knows is shown; undefined where there is nothing to show. At once,
 * unless a method of the value takes its time: so outputs keep the order of the calls.
 */
export function viewsOf(value: unknown): MimeBundle | undefined | Promise<MimeBundle | undefined> {
  return take(views(value));
}

function* views(value: unknown): Steps<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  const method = displayMethod(value);
  if (method !== undefined) {
    const bundle = yield method.call(value);
    if (typeof bundle === 'object' && bundle !== null) {
      const encoded = encodeBundle(bundle as MimeBundle);
      return 'text/plain' in encoded ? encoded : { ...encoded, 'text/plain': plain(value) };
    }
  }
  const known = yield* libraryView(value);
  if (known === undefined) return { 'text/plain': plain(value) };
  return encodeBundle('text/plain' in known ? known : { ...known, 'text/plain': plain(value) });
}

function displayMethod(value: unknown): ((this: unknown) => unknown) | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const method: unknown = (value as Record<symbol, unknown>)[DISPLAY];
  return typeof method === 'function' ? (method as (this: unknown) => unknown) : undefined;
}
