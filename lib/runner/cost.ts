/** What a run costs in floating-point operations, by counting the multiplications of dense and convolution layers. */
import { measureSteps, type RunConfig } from '../runs/index.ts';

/** Floating-point operations of a run: its optimizer steps, and its measurements. */
export interface Cost {
  /** Updates: forward and backward. */
  training: number;
  /** Forward passes over training and test samples at each measurement. */
  measuring: number;
}

/** A GPU by name, with the peak that TensorFlow's float32 training can use on it, in FLOP/s (vendor data sheets, dense). */
export const gpus: Readonly<Record<string, { title: string; flops: number }>> = {
  t4: { title: 'NVIDIA T4 (FP32)', flops: 8.1e12 },
  v100: { title: 'NVIDIA V100 SXM2 (FP32)', flops: 15.7e12 },
  a100: { title: 'NVIDIA A100 (TF32)', flops: 156e12 },
  h100: { title: 'NVIDIA H100 SXM (TF32)', flops: 494e12 },
};

/** Share of the peak that training is taken to reach. */
export const GPU_USE = 0.3;

/**
 * Counts a multiply-add as 2 operations; backward as twice forward. Of the whole run, or until `step`: measurements are denser at the
 * start. Undefined for a model it does not know.
 */
export function costOf(config: RunConfig, step = config.steps): Cost | undefined {
  const sample = forwardFlops(config);
  if (sample === undefined) return undefined;
  const measured = config.measureTraining === 'next-batch' ? config.batchSize : config.data.trainSamples;
  const measurements = measureSteps(config.measure, config.steps).filter((at) => at <= step).length;
  return {
    training: 3 * sample * config.batchSize * step,
    measuring: sample * (measured + config.data.testSamples) * measurements,
  };
}

/** Operations of one sample's forward pass. */
export function forwardFlops({ model, data }: Pick<RunConfig, 'model' | 'data'>): number | undefined {
  if (data.name === 'own') return undefined;
  const side = imageSide(data);
  switch (model.kind) {
    case 'fc': {
      const sizes = model['sizes'] as number[];
      return 2 * sizes.slice(1).reduce((sum, size, layer) => sum + size * sizes[layer]!, 0);
    }
    case 'cnn': {
      const { channels = 300, dense = 500, pool = 6, poolStride = 1 } = model as Record<string, number | undefined>;
      const pooled = (size: number): number => Math.floor((size - pool) / poolStride) + 1;
      const first = pooled(side - 2);
      const second = pooled(first - 2);
      const convolutions =
        9 *
        channels *
        (side ** 2 * 3 + (side - 2) ** 2 * channels + first ** 2 * channels + (first - 2) ** 2 * channels);
      return 2 * (convolutions + second ** 2 * channels * dense + dense * 10);
    }
    case 'wrn': {
      const blocks = ((model['depth'] as number) - 4) / 6;
      const widen = model['widen'] as number;
      let flops = side ** 2 * 9 * 3 * 16;
      let channels = 16;
      let pixels = side;
      for (const [group, base] of [16, 32, 64].entries()) {
        const width = base * widen;
        if (group > 0) pixels = Math.ceil(pixels / 2);
        // First block: its convolution and its 3x3 shortcut read the old width.
        flops += pixels ** 2 * 9 * width * (2 * channels + width + (blocks - 1) * 2 * width);
        channels = width;
      }
      return 2 * (flops + channels * 10);
    }
    case 'resnet50':
      // 4.1e9 multiply-adds at 224 x 224 (He et al. 2016, table 1: 3.8e9 without counting the strided variant's 3x3).
      return 2 * 4.1e9;
    default:
      return undefined;
  }
}

/** Pixels a side after the averaging that `data.shrink` asks for. */
function imageSide(data: RunConfig['data']): number {
  const sides: Record<string, number> = { mnist: 28, synthetic: 28, cifar10: 32, imagenet: 224 };
  const side = sides[data.name] ?? Number.NaN;
  return side / ((data['shrink'] as number | undefined) ?? 1);
}

/** Hours on a GPU at GPU_USE of its peak. */
export function gpuHours(flops: number, gpu: string): number {
  const found = gpus[gpu];
  if (!found)
    throw new RangeError(`GPU ${JSON.stringify(gpu)} is not known; known are ${Object.keys(gpus).join(', ')}`);
  return flops / (GPU_USE * found.flops) / 3600;
}
