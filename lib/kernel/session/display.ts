import { inspect } from 'node:util';
import type { MimeBundle } from './protocol.ts';

/** Deno's convention, which values of any library may follow: the method returns a MIME bundle. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** Binary MIME types travel as base64, as nbformat has it. */
export function encodeBundle(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, data]) => [
      type,
      data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') : data,
    ]),
  );
}

/** The views of a value, the richest the front end knows is shown; undefined where there is nothing to show. */
export async function viewsOf(value: unknown): Promise<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  const method = displayMethod(value);
  if (method !== undefined) {
    const bundle: unknown = await method.call(value);
    if (typeof bundle === 'object' && bundle !== null) {
      const encoded = encodeBundle(bundle as MimeBundle);
      return 'text/plain' in encoded ? encoded : { ...encoded, 'text/plain': plain(value) };
    }
  }
  return { 'text/plain': plain(value) };
}

function displayMethod(value: unknown): ((this: unknown) => unknown) | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const method: unknown = (value as Record<symbol, unknown>)[DISPLAY];
  return typeof method === 'function' ? (method as (this: unknown) => unknown) : undefined;
}

function plain(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
}
