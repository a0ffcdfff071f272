/** One JPEG to a square of RGB bytes. No TensorFlow: it runs in the decoders' processes. */
import sharp from 'sharp';
import { DatasetError } from '../store.ts';
import { middleCrop, randomCrop, type Draw } from './crop.ts';
import { readImage, type ImageSource } from './list.ts';

export interface DecodeItem {
  source: ImageSource;
  /** Of the random crop; the middle without it. */
  draw?: Draw;
}

/**
 * `side` x `side` x 3 bytes: cropped, resized by cubic interpolation (with the low-pass of libvips when it shrinks, which the reference
 * has not), mirrored. Grey and CMYK images become RGB.
 * @throws DatasetError naming an image that cannot be read or decoded
 */
export async function decodeImage({ source, draw }: DecodeItem, side: number): Promise<Uint8Array> {
  const bytes = await readImage(source);
  try {
    const { width, height } = await sharp(bytes).metadata();
    const { flip, ...part } = draw ? randomCrop(width, height, draw) : middleCrop(width, height);
    const image = sharp(bytes, { failOn: 'error' })
      .extract(part)
      .resize(side, side, { fit: 'fill', kernel: 'cubic' })
      .toColourspace('srgb')
      .removeAlpha();
    const { data, info } = await (flip ? image.flop() : image).raw().toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return data;
    throw new Error(`${info.channels} channels after conversion to RGB`);
  } catch (error) {
    const message = (error as Error).message.split('\n')[0];
    throw new DatasetError(source.file, `${source.name}: damaged image (${message}): copy it again, or remove it`, {
      cause: error,
    });
  }
}
