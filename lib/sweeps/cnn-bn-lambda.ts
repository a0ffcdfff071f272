/**
 * The CNN with batch norm on CIFAR-10, SGD, one eta, over lambda. Figures 3d, 3e, 3f; also S6, S11.
 *
 *   npm run train -- cnn-bn-lambda --preset desk
 *
 * paper  300 channels, batch 128, eta = 0.01, 1/lambda epochs; lambda = 0: 9,500 epochs.
 * desk   32 channels on 1,024 images of 16 x 16, eta = 0.2: a stand-in. 3.9/(eta lambda) steps, the paper's clock. Tried, 1,250 test images:
 *        lambda 0.02, 975 steps: 0.346 at t* = 193, training accuracy 0.49; 5e-3, 2,500 steps: 0.394 at 1,179 (eta lambda t* = 1.2), training
 *        accuracy 1 first at 1,931 with 0.386, thrown out of it again by 2,500; 1e-3, 5,500 steps:
 *        training accuracy 1 at 681 with 0.340, then up to 0.394 at the last step (eta lambda x steps = 1.1), still climbing.
 *        Three seeds, the first of all runs first.
 *        Lambda 5e-4 and 3e-4 were added on 2026-11-29, after all others had been seen: with them the lambdas that fit span a factor of 17.
 *        Expected: half an hour a seed on two cores [172,000 steps of 20 ms a core].
 * smoke  8 channels on 64 images, seconds.
 */
import { cnnSweep } from './cnn.ts';

export const cnnBnLambda = cnnSweep(
  true,
  {
    name: 'cnn-bn-lambda',
    title: 'CNN with batch norm on CIFAR-10, SGD, lambda',
  },
  9500,
);
