/**
 * The CNN without batch norm on CIFAR-10, SGD, one eta, over lambda. Figures 3a, 3b, 3c; also S6, S11.
 *
 *   npm run train -- cnn-lambda --preset desk
 *
 * paper  300 channels, batch 128, eta = 0.01, 1/lambda epochs (0.01/(eta lambda); OCR supports it); lambda = 0: 21,000 epochs.
 * desk   32 channels on 1,024 images of 16 x 16, eta = 0.05: a stand-in, NOT TRIED YET. 3.9/(eta lambda) steps, the paper's clock.
 *        Expected: about half an hour on two cores [estimate: at most 40 ms a step and core].
 * smoke  8 channels on 64 images, seconds.
 */
import { cnnSweep } from './cnn.ts';

export const cnnLambda = cnnSweep(
  false,
  { name: 'cnn-lambda', figures: ['3a', '3b', '3c', 'S6', 'S11'], title: 'CNN on CIFAR-10, SGD, lambda' },
  21_000,
);
