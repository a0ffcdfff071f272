/** Which part of an image is taken: a random one for training, the middle for evaluation, as in the TensorFlow TPU reference. */
import { philox } from '../../random/index.ts';

export interface Crop {
  left: number;
  top: number;
  width: number;
  height: number;
  flip: boolean;
}

/** Keeps crops apart from initial weights (0) and the order of batches (1). */
const CROP_KEY = 2;
const AREA = [0.08, 1] as const;
const ASPECT = [3 / 4, 4 / 3] as const;
const ATTEMPTS = 10;
/** The reference evaluates the middle side / (side + 32) of the shorter edge, for any side here in proportion to 224. */
const MIDDLE = 224 / (224 + 32);

export interface Draw {
  seed: number;
  epoch: number;
  /** Index of the sample in the training set. */
  sample: number;
}

/**
 * A part of 8 % to 100 % of the image with an aspect ratio of 3/4 to 4/3, tried ten times as `tf.image.sample_distorted_bounding_box` does
 * (the ratio first, then a uniform height), else the middle; mirrored with probability 1/2. A function of (seed, epoch, sample).
 */
export function randomCrop(width: number, height: number, { seed, epoch, sample }: Draw): Crop {
  const draws = (attempt: number): [number, number, number, number] =>
    [...philox([sample, epoch, attempt, 0], [seed, CROP_KEY])].map((word) => word / 0x1_0000_0000) as [
      number,
      number,
      number,
      number,
    ];
  const flip = draws(ATTEMPTS)[0] < 0.5;
  const area = width * height;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [ofAspect, ofHeight, ofLeft, ofTop] = draws(attempt);
    const aspect = ASPECT[0] + ofAspect * (ASPECT[1] - ASPECT[0]);
    const least = Math.round(Math.sqrt((AREA[0] * area) / aspect));
    const most = Math.min(Math.round(Math.sqrt((AREA[1] * area) / aspect)), height, Math.floor((width + 0.5) / aspect));
    if (most < 1 || least > most) continue;
    const h = Math.max(1, least + Math.floor(ofHeight * (most - least + 1)));
    const w = Math.round(h * aspect);
    if (w < 1 || w > width || w * h < AREA[0] * area || w * h > AREA[1] * area) continue;
    return {
      left: Math.floor(ofLeft * (width - w + 1)),
      top: Math.floor(ofTop * (height - h + 1)),
      width: w,
      height: h,
      flip,
    };
  }
  return { ...middleCrop(width, height), flip };
}

/** The middle square of 7/8 of the shorter edge. */
export function middleCrop(width: number, height: number): Crop {
  const side = Math.max(1, Math.round(MIDDLE * Math.min(width, height)));
  return {
    left: Math.floor((width - side + 1) / 2),
    top: Math.floor((height - side + 1) / 2),
    width: side,
    height: side,
    flip: false,
  };
}
