import {
  batchNormalization,
  convolution,
  fullyConnected,
  globalAverage,
  maxPooling,
  relu,
  residual,
  serial,
  type Layer,
} from './layers.ts';
import { modelOf, type Model } from './model.ts';

export interface ResNet50Options {
  classes?: number;
  /** Side of the square images, default 224. */
  imageSize?: number;
  /** Filters of the narrowest bottleneck; 64 in the reference. */
  width?: number;
  /** Bottleneck blocks of each of the four groups; [3, 4, 6, 3] in the reference. */
  blocks?: readonly number[];
}

/**
 * ResNet-50 as the TensorFlow TPU reference builds it: post-activation bottlenecks, the stride in the 3x3 convolution,
 * convolutions without biases and with explicit padding where strided, the last batch-norm scale of every block 0 at first,
 * dense weights of deviation 0.01, the other weights truncated. 25,557,032 parameters.
 *
 * Batch norm differs from the reference in one thing: evaluation uses statistics of the evaluated group, not running averages.
 */
export function resnet50(options: ResNet50Options = {}): Model {
  const { classes = 1000, imageSize = 224, width = 64, blocks = [3, 4, 6, 3] } = options;
  const conv = (name: string, inputs: number, filters: number, size: number, stride = 1): Layer =>
    convolution(name, {
      inputs,
      filters,
      size,
      stride,
      padding: stride > 1 ? 'fixed' : 'same',
      bias: false,
      truncated: true,
    });
  const layers: Layer[] = [
    conv('conv0', 3, width, 7, 2),
    batchNormalization('bn0', width),
    relu,
    maxPooling(3, 2, 'same'),
  ];
  let inputs = width;
  for (const [group, count] of blocks.entries()) {
    const filters = width * 2 ** group;
    const outputs = 4 * filters;
    for (let block = 0; block < count; block++) {
      const name = `group${group}/block${block}`;
      const stride = block === 0 && group > 0 ? 2 : 1;
      const main = serial(
        conv(`${name}/conv0`, inputs, filters, 1),
        batchNormalization(`${name}/bn0`, filters),
        relu,
        conv(`${name}/conv1`, filters, filters, 3, stride),
        batchNormalization(`${name}/bn1`, filters),
        relu,
        conv(`${name}/conv2`, filters, outputs, 1),
        batchNormalization(`${name}/bn2`, outputs, 0),
      );
      const projection = serial(
        conv(`${name}/shortcut`, inputs, outputs, 1, stride),
        batchNormalization(`${name}/shortcut-bn`, outputs),
      );
      layers.push(block === 0 ? residual(main, projection) : residual(main), relu);
      inputs = outputs;
    }
  }
  layers.push(globalAverage, fullyConnected('dense', inputs, classes, 0.01));
  return modelOf([imageSize, imageSize, 3], classes, serial(...layers));
}
