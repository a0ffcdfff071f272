/** Made-up images, for tests that must not need a download: ten blurred shapes plus noise, the same on every machine. */
import { selectImages } from './images.ts';
import type { ImageSets, RawSets, SelectOptions } from './images.ts';

const SIDE = 28;

/**
 * Ten classes of 28 x 28 grey images `[n, 784]`, class = index mod 10, up to 10,000 a set. A stand-in: no claim may rest on it.
 * Throws RangeError for impossible sample counts.
 */
export function loadSynthetic(options: SelectOptions & { trainSamples: number; testSamples: number }): ImageSets {
  const raw: RawSets = {
    name: 'synthetic',
    shape: [SIDE, SIDE, 1],
    classes: 10,
    train: make(options.trainSamples, 0),
    test: make(options.testSamples, 1),
    checksums: {},
  };
  return selectImages(raw, options);
}

function make(count: number, set: number): RawSets['train'] {
  const samples = Number.isInteger(count) && count > 0 ? Math.min(count, 10_000) : 0;
  const size = SIDE * SIDE;
  const pixels = new Uint8Array(samples * size);
  const labels = Uint8Array.from({ length: samples }, (_, image) => image % 10);
  for (let image = 0; image < samples; image++) {
    for (let pixel = 0; pixel < size; pixel++) {
      // Shapes: a coarse 7 x 7 pattern of bits per class; noise: a hash of (set, image, pixel).
      const cell = Math.floor(pixel / SIDE / 4) * 7 + Math.floor((pixel % SIDE) / 4);
      const ink = (mix(labels[image]! * 49 + cell) & 3) === 0 ? 140 : 20;
      pixels[image * size + pixel] = ink + (mix((set * 10_000 + image) * size + pixel + 7919) % 100);
    }
  }
  return { pixels, labels };
}

/** 32-bit finaliser of MurmurHash3: integers only, so equal everywhere. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
