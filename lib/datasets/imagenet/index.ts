/** ImageNet from the user's own folder, decoded by processes of their own. No TensorFlow here. */
export { middleCrop, randomCrop, type Crop, type Draw } from './crop.ts';
export type { DecodeItem } from './decode.ts';
export { Decoders, type DecodersOptions } from './decoders.ts';
export { imageNetFolder, listImageNet, type ImageList, type ImageSource } from './list.ts';
