/** tslab's display API where the tslab package is not installed: the same functions, the same behaviour. */
import { randomUUID } from 'node:crypto';
import { RUNTIME } from '../language/names.ts';

interface TslabRuntime {
  tslabDisplay(message: { data: object; metadata: object; transient: { display_id?: string } }, update?: boolean): void;
}

const TYPES = {
  javascript: 'text/javascript',
  html: 'text/html',
  markdown: 'text/markdown',
  latex: 'text/latex',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  text: 'text/plain',
} as const;

type Display = Record<keyof typeof TYPES, (data: string | Uint8Array) => void> & {
  raw(contentType: string, data: string | Uint8Array): void;
};

function makeDisplay(id?: string): Display {
  let shown = false;
  const raw = (contentType: string, data: string | Uint8Array): void => {
    const transient = id === undefined ? {} : { display_id: id };
    const runtime = (globalThis as unknown as Record<string, TslabRuntime>)[RUNTIME] as TslabRuntime;
    runtime.tslabDisplay({ data: { [contentType]: data }, metadata: {}, transient }, shown && id !== undefined);
    shown = true;
  };
  const methods = Object.entries(TYPES).map(([name, type]) => [name, (data: string | Uint8Array) => raw(type, data)]);
  return { ...Object.fromEntries(methods), raw } as Display;
}

export const display = makeDisplay();
export const newDisplay = (): Display => makeDisplay(randomUUID());
export const versions = { tslab: '1.0.22', typescript: '', node: process.version };
