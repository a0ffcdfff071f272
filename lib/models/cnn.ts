import { batchNormalization, convolution, flatten, fullyConnected, maxPooling, relu, serial } from './layers.ts';
import { modelOf, type Model } from './model.ts';

export interface CnnOptions {
  /** Filters of each of the four convolutions; the paper's is 300. */
  channels?: number;
  /** Units of the first dense layer; the paper's is 500. */
  dense?: number;
  batchNorm?: boolean;
  classes?: number;
  /** Side of the square images, default 32. */
  imageSize?: number;
  imageChannels?: number;
  /** Side of the pooling windows, default 6. */
  pool?: number;
  /** Default 1, which JAX Stax takes where none is given: with another the second 6x6 pool does not fit 32x32 images. */
  poolStride?: number;
}

/**
 * The CNN of supplement A: conv SAME, act, conv VALID, act, pool, conv SAME, act, conv VALID, pool, dense, dense; 3x3 filters;
 * act = (batch norm) ReLU. No activation after the fourth convolution nor between the dense layers, as the text has it.
 * 51,044,810 parameters with 300 channels, 51,046,610 with batch norm.
 */
export function cnn(options: CnnOptions = {}): Model {
  const { channels = 300, dense = 500, batchNorm = false, classes = 10 } = options;
  const { imageSize = 32, imageChannels = 3, pool = 6, poolStride = 1 } = options;
  const afterPool = (side: number) => Math.floor((side - 2 - pool) / poolStride) + 1; // a VALID convolution takes 2 away
  const side = afterPool(afterPool(imageSize));
  if (!(side >= 1)) {
    throw new RangeError(
      `cnn: ${pool}x${pool} pools of stride ${poolStride} do not fit images of ${imageSize}x${imageSize}`,
    );
  }
  const act = (i: number) => (batchNorm ? [batchNormalization(`bn${i}`, channels), relu] : [relu]);
  const conv = (i: number, padding: 'same' | 'valid') =>
    convolution(`conv${i}`, { inputs: i === 0 ? imageChannels : channels, filters: channels, padding });
  const layers = serial(
    conv(0, 'same'),
    ...act(0),
    conv(1, 'valid'),
    ...act(1),
    maxPooling(pool, poolStride),
    conv(2, 'same'),
    ...act(2),
    conv(3, 'valid'),
    maxPooling(pool, poolStride),
    flatten,
    fullyConnected('dense0', side * side * channels, dense),
    fullyConnected('dense1', dense, classes),
  );
  return modelOf([imageSize, imageSize, imageChannels], classes, layers);
}
