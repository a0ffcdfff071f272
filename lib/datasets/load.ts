/** From a run's `data` setting to images. */
import type { RunConfig } from '../runs/index.ts';
import { cifar10, loadCifar10 } from './cifar10.ts';
import type { ImageSets } from './images.ts';
import { loadMnist, mnist } from './mnist.ts';
import type { LoadOptions } from './mnist.ts';
import type { StoredDataset } from './store.ts';
import { loadSynthetic } from './synthetic.ts';

/** The data sets that are fetched, by name. */
export const storedDatasets: Readonly<Record<string, StoredDataset>> = { mnist, cifar10 };

/** The images a run configuration asks for. Throws for ImageNet, which is read as a stream, not loaded. */
export async function loadImages(data: RunConfig['data'], options: LoadOptions = {}): Promise<ImageSets> {
  const { name, trainSamples, testSamples, subset, normalization, shrink = 1 } = data;
  if (typeof shrink !== 'number') throw new RangeError(`data.shrink: expected a number, got ${JSON.stringify(shrink)}`);
  if (normalization === 'imagenet') {
    throw new RangeError(`data.normalization 'imagenet' is for ImageNet alone, ${name} takes 'per-set' or 'none'`);
  }
  const select = { trainSamples, testSamples, subset, normalization, shrink };
  switch (name) {
    case 'mnist':
      return loadMnist({ ...select, ...options });
    case 'cifar10':
      return loadCifar10({ ...select, ...options });
    case 'synthetic':
      return loadSynthetic(select);
    default:
      throw new Error(`data set ${JSON.stringify(name)}: expected 'mnist', 'cifar10' or 'synthetic'`);
  }
}
