/** What a preset trains, in words taken from its configurations: workbooks state no size of their own. */

import type { RunConfig } from '../runs/index.ts';
import type { PresetName, SweepPlan } from './open.ts';

export interface Setting {
  setting: string;
  paper: string;
  here: string;
  differs: boolean;
}

/** The settings of a preset beside the paper's, and whether they differ; read from the sweep's definition, not from logs. */
export function settings(plan: SweepPlan, preset: PresetName): Setting[] {
  const [paper, here] = (['paper', preset] as const).map((name) => plan.runs(name).map(({ config }) => config));
  return Object.entries(DESCRIBED).map(([setting, describe]) => {
    const [theirs, ours] = [describe(paper!), describe(here!)];
    return { setting, paper: theirs, here: ours, differs: theirs !== ours };
  });
}

/** One sentence for a verdict: what is trained instead of the paper's. Undefined for the paper's preset. */
export function standIn(plan: SweepPlan, preset: PresetName): string | undefined {
  const differing = settings(plan, preset).filter(({ differs }) => differs);
  if (differing.length === 0) return undefined;
  const large = differing.filter(({ setting }) => setting === 'network' || setting === 'data');
  if (large.length === 0)
    return `the paper's network and data; cut or ours: ${differing.map(({ setting }) => setting).join(', ')}`;
  return large.map(({ paper, here }) => `${here} instead of ${paper}`).join('; ');
}

const DESCRIBED: Record<string, (configs: readonly RunConfig[]) => string> = {
  network: (configs) => each(configs, network),
  data: (configs) => each(configs, data),
  batch: (configs) => each(configs, ({ batchSize }) => String(batchSize)),
  shuffle: (configs) =>
    each(configs, ({ shuffle, batchSize, data: { trainSamples } }) =>
      batchSize >= trainSamples
        ? 'none, the whole set is one batch'
        : shuffle?.kind === 'sharded'
          ? `${shuffle.shards} fixed parts, each shuffled on its own`
          : 'over the whole set',
    ),
  'learning rate η': (configs) => list(configs.map(({ eta }) => eta)),
  'L2 coefficient λ': (configs) => list(configs.map(({ lambda }) => lambda)),
  'L2 term': (configs) =>
    each(configs, ({ l2Convention }) => (l2Convention === 'half' ? '(λ/2) Σθ²' : 'λ Σθ² (as in the authors’ code)')),
  'length in steps': (configs) => span(configs.map(({ steps }) => steps)),
  'momentum; augmentation': (configs) => each(configs, motion),
  'initial scale σ_w': (configs) => list(configs.map(({ sigmaW }) => Number(sigmaW.toPrecision(4)))),
  seeds: (configs) => String(new Set(configs.map(({ seed }) => seed)).size),
  'training accuracy is of': (configs) =>
    each(configs, ({ measureTraining }) =>
      measureTraining === 'next-batch' ? 'the next batch, as trained on' : 'the training set',
    ),
  runs: (configs) => String(configs.length),
};

function each(configs: readonly RunConfig[], of: (config: RunConfig) => string): string {
  return [...new Set(configs.map(of))].join('; ');
}

/** Up to eight values, else how many and from where to where. */
function list(values: readonly number[]): string {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return sorted.length <= 8 ? sorted.join(', ') : `${sorted.length} values from ${sorted[0]} to ${sorted.at(-1)}`;
}

function span(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

const number = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en') : String(value));

function network({ model }: RunConfig): string {
  const pixels = model['imageSize'] as number | undefined;
  const image = pixels === undefined ? '' : ` for ${pixels}×${pixels} pixels`;
  switch (model.kind) {
    case 'fc':
      return `FC ${(model['sizes'] as number[]).join('-')}`;
    case 'wrn':
      return `WRN ${String(model['depth'])}-${String(model['widen'])}${image}`;
    case 'cnn':
      return `CNN, ${String(model['channels'])} channels, dense ${String(model['dense'])}${model['batchNorm'] ? ', batch norm' : ''}${image}`;
    case 'resnet50':
      return 'ResNet-50';
    default:
      return model.kind;
  }
}

const DATA: Record<string, string> = { mnist: 'MNIST', cifar10: 'CIFAR-10', imagenet: 'ImageNet' };

function data({ data: { name, trainSamples, testSamples, shrink } }: RunConfig): string {
  const averaged = (shrink ?? 1) > 1 ? `, averaged over ${shrink}×${shrink} pixels` : '';
  return `${number(trainSamples)} ${DATA[name] ?? name} images (tested on ${number(testSamples)})${averaged}`;
}

function motion({ momentum, nesterov, augmentation }: RunConfig): string {
  const first = momentum === 0 ? 'none' : `${momentum}${nesterov ? ' (Nesterov)' : ''}`;
  if (!augmentation) return `${first}; none`;
  const { flip, crop, mixup } = augmentation;
  const cropped = crop && `crop from ${crop} pixel${crop === 1 ? '' : 's'} of padding`;
  return `${first}; ${[flip && 'flip', cropped, mixup && 'mixup'].filter(Boolean).join(', ')}`;
}
