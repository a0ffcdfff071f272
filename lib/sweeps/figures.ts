/** Which figure rests on which sweeps: the one place that says so. A workbook opens its figure by this map (openFigure), `npm run train -- --list` prints it. */

/** A part of a figure that has logs of its own: a network, or a panel. */
export interface FigurePart {
  /** Letters of the paper's panels; empty where the figure has none. */
  panels: string;
  /** The sweep that is judged, then what it is compared with or goes on in. */
  sweeps: readonly [judged: string, ...others: string[]];
}

export const FIGURES = {
  '1': {
    a: { panels: 'a', sweeps: ['wrn-budget'] },
    b: { panels: 'b', sweeps: ['wrn-momentum-lambda'] },
    c: { panels: 'c', sweeps: ['wrn-autol2'] },
  },
  '2': {
    FC: { panels: 'abc', sweeps: ['fc-eta-lambda'] },
    WRN: { panels: 'def', sweeps: ['wrn-eta-lambda', 'wrn-eta-lambda-4096'] },
  },
  '3': {
    CNN: { panels: 'abc', sweeps: ['cnn-lambda'] },
    'CNN with batch norm': { panels: 'def', sweeps: ['cnn-bn-lambda'] },
  },
  '4': { WRN: { panels: '', sweeps: ['wrn-momentum-lambda'] } },
  '5': { network: { panels: '', sweeps: ['relu-two-layer'] } },
  S1: {
    FC: { panels: '', sweeps: ['fc-eta-lambda'] },
    WRN: { panels: '', sweeps: ['wrn-eta-lambda'] },
  },
  S2: { WRN: { panels: '', sweeps: ['wrn-momentum-lambda'] } },
  S3: { WRN: { panels: '', sweeps: ['wrn-momentum-lambda'] } },
  S4: { WRN: { panels: '', sweeps: ['wrn-momentum-lambda'] } },
  S5: { FC: { panels: '', sweeps: ['fc-mse-eta-lambda'] } },
  S6: {
    FC: { panels: '', sweeps: ['fc-eta-lambda'] },
    WRN: { panels: '', sweeps: ['wrn-eta-lambda', 'wrn-eta-lambda-4096'] },
    CNN: { panels: '', sweeps: ['cnn-lambda'] },
    'CNN with batch norm': { panels: '', sweeps: ['cnn-bn-lambda'] },
  },
  S7: { FC: { panels: '', sweeps: ['fc-narrow-lambda'] } },
  S8: { 'ResNet-50': { panels: '', sweeps: ['resnet-eta-lambda'] } },
  S9: { WRN: { panels: '', sweeps: ['wrn-autol2'] } },
  S10: { WRN: { panels: '', sweeps: ['wrn-autol2', 'wrn-autol2-long'] } },
  S11: {
    FC: { panels: '', sweeps: ['fc-autol2', 'fc-eta-lambda'] },
    CNN: { panels: '', sweeps: ['cnn-autol2', 'cnn-lambda'] },
    'CNN with batch norm': { panels: '', sweeps: ['cnn-autol2', 'cnn-bn-lambda'] },
  },
  S12: { WRN: { panels: '', sweeps: ['wrn-budget'] } },
  beyond: {
    norm: { panels: '', sweeps: ['wrn-momentum-lambda'] },
    SGD: { panels: '', sweeps: ['wrn-eta-lambda'] },
    angle: { panels: '', sweeps: ['wrn-layers'] },
    budget: { panels: '', sweeps: ['wrn-momentum-lambda', 'resnet-eta-lambda'] },
    AdamW: { panels: '', sweeps: ['fc-adamw', 'fc-eta-lambda'] },
  },
  theory: {
    'two layers': { panels: '', sweeps: ['kernel-decay'] },
    'several layers': { panels: '', sweeps: ['deep-kernel-decay'] },
    kinks: { panels: '', sweeps: ['kernel-kinks'] },
    'fixed points': { panels: '', sweeps: ['deep-linear'] },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FigurePart>>>>;

/** The paper's number of a figure, or the name of a workbook beyond them. */
export type FigureName = keyof typeof FIGURES;

/** Names of a figure's parts. */
export type PartName<Figure extends FigureName> = keyof (typeof FIGURES)[Figure] & string;

/** The parts of a figure by name. @throws RangeError that lists the figures for one that rests on no sweep */
export function partsOf(figure: string): Readonly<Record<string, FigurePart>> {
  if (!Object.hasOwn(FIGURES, figure))
    throw new RangeError(`no figure ${figure} rests on a sweep; those that do: ${Object.keys(FIGURES).join(', ')}`);
  return FIGURES[figure as FigureName];
}

/** The panels (`2a`) and figures (`S1`) that read a sweep, in the paper's order. */
export function figuresOf(sweep: string): string[] {
  return Object.keys(FIGURES).flatMap((figure) =>
    Object.values(partsOf(figure))
      .filter(({ sweeps }) => sweeps.includes(sweep))
      .flatMap(({ panels }) => panelNames(figure, panels)),
  );
}

/** `['2a', '2b', '2c']` for figure 2 and the letters abc; the figure itself where it has no panels. */
export const panelNames = (figure: string, letters: string): string[] =>
  letters === '' ? [figure] : Array.from(letters, (letter) => figure + letter);
