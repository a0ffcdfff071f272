/**
 * The CNN with batch norm on CIFAR-10, SGD, one eta, over lambda. Figures 3d, 3e, 3f; also S6, S11.
 *
 *   npm run train -- cnn-bn-lambda --preset desk
 *
 * paper  300 channels, batch 128, eta = 0.01, 1/lambda epochs; lambda = 0: 9,500 epochs.
 * desk   32 channels on 1,024 images of 16 x 16, eta = 0.05: a stand-in, NOT TRIED YET. 3.9/(eta lambda) steps, the paper's clock.
 *        Expected: about half an hour on two cores [estimate: at most 42 ms a step and core].
 * smoke  8 channels on 64 images, seconds.
 */
import { cnnSweep } from './cnn.ts';

export const cnnBnLambda = cnnSweep(
  true,
  {
    name: 'cnn-bn-lambda',
    figures: ['3d', '3e', '3f', 'S6', 'S11'],
    title: 'CNN with batch norm on CIFAR-10, SGD, lambda',
  },
  9500,
);
