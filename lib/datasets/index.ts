/** Data sets on disk and in memory: MNIST and CIFAR-10, fetched once and verified before every use. No TensorFlow here. */
export { cifar10, loadCifar10 } from './cifar10.ts';
export { normalize, pixelStatistics, selectImages, shrinkImages } from './images.ts';
export type { ImageSets, PixelStatistics, SelectOptions } from './images.ts';
export { Decoders, imageNetFolder, listImageNet } from './imagenet/index.ts';
export type { DecodeItem, DecodersOptions, ImageList, ImageSource } from './imagenet/index.ts';
export { loadImages, storedDatasets } from './load.ts';
export { loadMnist, mnist } from './mnist.ts';
export type { LoadOptions } from './mnist.ts';
export { DatasetError, datasetsFolder, fetchDataset } from './store.ts';
export type { FetchProgress, StoreOptions, StoredDataset } from './store.ts';
export { loadSynthetic } from './synthetic.ts';
