/** A decoder: one process that decodes the images it is sent, a few at a time. */
import sharp from 'sharp';
import { decodeImage, type DecodeItem } from './decode.ts';

export type ToDecoder = { id: number; items: DecodeItem[]; side: number };
export type FromDecoder = { id: number; pixels: Uint8Array } | { id: number; file: string; message: string };

// The processes are what runs at once: each one decodes with one thread and keeps nothing.
sharp.concurrency(1);
sharp.cache(false);

let last: Promise<void> = Promise.resolve();
process.on('message', (task: ToDecoder) => {
  last = answer(task, last);
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit());

/** One task after the other: their images would only compete. */
async function answer(task: ToDecoder, before: Promise<void>): Promise<void> {
  await before;
  const done = await decode(task);
  if (process.connected) process.send!(done, () => undefined);
}

async function decode({ id, items, side }: ToDecoder): Promise<FromDecoder> {
  const size = side * side * 3;
  const pixels = new Uint8Array(items.length * size);
  try {
    for (const [i, item] of items.entries()) pixels.set(await decodeImage(item, side), i * size);
    return { id, pixels };
  } catch (error) {
    const { message, file = '' } = error as Error & { file?: string };
    return { id, file, message };
  }
}
