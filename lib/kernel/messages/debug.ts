import { namesInExpression } from '../language/index.ts';
import { CELL_PREFIX, type DebugAnswer } from '../session/debugger.ts';
import { textField, type Content, type Handler, type KernelContext } from './kernel.ts';

const HASH_SEED = 0xc70f6907;
const SUFFIX = '.ts';

/** Cells that the front end has shown the debugger, by the path that stands for each. */
export class DumpedCells {
  readonly #sources = new Map<string, string>();
  breakpoints = new Map<string, unknown[]>();

  dump(code: string): string {
    const path = cellPath(code);
    this.#sources.set(path, code);
    return path;
  }

  source(path: string): string | undefined {
    return this.#sources.get(path);
  }
}

/** The path that a front end computes for a cell, too: it knows prefix, hash and suffix from debugInfo. */
export function cellPath(code: string): string {
  return `${CELL_PREFIX}${murmur2(Buffer.from(code), HASH_SEED)}${SUFFIX}`;
}

let sequence = 0;

export const debug: Handler = async ({ content }, kernel): Promise<Content> => {
  const command = textField(content, 'command');
  const given = (content['arguments'] ?? {}) as Content;
  const { success, message, body } = await answer(command, given, kernel);
  const reply = { type: 'response', seq: ++sequence, request_seq: content['seq'] ?? 0, command, success, body };
  return message === undefined ? reply : { ...reply, message };
};

async function answer(command: string, given: Content, kernel: KernelContext): Promise<DebugAnswer> {
  const { dumped } = kernel;
  if (command === 'debugInfo') return { success: true, body: await debugInfo(kernel) };
  if (command === 'dumpCell') return { success: true, body: { sourcePath: dumped.dump(textField(given, 'code')) } };
  if (command === 'source') {
    const path = textField((given['source'] ?? {}) as Content, 'path');
    const text = dumped.source(path) ?? (await kernel.readLocalFile(path));
    if (text !== undefined) return { success: true, body: { content: text } };
    return { success: false, message: `there is no source for "${path}"`, body: {} };
  }
  if (command === 'setBreakpoints') {
    const path = textField((given['source'] ?? {}) as Content, 'path');
    dumped.breakpoints.set(path, (given['breakpoints'] ?? []) as unknown[]);
  }
  if (command === 'attach') kernel.debugging.attached = true;
  if (command === 'disconnect' || command === 'terminate') {
    kernel.debugging.attached = false;
    dumped.breakpoints.clear();
  }
  const expression = given['expression'] ?? given['variableName'];
  const cellNames = typeof expression === 'string' ? namesInExpression(expression, kernel.names) : [];
  const reply = await kernel.session.ask('debug', { command, arguments: { ...given, cellNames } });
  return (reply ?? { success: false, message: 'the session has ended', body: {} }) as DebugAnswer;
}

async function debugInfo({ dumped, debugging }: KernelContext): Promise<Content> {
  return {
    isStarted: debugging.attached,
    hashMethod: 'Murmur2',
    hashSeed: HASH_SEED,
    tmpFilePrefix: CELL_PREFIX,
    tmpFileSuffix: SUFFIX,
    breakpoints: [...dumped.breakpoints].map(([source, breakpoints]) => ({ source, breakpoints })),
    stoppedThreads: debugging.stopped ? [1] : [],
    richRendering: true,
    exceptionPaths: [],
    copyToGlobals: true,
  };
}

/** MurmurHash2, 32 bits, as Jupyter's front ends compute it. */
function murmur2(data: Uint8Array, seed: number): number {
  const m = 0x5bd1e995;
  let hash = (seed ^ data.length) >>> 0;
  let at = 0;
  for (let left = data.length; left >= 4; left -= 4, at += 4) {
    let k = new DataView(data.buffer, data.byteOffset + at, 4).getUint32(0, true);
    k = Math.imul(k, m) >>> 0;
    k = Math.imul(k ^ (k >>> 24), m) >>> 0;
    hash = (Math.imul(hash, m) ^ k) >>> 0;
  }
  const left = data.length - at;
  if (left === 3) hash ^= (data[at + 2] as number) << 16;
  if (left >= 2) hash ^= (data[at + 1] as number) << 8;
  if (left >= 1) hash = Math.imul(hash ^ (data[at] as number), m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return (hash ^ (hash >>> 15)) >>> 0;
}
