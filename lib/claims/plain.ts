/** Plain words for a reader from another field: what was trained, on what, how often, and what is smaller than in the paper. */

import { settings } from '../analysis/index.ts';
import type { Estimate, OpenSweep, Part, PartVerdict, PresetName, SweepPlan } from '../analysis/index.ts';
import type { RunConfig } from '../runs/index.ts';

const NETWORKS: Record<string, string> = {
  fc: 'fully connected network',
  cnn: 'convolutional network',
  wrn: 'wide residual network',
  resnet50: 'residual network',
  'relu-two-layer': 'two-layer network',
};

const PICTURES: Record<string, string> = {
  mnist: 'images of handwritten digits',
  cifar10: 'photographs of ten kinds of things',
  imagenet: 'photographs of a thousand kinds of things',
};

const many = (count: number): string => count.toLocaleString('en');

/** `a small wide residual network`: small where it is not the paper's. */
export function network(plan: SweepPlan, preset: string): string {
  const kind = String(plan.runs(preset as PresetName)[0]?.config.model.kind);
  const own = settings(plan, preset as PresetName).find(({ setting }) => setting === 'network');
  return `a ${own?.differs ? 'small ' : ''}${NETWORKS[kind] ?? kind}`;
}

/** `1,024 photographs of ten kinds of things, 8×8 pixels each` */
export function images({ data }: Pick<RunConfig, 'data'>): string {
  const side = data.name === 'cifar10' ? 32 / (data.shrink ?? 1) : undefined;
  return `${many(data.trainSamples)} ${PICTURES[data.name] ?? `${data.name} samples`}${side && side < 32 ? ` at ${side}×${side} pixels` : ''}`;
}

/** `We trained a small wide residual network on 1,024 photographs ... 60 times` */
export function trained(plan: SweepPlan, { preset, runs }: OpenSweep, count = runs.length): string {
  const config = plan.runs(preset as PresetName)[0]!.config;
  const times = count === 0 ? 'not yet, to be trained' : count === 1 ? 'once' : `${many(count)} times`;
  return `${network(plan, preset)} trained ${times} on ${images(config)}`;
}

/** What the paper trained instead: `the paper’s network is larger and saw 50,000 photographs at 32×32 pixels`. */
export function smaller(plan: SweepPlan, preset: string): string {
  if (preset === 'paper') return 'network and images are the paper’s';
  const differs = new Set(
    settings(plan, preset as PresetName)
      .filter((each) => each.differs)
      .map(({ setting }) => setting),
  );
  const theirs = plan.runs('paper')[0]!.config;
  const own = plan.runs(preset as PresetName)[0]!.config;
  const what = [
    differs.has('network') && 'had a larger network',
    theirs.data.name !== own.data.name && `had ${images(theirs)}`,
    theirs.data.name === own.data.name &&
      theirs.data.trainSamples > own.data.trainSamples &&
      `had ${many(theirs.data.trainSamples)} images`,
    (own.data.shrink ?? 1) > (theirs.data.shrink ?? 1) && `saw them at ${32 / (theirs.data.shrink ?? 1)} pixels a side`,
  ].filter((each) => each !== false);
  return what.length === 0
    ? 'network and images are the paper’s, the list of settings is shorter'
    : `the paper ${joined(what)}`;
}

/** `a, b and c` */
export const joined = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** The words for what a part came to. */
export const outcome = ({ verdict }: Pick<Part, 'verdict'>, words: Record<PartVerdict, string>): string =>
  words[verdict];

/** `by 1.5 points (95 % sure of 0.2 to 2.9)`: a difference of accuracies, without its sign. */
export function points({ value, low, high }: Estimate): string {
  const sign = value < 0 ? -1 : 1;
  const [from, to] = sign < 0 ? [-high, -low] : [low, high];
  const one = (share: number) => (100 * share).toFixed(1);
  return Number.isFinite(low)
    ? `by ${one(sign * value)} points of accuracy (95 % sure of ${one(from)} to ${one(to)})`
    : `by ${one(sign * value)} points of accuracy (one seed)`;
}

/** What one network was, what came out of it, and what the paper had instead. */
export interface Account {
  /** From `trained`. */
  what: string;
  found: readonly string[];
  /** From `smaller`. */
  paper: string;
}

/** The sentence: what was trained and what came out, network by network; how many parts are sure; what the paper had. */
export function sentences(accounts: readonly Account[], parts: readonly Part[]): string {
  const count = (verdict: PartVerdict) => parts.filter((part) => part.verdict === verdict).length;
  const sure = (['shown', 'not shown', 'undecided'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`);
  const told = accounts.map(({ what, found }) => (found.length === 0 ? what : `${what}: ${joined(found)}`)).join('; ');
  const papers = [...new Set(accounts.map(({ paper }) => paper))];
  return `${told[0]!.toUpperCase()}${told.slice(1)} (of ${parts.length} part${parts.length === 1 ? '' : 's'} of the claim ${joined(sure)}); ${papers.join('; ')}.`;
}

/** The same of one network. */
export const sentence = (what: string, found: readonly string[], parts: readonly Part[], paper: string): string =>
  sentences([{ what, found, paper }], parts);
