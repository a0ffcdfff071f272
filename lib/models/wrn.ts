import {
  batchNormalization,
  convolution,
  fullyConnected,
  globalAverage,
  relu,
  residual,
  serial,
  type Layer,
} from './layers.ts';
import { modelOf, type Model } from './model.ts';

export interface WrnOptions {
  /** n of WRN n-k: 6 m + 4, for m blocks a group. The paper's is 28. */
  depth: number;
  /** k of WRN n-k: widths 16 k, 32 k, 64 k. The paper's is 10. */
  widen: number;
  classes?: number;
  /** Side of the square images, a multiple of 4; default 32. */
  imageSize?: number;
  imageChannels?: number;
}

/**
 * Wide residual network n-k as the authors' code builds it: pre-activation blocks (BN ReLU conv BN ReLU conv), convolutions
 * with biases, and a 3x3 (not 1x1) convolution of the un-normalised input as the shortcut of each group's first block.
 * WRN 28-10 has 38,557,770 parameters.
 */
export function wrn({ depth, widen, classes = 10, imageSize = 32, imageChannels = 3 }: WrnOptions): Model {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) throw new RangeError(`wrn depth must be 6 m + 4, got ${depth}`);
  if (!Number.isInteger(widen) || widen < 1)
    throw new RangeError(`wrn widen must be a whole number from 1, got ${widen}`);
  if (imageSize % 4 !== 0) throw new RangeError(`wrn imageSize must be a multiple of 4, got ${imageSize}`);
  const layers: Layer[] = [convolution('conv0', { inputs: imageChannels, filters: 16 })];
  let inputs = 16;
  for (const [group, base] of [16, 32, 64].entries()) {
    const filters = base * widen;
    for (let block = 0; block < blocks; block++) {
      const name = `group${group}/block${block}`;
      const stride = block === 0 && group > 0 ? 2 : 1;
      const main = serial(
        batchNormalization(`${name}/bn0`, inputs),
        relu,
        convolution(`${name}/conv0`, { inputs, filters, stride }),
        batchNormalization(`${name}/bn1`, filters),
        relu,
        convolution(`${name}/conv1`, { inputs: filters, filters }),
      );
      layers.push(
        block === 0 ? residual(main, convolution(`${name}/shortcut`, { inputs, filters, stride })) : residual(main),
      );
      inputs = filters;
    }
  }
  layers.push(batchNormalization('bn', inputs), relu, globalAverage, fullyConnected('dense', inputs, classes));
  return modelOf([imageSize, imageSize, imageChannels], classes, serial(...layers));
}
