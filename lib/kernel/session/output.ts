import { StringDecoder } from 'node:string_decoder';

type Emit = (name: 'stdout' | 'stderr', text: string) => void;
type Done = (error?: Error | null) => void;

/** Sends what JavaScript writes to stdout and stderr to the kernel, with the cell that wrote it. */
export function captureOutput(emit: Emit): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    const write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const text =
        typeof chunk === 'string' && (typeof encoding !== 'string' || /^utf-?8$/i.test(encoding))
          ? chunk
          : decoder.write(
              typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk),
            );
      if (text !== '') emit(name, text);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback !== undefined) process.nextTick(callback, null);
      return true;
    };
    Object.defineProperty(process[name], 'write', { value: write, writable: true, configurable: true });
  }
}
